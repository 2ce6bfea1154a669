"""The analysis desk on paper: response, time to event, subgroups, flow and gaps, each with its test and interval."""

import io
from collections.abc import Mapping, Sequence
from datetime import datetime

from PIL import Image

from lims.analysis.contingency import printed_p
from lims.analysis.linked import Gap, Share, Stage, Subgroup, Trend
from lims.analysis.survival import Survival
from lims.papers.paper import Paper
from scoring.rules.editions import Edition

UNDEFINED = "undefined"


def analysis_paper(
    *, title: str, edition: Edition, libraries: Mapping[str, str], synthetic: bool, shares: Sequence[Share],
    trend: Trend, survival: Survival | None, curves: bytes, subgroups: Sequence[Subgroup], flow: Sequence[Stage],
    gaps: Sequence[Gap], made_at: datetime,
) -> bytes:  # fmt: skip
    """A4. `curves` is the Kaplan-Meier figure as PNG, blank where there is none."""
    paper = Paper(title, foot=f"{edition.model} {edition.edition}", made_at=made_at)
    paper.words(edition.statement, bold=True)
    if synthetic:
        paper.words("Synthetic rows are among these patients: made up for a demonstration.", size=8.5)
    paper.words("Computed by " + ", ".join(f"{name} {version}" for name, version in libraries.items()), size=8.5)
    heading(paper, "Response by category, exact (Clopper-Pearson) 95 % intervals")
    rows = [(each.group, str(each.responders), str(each.n), figure(each.share), span(each.low, each.high))
            for each in shares]  # fmt: skip
    paper.rows(("Group", "Responders", "Patients", "Share", "95 %"), rows, (40, 25, 25, 25, 45))
    paper.words(f"Trend, linear-by-linear (Cochran-Armitage): P = {p_of(trend.p)}")
    if survival:
        times(paper, survival, curves)
    heading(paper, "Favourable against unfavourable: sample odds ratio, Wald 95 % interval, Fisher's exact P")
    told = [(each.name, figure(each.said.sample_odds_ratio, 2), span(each.said.wald_low, each.said.wald_high, 2),
             p_of(each.said.p)) for each in subgroups]  # fmt: skip
    paper.rows(("Patients", "Odds ratio", "95 %", "P"), told, (70, 28, 40, 22))
    heading(paper, "Flow of patients, after REMARK")
    paper.rows(("Step", "Left", "Lost", "Why"), [(e.name, str(e.left), str(e.lost), e.why) for e in flow],
               (50, 18, 18, 74))  # fmt: skip
    heading(paper, "What is missing")
    paper.rows(("Column", "Missing", "Patients"), [(e.name, str(e.missing), str(e.n)) for e in gaps], (60, 30, 30))
    return paper.done()


def times(paper: Paper, found: Survival, curves: bytes) -> None:
    heading(paper, "Time to event: Kaplan-Meier, log-rank, Cox with Efron's ties")
    rows = [
        (each.group, str(each.n), str(each.events), figure(each.median, 0),
         span(each.median_low, each.median_high, 0))
        for each in found.curves
    ]  # fmt: skip
    paper.rows(("Group", "Patients", "Events", "Median, days", "95 %"), rows, (45, 25, 25, 30, 35))
    if found.log_rank:
        paper.words(f"Log-rank: chi-squared {figure(found.log_rank.statistic)} on {found.log_rank.freedom}, "
                    f"P = {p_of(found.log_rank.p)}")  # fmt: skip
    for each in found.hazard_ratios:
        paper.words(f"Hazard ratio of {each.group} against {each.reference}: {figure(each.ratio, 2)} "
                    f"({span(each.low, each.high, 2)}, Wald)")  # fmt: skip
    if curves:
        paper.image(Image.open(io.BytesIO(curves)), w=150)


def heading(paper: Paper, words: str) -> None:
    paper.words(words, size=10.5, bold=True, after=0.5)


def p_of(p: float | None) -> str:
    return UNDEFINED if p is None else printed_p(p)


def figure(value: float | None, places: int = 3) -> str:
    return UNDEFINED if value is None else f"{value:.{places}f}"


def span(low: float | None, high: float | None, places: int = 3) -> str:
    return UNDEFINED if low is None and high is None else f"{figure(low, places)} to {figure(high, places)}"
