"""Marks on the slide: one's own while the read is not signed, nobody else's until the case has concluded."""

import pytest

from scoring.marking import MarkView, marks_of, picture_marked, remove_mark, set_mark
from scoring.models import Mark, ReadingCase
from scoring.queries import case_for
from scoring.vocabulary import MarkKind
from specimens.errors import Invalid, Refused, Unknown
from specimens.imaging import attach_image
from specimens.models import LedgerEntry
from specimens.vocabulary import Stain
from tests.cast import AT, Cast
from tests.lims.web.pictures import a_picture
from tests.refusals import forbidden, refused
from tests.scoring.desk import LATER, PAPILLARY, a_case, corrects, decides, signs
from tests.stories import House

SQUARE = [(1, 1), (10, 1), (10, 10), (1, 10)]


@pytest.fixture
def case(cast: Cast, house: House) -> ReadingCase:
    made = a_case(cast, house)
    attach_image(by=cast.bench, at=AT, slide=made.slide, name="a.png", content=a_picture())
    return made


def marks(person: object, case: ReadingCase, kind: str = "region", shape: object = SQUARE, note: str = "") -> Mark:
    picture = picture_marked(case_for(person, case.code), 1)
    return set_mark(by=person, at=LATER, case=case, picture=picture, kind=MarkKind(kind), shape=shape, note=note)


def seen(person: object, case: ReadingCase) -> list[tuple[str, str]]:
    return [(mark.whose, mark.note) for mark in marks_of(person, case_for(person, case.code))]


def test_a_reader_sets_a_region_and_a_point(cast: Cast, case: ReadingCase) -> None:
    marks(cast.reader, case, note=" necrosis ")
    marks(cast.reader, case, "point", [(3.14159, 4)])
    first, second = marks_of(cast.reader, case_for(cast.reader, case.code))
    assert isinstance(first, MarkView)
    assert (first.kind, first.note, first.picture, first.whose) == ("region", "necrosis", 1, "yours")
    assert second.shape == [[3.1, 4.0]]
    line = LedgerEntry.objects.filter(deed="set mark").first()
    assert line.sentence == f"Case {case.code}: histology, a region was marked."
    assert "necrosis" not in line.sentence


def test_a_mark_taken_away_stays_on_record(cast: Cast, case: ReadingCase) -> None:
    mark = marks(cast.reader, case)
    remove_mark(by=cast.reader, at=LATER, case=case, mark_id=mark.pk)
    assert seen(cast.reader, case) == []
    assert Mark.objects.get().removed_at == LATER
    with refused("unknown_mark", f"You have no such mark on case {case.code}.", Unknown):
        remove_mark(by=cast.reader, at=LATER, case=case, mark_id=mark.pk)


def test_after_the_signature_marks_stay_as_they_are(cast: Cast, case: ReadingCase) -> None:
    mark = marks(cast.reader, case)
    signs(cast.reader, case)
    said = f"Your read of case {case.code} is signed: its marks stay as they are."
    with refused("read_signed", said):
        marks(cast.reader, case)
    with refused("read_signed", said):
        remove_mark(by=cast.reader, at=LATER, case=case, mark_id=mark.pk)


def test_nobody_takes_anothers_mark_away(cast: Cast, case: ReadingCase) -> None:
    mark = marks(cast.reader, case)
    with pytest.raises(Unknown):
        remove_mark(by=cast.second_reader, at=LATER, case=case, mark_id=mark.pk)


def test_only_who_may_read_marks(cast: Cast, case: ReadingCase) -> None:
    for person in (cast.bench, cast.coordinator, cast.statistician):
        with forbidden("Only pathologists sign reads."):
            marks(person, case)


def test_marks_are_as_blind_as_the_read(cast: Cast, case: ReadingCase) -> None:
    """The other reader, a third one and the adjudicator see none before the case concludes; then those of the reads."""
    marks(cast.reader, case, note="CANARYONE")
    marks(cast.third_reader, case, note="CANARYTHREE")
    signs(cast.reader, case)
    marks(cast.second_reader, case, note="CANARYTWO")
    others = (cast.third_reader, cast.bench, cast.coordinator, cast.statistician)
    assert [seen(each, case) for each in others] == [[("yours", "CANARYTHREE")], [], [], []]
    signs(cast.second_reader, case, **PAPILLARY)
    marks(cast.adjudicator, case, note="CANARYDECISION")
    assert seen(cast.adjudicator, case) == [("yours", "CANARYDECISION")]
    assert seen(cast.reader, case) == [("yours", "CANARYONE")]
    assert seen(cast.second_reader, case) == [("yours", "CANARYTWO")]
    assert [seen(each, case) for each in (cast.bench, cast.coordinator, cast.statistician)] == [[], [], []]
    decides(cast.adjudicator, case)
    told = [("yours", "CANARYONE"), ("Read B", "CANARYTWO"), ("Decision", "CANARYDECISION")]
    assert seen(cast.reader, case) == told
    assert seen(cast.coordinator, case) == [("Read A", "CANARYONE"), *told[1:]]
    assert seen(cast.bench, case) == []
    assert seen(cast.third_reader, case) == [("yours", "CANARYTHREE")]


def test_a_case_that_opens_again_closes_its_marks_again(cast: Cast, case: ReadingCase) -> None:
    marks(cast.reader, case, note="CANARYONE")
    first = signs(cast.reader, case)
    signs(cast.second_reader, case)
    assert len(seen(cast.second_reader, case)) == 1
    corrects(cast.reader, first, **PAPILLARY)
    assert seen(cast.second_reader, case) == []
    assert seen(cast.adjudicator, case) == []


@pytest.mark.parametrize(
    ("kind", "shape", "words"),
    [
        ("point", SQUARE, "A point is one place"),
        ("region", SQUARE[:2], "3 to 200 corners"),
        ("region", [(1, 1)] * 201, "3 to 200 corners"),
        ("region", [(1, 1), (2, 2), (3, 3)], "encloses nothing"),
        ("region", [(-1, 1), (10, 1), (10, 10)], "lies outside the picture"),
        ("point", [(float("nan"), 1)], "lies outside the picture"),
        ("point", [(10**9, 1)], "lies outside the picture"),
    ],
)
def test_what_is_no_mark_says_why(cast: Cast, case: ReadingCase, kind: str, shape: object, words: str) -> None:
    with pytest.raises(Invalid, match=words) as caught:
        marks(cast.reader, case, kind, shape)
    assert caught.value.field == "shape"
    assert not Mark.objects.exists()


def test_a_note_fits_its_column(cast: Cast, case: ReadingCase) -> None:
    for note in ("x" * 501, "NUL \0"):
        with pytest.raises(Invalid) as caught:
            marks(cast.reader, case, note=note)
        assert caught.value.field == "note"


def test_a_picture_that_is_not_there(cast: Cast, case: ReadingCase) -> None:
    with pytest.raises(Invalid, match="has no picture 2"):
        picture_marked(case_for(cast.reader, case.code), 2)


def test_no_more_than_so_many(cast: Cast, case: ReadingCase, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scoring.marking.MOST_MARKS", 1)
    marks(cast.reader, case)
    with refused("too_many_marks", "There are 1 marks of yours on this case: take one away first."):
        marks(cast.reader, case)


def test_a_caix_case_waits_for_its_controls(cast: Cast, house: House) -> None:
    waiting = a_case(cast, house, Stain.CAIX, controls={})
    attach_image(by=cast.bench, at=AT, slide=waiting.slide, name="a.png", content=a_picture())
    with pytest.raises(Refused, match="have not passed yet"):
        marks(cast.reader, waiting)
