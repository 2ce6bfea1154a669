"""One case as its viewer may see it, with the signatures under it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path

from lims.papers.signed_read import signed_read
from lims.people import scope_of
from lims.web import slide_images
from lims.web.compared import in_words, rows_of, said_of
from lims.web.gate import person
from lims.web.rule_of_case import what_the_rule_makes
from scoring import desk, measuring, queries, signed_desk
from scoring.blinding import Part
from scoring.cases import ASSAY_LABELS
from scoring.rules.vocabulary import Phase
from scoring.views import CaseView, ReadView

HOW = {
    "single": "the one read",
    "concordant_mean": "the mean of two concordant reads",
    "adjudicated": "decided by an adjudicator alone",
    "consensus_meeting": "agreed in a consensus meeting",
}


def seen(request: HttpRequest, code: str) -> CaseView:
    return queries.case_for(person(request), code, scope_of(person(request)))


def case(request: HttpRequest, code: str) -> HttpResponse:
    """One's own read with its signature; once the case has concluded the other read and what came of both."""
    view = seen(request, code)
    if view.part is Part.CANDIDATE and not view.may_sign:
        return redirect("read", view.code)
    if view.part is Part.ADJUDICATOR and view.phase is Phase.DISCORDANT:
        return redirect("decide", view.code)
    return render(request, "reading/case.html", context_of(view))


def context_of(view: CaseView) -> dict[str, object]:
    """Only what the view was given: a template can show no more."""
    reads = [*view.reads, *([view.decision] if view.decision else [])] or ([view.own] if view.own else [])
    shown = [*reads, *view.own_history, *view.history]
    holds = desk.signatures_hold({each.id for each in shown})
    pair = view.reads if len(view.reads) == 2 else ()
    return {
        "case": view,
        "assay": ASSAY_LABELS[view.assay],
        "pictures": desk.pictures(view),
        "signatures": [signature(view, each, holds) for each in reads],
        "earlier": [
            signature(view, each, holds) for each in {r.id: r for r in (*view.own_history, *view.history)}.values()
        ],
        "own": words_of(view, view.own) if view.own and not pair else None,
        "single": words_of(view, view.reads[0]) if len(view.reads) == 1 and not view.own else None,
        "pair": rows_of(view.assay, *pair, view.discordances, view.consensus) if pair else [],
        "how": HOW.get(view.consensus.how, "") if view.consensus else "",
        "discordances": said_of(view.discordances),
        "rule": what_the_rule_makes(view),
        "measured": measuring.measured_beside(view),
    }


def words_of(view: CaseView, read: ReadView) -> list[tuple[str, str]]:
    return in_words(view.assay, read.findings, read.positive, read.h_score)


def signature(view: CaseView, read: ReadView, holds: dict[int, bool]) -> tuple[ReadView, str, bool]:
    """A read, whose it is as far as this viewer may know, and whether the signature holds."""
    mine = view.own is not None and read.id in {view.own.id, *(each.id for each in view.own_history)}
    return read, "yours" if mine else read.label, holds.get(read.id, False)


def read_paper(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """A signed read as PDF: what this viewer may see of it and no more."""
    view = seen(request, code)
    read, earlier = signed_desk.read_of(view, pk)
    made = signed_read(view, read, holds=signed_desk.holds(read), earlier=earlier, later=not read.stands)
    answer = HttpResponse(made, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="read-{view.code}-{pk}.pdf"'
    answer["Cache-Control"] = "private, no-store"
    return answer


urls: list[URLPattern] = [
    path("cases/<str:code>/reads/<int:pk>/paper/", read_paper, name="read_paper"),
    path("cases/<str:code>/", case, name="case"),
    *slide_images.case_urls,
]
