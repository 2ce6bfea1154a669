"""The rule that gives cases to readers: balanced, never the same pair always, the same answer every time."""

from collections import Counter

from scoring.rota import Rota


def given_out(readers: list[int], cases: int, load: dict[int, int] | None = None) -> list[tuple[int, ...]]:
    rota = Rota(load or {})
    return [rota.give(f"C{number}", 2, readers) for number in range(cases)]


def test_the_work_is_balanced() -> None:
    held = Counter(reader for pair in given_out([1, 2, 3, 4], 40) for reader in pair)
    assert max(held.values()) - min(held.values()) <= 1


def test_every_pair_meets_about_as_often() -> None:
    pairs = Counter(given_out([1, 2, 3, 4], 60))
    assert set(pairs) == {(1, 2), (1, 3), (1, 4), (2, 3), (2, 4), (3, 4)}
    assert max(pairs.values()) - min(pairs.values()) <= 2


def test_who_has_much_open_is_spared_first_but_not_for_ever() -> None:
    pairs = given_out([1, 2, 3], 20, {3: 6})
    assert pairs[:4] == [(1, 2)] * 4 or 3 not in pairs[0]
    assert any(3 in pair for pair in pairs)


def test_two_quick_readers_do_not_always_meet_while_the_third_is_slow() -> None:
    rota = Rota({3: 5})
    pairs = []
    for number in range(12):
        pair = rota.give(f"C{number}", 2, [1, 2, 3])
        pairs.append(pair)
        for reader in pair:
            rota.load[reader] -= reader != 3
    assert any(3 in pair for pair in pairs)


def test_the_second_place_goes_beside_whom_the_first_met_least() -> None:
    rota = Rota({}, [[frozenset((1, 2))], [frozenset((1, 2))]])
    assert rota.give("CASE", 1, [2, 3], beside=[1]) == (3,)


def test_too_few_readers_are_none() -> None:
    assert Rota({}).give("CASE", 2, [1]) == ()
    assert Rota({}).give("CASE", 0, [1, 2]) == ()


def test_the_same_case_and_readers_give_the_same_answer() -> None:
    assert given_out([5, 6, 7], 9) == given_out([7, 6, 5], 9)
