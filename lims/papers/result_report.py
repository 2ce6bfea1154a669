"""The signed result of a patient on paper, drawn from what was signed."""

from django.utils import timezone

from lims import report_words
from lims.papers.paper import Paper
from lims.papers.signed import signature
from scoring.models import ResultReport


def code_of(report: ResultReport) -> str:
    """What stands in the Data Matrix: enough to find the report and to hold its digest against the paper."""
    return f"RR {report.patient.trial.code} {report.patient.study_id} {report.number} {report.digest[:12]}"


def result_report(report: ResultReport, *, holds: bool, superseded_by: int = 0) -> bytes:
    """A4. `holds`: the signature still belongs to the row; `superseded_by`: the latest number where that is later."""
    content, signed_at = report.content, timezone.localtime(report.signed_at)
    patient = f"{content['patient']}, trial {content['trial']}"
    foot = f"{patient}, report {report.number}, {signed_at:%Y-%m-%d}{' · synthetic' if report.synthetic else ''}"
    paper = Paper(f"Central pathology result, {patient}", foot=foot, made_at=report.signed_at, code=code_of(report))
    if superseded_by:
        paper.words(f"Superseded: report {superseded_by} of this patient is the latest.", bold=True)
    if report.synthetic:
        paper.words("Synthetic: made up for a demonstration. No patient was read for it.", size=8.5)
    paper.words(report_words.headline(content), size=12, bold=True)
    paper.words(f"{content['statement']} Model {content['model']}, edition {content['edition']}.", size=8.5, after=4)
    amended(paper, report)
    paper.facts([("Patient", patient), ("Report", str(report.number)), ("Basis", basis(report)),
                 *report_words.verdict(content)])  # fmt: skip
    for section in report_words.sections(content):
        paper.words(section.title, size=10.5, bold=True, after=0.5)
        paper.words(section.under, size=8.5, after=1)
        if section.told:
            paper.rows(("Finding", "Value"), section.told, (50, 80))
    signature(paper, report, name=report.signed_name, holds=holds)
    return paper.done()


def basis(report: ResultReport) -> str:
    content = report.content
    return f"{content['specimen'] or 'no specimen'} ({content['basis']}): {content['because']}"


def amended(paper: Paper, report: ResultReport) -> None:
    """What this report changes of the one before, and why."""
    if report.number == 1:
        return
    paper.words(f"Amends report {report.number - 1}: {report.reason}", bold=True)
    paper.rows(("Field", "Was", "Became"), report_words.changed(report.changes), (60, 40, 40))
