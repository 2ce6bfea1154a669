"""The line: each specimen from parcel to eligibility as stations, with the break where the work is. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.urls import reverse

from lims.web.case_pages import HOW
from lims.web.words import percent_of, said
from scoring.cases import ASSAY_LABELS
from scoring.models import Score
from scoring.patient_desk import ItemFacts, Lane, SlideFacts, Told
from scoring.rules.vocabulary import Assay, Eligibility, Phase
from scoring.views import CaseView
from scoring.whose_desk import stain_of
from specimens.vocabulary import STAIN_LABELS, RunControls, Stain

DONE, BROKEN, AHEAD, HIDDEN = "done", "broken", "ahead", "hidden-here"
LABELS = {Assay.HISTOLOGY: "histology", Assay.CAIX: "CA-IX"}
PHASES = {
    Phase.AWAITING_FIRST: "no read yet",
    Phase.AWAITING_SECOND: "1 read signed",
    Phase.DISCORDANT: "both signed",
    Phase.CONCLUDED: "signed",
}
Mays = Callable[..., bool]


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of a station: words, then an identifier that may be a link."""

    text: str = ""
    ident: str = ""
    href: str = ""


@dataclass(frozen=True, slots=True)
class Station:
    """`state` is one of done, broken, ahead, hidden-here; `attention` marks a word that wants looking at."""

    title: str
    state: str
    word: str
    facts: tuple[Fact, ...] = ()
    on: date | datetime | None = None
    quiet: str = ""
    action: str = ""
    href: str = ""
    attention: bool = False
    synthetic: bool = False


@dataclass(frozen=True, slots=True)
class DrawnLane:
    """One specimen's line, ready to be drawn. `stops` names the station of the break, or is blank."""

    lane: Lane
    title: str
    stations: tuple[Station, ...]
    stops: str
    synthetic: bool


@dataclass(frozen=True, slots=True)
class Ground:
    """What the stations of one lane stand on. `may` answers for the viewer."""

    lane: Lane
    cases: dict[Assay, CaseView]
    score: Score | None
    may: Mays

    @property
    def settled(self) -> bool:
        """Is the answer out already, so that nothing more is needed?"""
        return self.score is not None and self.score.eligibility != Eligibility.INDETERMINATE


def draw(lane: Lane, cases: Sequence[CaseView], told: Told, may: Mays, *, speaks: bool, outcome: Station) -> DrawnLane:
    """The stations of one specimen; eligibility and outcome stand on the line that speaks for the patient."""
    standing = {case.assay: case for case in cases if case.specimen == lane.accession and not case.closed_because}
    ground = Ground(lane, standing, told.scores.get(lane.id), may)
    walked = [
        parcel(ground),
        block(ground),
        sections(ground),
        stain(ground),
        reads(ground),
        consensus(ground),
        score(ground),
    ]
    if speaks:
        walked.append(eligibility(ground))
    stations = broken_once(walked)
    stops = next((each.title.lower() for each in stations if each.state == BROKEN), "")
    if speaks:
        stations.append(outcome)
    return DrawnLane(lane, title_of(lane), tuple(stations), stops, lane.synthetic)


def title_of(lane: Lane) -> str:
    where = "kidney" if lane.topography.startswith("C64") else lane.topography
    return f"{lane.kind.capitalize()}, {f'{lane.laterality} ' if lane.laterality else ''}{where}"


def broken_once(stations: Sequence[Station]) -> list[Station]:
    """Only the first break is work; what comes after it lies ahead, without an action of its own."""
    drawn: list[Station] = []
    for each in stations:
        if each.state == BROKEN and any(other.state == BROKEN for other in drawn):
            drawn.append(replace(each, state=AHEAD, action="", href=""))
        else:
            drawn.append(each)
    return drawn


# ---- one function a station ----
def parcel(ground: Ground) -> Station:
    items = ground.lane.items
    here = [item for item in items if item.received_at]
    facts = tuple(
        Fact(ident=name, href=reverse("parcel", args=[name])) for name in dict.fromkeys(i.parcel for i in items)
    )
    if here:
        bad = [item for item in here if item.condition != "intact"]
        word = condition_word(bad) if bad else "received"
        return Station("Parcel", DONE, word, facts[:3], here[0].received_at, here[0].sender, attention=bool(bad))
    if items:
        acts = ground.may("specimens.receive")
        to = reverse("receive", args=[items[-1].parcel]) if acts else ""
        return Station(
            "Parcel",
            BROKEN,
            "on its way",
            facts[:3],
            items[-1].sent_on,
            items[-1].sender,
            "Receive it" if acts else "",
            to,
        )
    if ground.lane.slides:
        return Station("Parcel", DONE, "on record", quiet=ground.lane.holder)
    acts = ground.may("specimens.announce")
    return Station(
        "Parcel", BROKEN, "not announced", quiet=ground.lane.holder,
        action="Announce a parcel" if acts else "", href=reverse("announce") if acts else "",
    )  # fmt: skip


def condition_word(items: Sequence[ItemFacts]) -> str:
    words = ", ".join(dict.fromkeys(said(item.condition) for item in items))
    return f"{len(items)} {words}"


def block(ground: Ground) -> Station:
    held = list(ground.lane.blocks.values())
    if not held:
        return Station("Block", AHEAD, "none on record")
    facts = tuple(Fact(ident=each.accession, href=reverse("block", args=[each.accession])) for each in held[:3])
    more = (Fact(f"and {len(held) - 3} more"),) if len(held) > 3 else ()
    lent = next((item for item in ground.lane.items if item.terms), None)
    terms = (Fact(f"on {lent.terms}" if lent.terms == "loan" else lent.terms),) if lent else ()
    here = [each for each in held if each.last in ("received", "sectioned")]
    word = "here" if here else said(held[0].last) or "not here"
    state = DONE if here or ground.lane.slides else AHEAD
    return Station("Block", state, word, facts + more + terms, quiet=held[0].holder)


def sections(ground: Ground) -> Station:
    slides = list(ground.lane.slides.values())
    if not slides:
        block_here = next((b for b in ground.lane.blocks.values() if b.last == "received"), None)
        acts = block_here is not None and ground.may("specimens.cut")
        to = reverse("cut", args=[block_here.accession]) if acts and block_here else ""
        return Station(
            "Sections",
            BROKEN if block_here else AHEAD,
            "none cut",
            action="Cut sections" if acts else "",
            href=to,
        )
    unstained = sum(not stain_of(ground.lane, slide) for slide in slides)
    cut = max((slide.cut_on for slide in slides if slide.cut_on), default=None)
    word = f"{len(slides)} slide{'' if len(slides) == 1 else 's'}"
    facts = (Fact(f"{unstained} unstained" if unstained else "all stained"),)
    return Station("Sections", DONE, word, facts, cut, "" if cut else "cut date not known")


def stain(ground: Ground) -> Station:
    slides = list(ground.lane.slides.values())
    by_stain = {each: [s for s in slides if stain_of(ground.lane, s) == each] for each in Stain}
    facts = tuple(
        Fact(STAIN_LABELS[each], found[-1].accession, reverse("slide", args=[found[-1].accession]))
        for each, found in by_stain.items() if found
    )  # fmt: skip
    on = max((s.stained_on for s in slides if s.stained_on), default=None)
    caix = by_stain[Stain.CAIX]
    states = {slide.controls for slide in caix}
    if ground.settled or (RunControls.PASSED in states and by_stain[Stain.HE]):
        return Station("Stain", DONE, "controls passed" if RunControls.PASSED in states else "stained", facts, on)
    if not slides:
        return Station("Stain", AHEAD, "not yet")
    return lacking_stain(ground, by_stain, facts, on)


def lacking_stain(
    ground: Ground, by_stain: dict[Stain, list[SlideFacts]], facts: tuple[Fact, ...], on: date | None
) -> Station:
    """What the stain waits for, and who may do it."""
    caix = by_stain[Stain.CAIX]
    pending = next((slide for slide in caix if slide.controls == RunControls.PENDING), None)
    if pending:
        acts = ground.may("specimens.control")
        to = reverse("run", args=[pending.run]) if acts else ""
        return Station("Stain", BROKEN, "controls awaited", facts, on, "", "Record the controls" if acts else "", to)
    acts = ground.may("specimens.stain")
    to = reverse("stain") if acts else ""
    if caix and RunControls.PASSED not in {slide.controls for slide in caix}:
        return Station("Stain", BROKEN, "control failed", facts, on, "", "Stain another section" if acts else "", to)
    lacks = " and ".join(STAIN_LABELS[each] for each in Stain if not by_stain[each])
    return Station("Stain", BROKEN, f"{lacks} not stained", facts, on, "", "Stain a section" if acts else "", to)


def case_facts(ground: Ground, words: Callable[[CaseView], str]) -> tuple[Fact, ...]:
    return tuple(
        Fact(
            f"{LABELS[assay]}: {words(ground.cases[assay])}",
            ground.cases[assay].code,
            reverse("case", args=[ground.cases[assay].code]),
        )
        for assay in Assay
        if assay in ground.cases
    )


def phases(ground: Ground) -> list[Phase]:
    return [case.phase for case in ground.cases.values() if case.phase]


def reads(ground: Ground) -> Station:
    found = phases(ground)
    if not found:
        return Station("Reads", AHEAD, "not yet", quiet="a case opens once the slide is stained")
    facts = case_facts(ground, lambda case: PHASES[case.phase] if case.phase else "")
    made_up = any(is_synthetic(case) for case in ground.cases.values())
    signed = sum({Phase.AWAITING_FIRST: 0, Phase.AWAITING_SECOND: 0}.get(phase, 1) for phase in found)
    if signed == len(found) and (len(found) == 2 or ground.settled):
        return Station("Reads", DONE, "all signed", facts, quiet="names withheld", synthetic=made_up)
    word = f"{signed} of 2 assays signed"
    state = BROKEN if signed < len(found) else AHEAD
    return Station("Reads", state, word, facts, quiet="names withheld", synthetic=made_up)


def is_synthetic(case: CaseView) -> bool:
    return case.synthetic or any(read.synthetic for read in case.reads)


def consensus(ground: Ground) -> Station:
    found = phases(ground)
    if Phase.DISCORDANT in found:
        facts = case_facts(ground, lambda case: "the reads differ" if case.phase is Phase.DISCORDANT else "")
        return Station("Consensus", BROKEN, "reads differ", facts, quiet="waits for an adjudicator")
    if found and set(found) == {Phase.CONCLUDED} and (len(found) == 2 or ground.settled):
        facts = tuple(
            Fact(f"{LABELS[assay]}: {how_of(ground.cases[assay])}") for assay in Assay if assay in ground.cases
        )
        return Station("Consensus", DONE, "concluded", facts)
    word = f"{found.count(Phase.CONCLUDED)} of 2 concluded" if Phase.CONCLUDED in found else "not yet"
    return Station("Consensus", AHEAD, word)


def how_of(case: CaseView) -> str:
    return HOW[case.consensus.how].removeprefix("the ") if case.consensus else "concluded"


def score(ground: Ground) -> Station:
    if not ground.may("scoring.view_scores"):
        return Station("Score", HIDDEN, "not shown", (Fact("to your role, computed or not"),))
    found = ground.score
    if found is None:
        return Station("Score", AHEAD, "not yet")
    number = f", {percent_of(found.caix)}" if found.caix is not None else ""
    facts = (Fact(f"CA-IX {said(found.caix_level)}{number}"),)
    return Station(
        "Score", DONE, said(found.risk), facts, found.computed_at, f"edition {found.edition}", synthetic=found.synthetic
    )


def eligibility(ground: Ground) -> Station:
    if not ground.may("scoring.view_scores"):
        return Station("Eligibility", HIDDEN, "not shown", (Fact("to your role, computed or not"),))
    found = ground.score
    if found is None:
        return Station("Eligibility", AHEAD, "not yet")
    facts = (Fact(said(found.compartment)), Fact(href="#why", ident="why?"))
    state = DONE if ground.settled else AHEAD
    return Station(
        "Eligibility",
        state,
        said(found.eligibility),
        facts,
        found.computed_at,
        "investigational",
        synthetic=found.synthetic,
    )


assert set(LABELS) == set(ASSAY_LABELS), "both assays are named"
