"""Synthetic sections the core cuts from the cohort's blocks, and the runs that stain them.

Two sections a patient, H&E and CA-IX, from the first tumour portion; about 24 slides to a run.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from lims.demo import words
from lims.demo.chance import Chance
from lims.demo.rows import PortionRow

RUN_SIZE = 24
FAILED_RUN = 8
REST_DAYS = 60
OLD_SHARE = 0.05


@dataclass(frozen=True, slots=True)
class StainRun:
    """A batch stained together. controls: passed, failed, or None while they are awaited.

    failed_control names the control that failed (positive or negative); `repeats` the run this one
    makes good; `slides` are section labels.
    """

    number: str
    stain: str
    clone: str
    lot: str
    dilution: str
    platform: str
    stained: date
    controls: str | None
    controls_on: date | None
    failed_control: str | None
    repeats: str | None
    slides: tuple[str, ...]
    synthetic: bool = True


@dataclass(frozen=True, slots=True)
class Section:
    """A section on glass cut by the core from a real portion; run and stained are None until stained."""

    label: str
    patient: str
    portion: str
    stain: str
    cut: date
    run: str | None
    stained: date | None
    synthetic: bool = True

    @property
    def age_days(self) -> int | None:
        """Stain date less cut date, in days."""
        return None if self.stained is None else (self.stained - self.cut).days


@dataclass(frozen=True, slots=True)
class Bench:
    """What the bench did: its runs in order, and every section cut."""

    runs: tuple[StainRun, ...]
    sections: tuple[Section, ...]


def batches(blocks: Sequence[PortionRow], seed: int) -> Bench:
    """Cut and stain these blocks in order, RUN_SIZE to a run; one run's control fails and is repeated."""
    benches = [
        _batch(blocks[start : start + RUN_SIZE], start // RUN_SIZE + 1, seed)
        for start in range(0, len(blocks), RUN_SIZE)
    ]
    return joined(benches)


def batch(blocks: Sequence[PortionRow], name: str, stained: date, seed: int, *, awaiting: bool = False) -> Bench:
    """One batch stained on a given day; `awaiting` leaves the CA-IX run's controls to be read."""
    he = [_section(block, words.HE, 1, _cut(block, stained, seed), name, stained) for block in blocks]
    caix = [_section(block, words.CAIX, 1, _cut(block, stained, seed), name, stained) for block in blocks]
    runs = (
        _run(words.HE, name, stained, he, words.PASSED),
        _run(words.CAIX, name, stained, caix, None if awaiting else words.PASSED),
    )
    return Bench(runs, (*he, *caix))


def cut_only(blocks: Sequence[PortionRow], cut: date) -> Bench:
    """Sections cut and not yet stained."""
    stains = (words.HE, words.CAIX)
    sections = (_section(block, stain, 1, cut, None, None) for stain in stains for block in blocks)
    return Bench((), tuple(sections))


def joined(benches: Iterable[Bench]) -> Bench:
    """Several benches' work as one, in order."""
    kept = list(benches)
    return Bench(
        tuple(run for bench in kept for run in bench.runs),
        tuple(section for bench in kept for section in bench.sections),
    )


def workday(day: date, step: int = 1) -> date:
    """The day itself, or the next one (the one before, step -1) that is no Saturday or Sunday."""
    while day.weekday() > 4:
        day += timedelta(days=step)
    return day


def _batch(blocks: Sequence[PortionRow], place: int, seed: int) -> Bench:
    stained = workday(max(block.created for block in blocks) + timedelta(days=REST_DAYS))
    done = batch(blocks, f"{place:02}", stained, seed)
    return _repeated(done, blocks, f"{place:02}") if place == FAILED_RUN else done


def _repeated(done: Bench, blocks: Sequence[PortionRow], name: str) -> Bench:
    """The same batch with its CA-IX control failed, new sections cut and stained a week later."""
    he_run, first = done.runs
    cut, again = workday(first.stained + timedelta(days=3)), workday(first.stained + timedelta(days=8))
    fresh = [_section(block, words.CAIX, 2, cut, f"{name}R", again) for block in blocks]
    failed = _run(words.CAIX, name, first.stained, _stained_by(done, first), words.FAILED)
    repeat = _run(words.CAIX, f"{name}R", again, fresh, words.PASSED, repeats=failed.number)
    return Bench((he_run, failed, repeat), (*done.sections, *fresh))


def _stained_by(bench: Bench, run: StainRun) -> list[Section]:
    return [section for section in bench.sections if section.run == run.number]


def _cut(block: PortionRow, stained: date, seed: int) -> date:
    """Mostly within six weeks of the stain, a few older than the 42 days that warn."""
    chance = Chance(seed, block.barcode, "cut")
    age = chance.whole(45, 56) if chance.under(OLD_SHARE) else chance.whole(3, 38)
    return workday(stained - timedelta(days=age), -1)


def _section(block: PortionRow, stain: str, copy: int, cut: date, name: str | None, stained: date | None) -> Section:
    label = f"{block.barcode}-{'he' if stain == words.HE else 'ca'}{copy}"
    run = None if name is None else _number(stain, name)
    return Section(label, block.patient, block.barcode, stain, cut, run, stained)


def _run(
    stain: str,
    name: str,
    stained: date,
    sections: Sequence[Section],
    controls: str | None,
    repeats: str | None = None,
) -> StainRun:
    immuno = stain == words.CAIX
    return StainRun(
        number=_number(stain, name),
        stain=stain,
        clone="M75" if immuno else "",
        lot=f"SYN-{stained:%Y}-{1 + stained.month // 7}",
        dilution="1:5000" if immuno else "",
        platform="synthetic stainer",
        stained=stained,
        controls=controls,
        controls_on=workday(stained + timedelta(days=1)) if controls else None,
        failed_control="positive" if controls == words.FAILED else None,
        repeats=repeats,
        slides=tuple(section.label for section in sections),
    )


def _number(stain: str, name: str) -> str:
    return f"SYN-{'HE' if stain == words.HE else 'CA9'}-{name}"
