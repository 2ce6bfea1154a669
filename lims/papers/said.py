"""What was said of a patient at an instant, on paper: category, rule, reads with signatures, controls, edition."""

from datetime import datetime

from django.utils import timezone

from lims.papers.paper import Paper
from scoring.as_of import Said
from scoring.explaining import ScoreWhy
from scoring.views import ReadView


def said_paper(told: Said, *, made_at: datetime) -> bytes:
    """A4. The investigational notice stands at the head, before any category."""
    at, study_id = timezone.localtime(told.at), told.patient.study_id
    title = f"{study_id}: what was said as of {at:%Y-%m-%d %H:%M %Z}"
    paper = Paper(title, foot=f"patient {study_id}", made_at=made_at)
    if told.synthetic:
        paper.words("Synthetic: made up for a demonstration.", size=8.5)
    if told.said is None:
        paper.words("Nothing had been computed by then.")
        return paper.done()
    if told.why is None:
        paper.words(f"No score spoke for this patient: {told.said.because}.")
        return paper.done()
    paper.words(told.why.statement, bold=True)
    paper.words(told.why.sentence)
    because(paper, told, told.why)
    sources(paper, told.why)
    return paper.done()


def because(paper: Paper, told: Said, why: ScoreWhy) -> None:
    assert told.said is not None
    score, computed = told.said.score, timezone.localtime(told.said.computed_at)
    paper.facts(
        [
            ("Model and edition", f"{told.said.model} {told.said.edition}"),
            ("Computed", f"{computed:%Y-%m-%d %H:%M:%S %Z}"),
            ("Specimen", f"{score.specimen} ({told.said.basis}), because {told.said.because}"),
            ("Missing", score.missing.replace("|", ", ") or "nothing"),
        ]
    )
    conditions = [(each.risk, each.condition, each.here, each.holds) for each in why.conditions]
    paper.rows(("Risk", "Condition", "Here", "Holds"), conditions, (22, 60, 30, 18))
    if why.changes:
        paper.words("What would change it", size=10.5, bold=True, after=0.5)
        paper.rows(("If", "then"), [(each.if_, each.then) for each in why.changes], (75, 55))


def sources(paper: Paper, why: ScoreWhy) -> None:
    paper.words("The signed reads it came from", size=10.5, bold=True, after=0.5)
    paper.rows(("Signed by", "Meaning", "Signed", "SHA-256 of what was signed"), [signed(e) for e in why.reads],
               (34, 34, 28, 60))  # fmt: skip
    if why.controls:
        paper.words("Controls", size=10.5, bold=True, after=0.5)
        rows = [
            (str(each.run), each.get_kind_display(), "passed" if each.passed else "failed", f"{each.observed_on}")
            for each in why.controls
        ]
        paper.rows(("Run", "Control", "Result", "Observed"), rows, (34, 30, 20, 26))


def signed(read: ReadView) -> tuple[str, str, str, str]:
    moment = timezone.localtime(read.signed_at)
    return read.signer or read.label, f"{read.meaning} ({read.method})", f"{moment:%Y-%m-%d %H:%M %Z}", read.digest
