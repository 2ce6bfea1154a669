"""The flow of tissue: a picture, the same numbers as tables, and behind each number its patients."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils import timezone
from django.views.decorators.cache import never_cache

from lims.people import scope_of
from lims.web import shelf_ages, turnaround
from lims.web.boards import Narrowed, choices, narrowed, share, svg, tabs
from lims.web.flow_words import MEANS, STAGES, reason_words
from lims.web.forms import typed
from lims.web.gate import may, needs, person
from lims.web.paging import pager
from lims.web.places import Place
from lims.web.sankey import Leaf, Step, along, upright
from scoring import flow
from scoring.flow import LOST, WAITS, Flow, Wanted
from scoring.flow_facts import Asked
from scoring.flow_stops import Stage, is_lost
from specimens import queries
from specimens.errors import Unknown
from specimens.vocabulary import InstitutionRole

KEPT_FOR = 30  # seconds: the picture shows the numbers of the page it stands on
ANY = "any"


def asked_of(request: HttpRequest, asked: Narrowed) -> Asked:
    return Asked(scope_of(person(request)), timezone.localdate(), asked.trial, asked.site)


def may_know_findings(request: HttpRequest) -> bool:
    return may(person(request), "scoring.view_scores")


def counted(request: HttpRequest, asked: Narrowed) -> Mapping[flow.Place, Flow]:
    """The flow of each place, counted now; without what readers found for who may not know it."""
    found = flow.flows(asked_of(request, asked))
    if not may_know_findings(request):
        found = {place: flow.without_findings(each) for place, each in found.items()}
    return found


def steps_of(whole: Flow) -> list[Step]:
    """The stages as the picture wants them."""
    return [
        Step(title, whole.reached(stage), tuple(
            Leaf(reason_words(reason), count, is_lost(reason)) for reason, count in whole.stopped(stage)
        ))
        for stage, title in STAGES.items()
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table under the picture: a stage, or (`stage` false) why so many come no further."""

    words: str
    count: int
    of_all: str
    query: str
    stage: bool
    means: str = ""
    lost: bool = False


def rows_of(whole: Flow, asked: Narrowed) -> list[Row]:
    found = []
    for stage, title in STAGES.items():
        name, count = stage.name.lower(), whole.reached(stage)
        found.append(Row(title, count, share(count, whole.total), asked.query(stage=name), True, MEANS[stage]))
        for reason, stopped in whole.stopped(stage):
            query = asked.query(stage=name, stopped=reason)
            of_all = share(stopped, whole.total)
            found.append(Row(reason_words(reason), stopped, of_all, query, False, lost=is_lost(reason)))
    return found


@dataclass(frozen=True, slots=True)
class SiteRow:
    """A trial at a site: (number, query) of each stage, then of what is lost and what waits."""

    trial: str
    site: str
    cells: list[tuple[int, str]]


def site_rows(found: Mapping[flow.Place, Flow], trials: Mapping[int, str]) -> list[SiteRow]:
    """By trial and site. One query."""
    sites = {site.pk: site for site in queries.institutions().prefetch_related(None)}
    rows = []
    for place, each in found.items():
        site = sites[place.site_id]
        mine = Narrowed(trials[place.trial_id], site.code)
        stages = [(each.reached(stage), mine.query(stage=stage.name.lower())) for stage in Stage]
        ends = [(each.lost(), mine.query(stopped=LOST)), (each.waiting(), mine.query(stopped=WAITS))]
        rows.append(SiteRow(mine.trial, site.name, [*stages, *ends]))
    return sorted(rows, key=lambda row: (row.trial, -row.cells[0][0], row.site))


def in_words(whole: Flow) -> str:
    """The finding in one sentence, and where most is lost in another."""
    read = whole.reached(Stage.CONCLUDED)
    said = (
        f"Of {whole.total:,} patients {read:,} are read and concluded ({share(read, whole.total)}), "
        f"{whole.lost():,} are lost, {whole.waiting():,} have further to go."
    )
    losses = [(count, stage, reason) for stage in Stage for reason, count in whole.stopped(stage) if is_lost(reason)]
    if not losses:
        return said
    count, stage, reason = max(losses, key=lambda each: each[0])
    return f"{said} Most often, {count:,} times, it ends after “{STAGES[stage].lower()}”: {reason_words(reason)}."


@needs("specimens.view_flow")
def flow_page(request: HttpRequest) -> HttpResponse:
    asked = narrowed(request)
    found = counted(request, asked)
    whole = flow.together(dict(found))
    cache.set(key_of(request, asked), whole, KEPT_FOR)
    offered = choices(request, asked, InstitutionRole.TREATING)
    trials = {trial.pk: trial for trial in offered["trials"]}
    sites = site_rows(found, {pk: trial.code for pk, trial in trials.items()})
    context = offered | {
        "total": whole.total,
        "finding": in_words(whole),
        "rows": rows_of(whole, asked),
        "sites": sites if len(sites) > 1 else [],
        "titles": STAGES.values(),
        "counted_at": timezone.now(),
        "synthetic": any(trials[place.trial_id].synthetic for place in found),
    }
    return render(request, "boards/flow.html", context)


def key_of(request: HttpRequest, asked: Narrowed) -> str:
    return f"flow:{person(request).pk}:{asked.query()}"


@needs("specimens.view_flow")
@never_cache
def flow_picture(request: HttpRequest, cut: str) -> HttpResponse:
    asked = narrowed(request)
    whole = cache.get(key_of(request, asked)) or flow.together(dict(counted(request, asked)))
    return svg((upright if cut == "small" else along)(steps_of(whole)))


# ---- behind a number ----
def wanted_of(request: HttpRequest) -> Wanted:
    """Which patients the address asks for. Raises Unknown for a stage that is none."""
    stage, stopped = typed(request.GET, "stage", 16), typed(request.GET, "stopped", 60)
    if stage and stage.upper() not in Stage.__members__:
        raise Unknown("unknown_stage", f"There is no stage “{stage}”: take it from a number of the flow.")
    at = Stage[stage.upper()] if stage else None
    return Wanted(at, here=bool(stopped), reason="" if stopped == ANY else stopped)


@needs("specimens.view_flow")
def flow_patients(request: HttpRequest) -> HttpResponse:
    asked, wanted, place = narrowed(request), wanted_of(request), pager(request)
    knows = may_know_findings(request)
    if not knows and wanted.reason.startswith("inadequate:"):
        raise Unknown("unknown_reason", "Why a section is inadequate is told to who sees scores.")
    page, count = flow.patients_at(asked_of(request, asked), wanted, place.before_id)
    context = {
        "page": place.of(page),
        "rows": [standing_row(each, knows) for each in page.rows],
        "count": count,
        "title": title_of(wanted),
        "asked": asked,
        "tabs": tabs(request),
        "query": asked.query(),
    }
    return render(request, "boards/flow_patients.html", context)


def standing_row(each: flow.Standing, knows: bool) -> tuple[object, str, str, bool]:
    """(patient, last stage, why no further, whether lost)."""
    stop = each.stop if knows else flow.bare(each.stop)
    return each.patient, STAGES[stop.stage], reason_words(stop.reason) if stop.reason else "", is_lost(stop.reason)


def title_of(wanted: Wanted) -> str:
    if not wanted.here:
        return STAGES[wanted.stage or Stage.ENROLLED]
    reason = reason_words(wanted.reason) if wanted.reason else "no further"
    return f"{STAGES[wanted.stage]}, then {reason}" if wanted.stage is not None else reason.capitalize()


urls: list[URLPattern] = [
    path("flow/", flow_page, name="flow"),
    path("flow/picture.svg", flow_picture, {"cut": "wide"}, name="flow_picture"),
    path("flow/picture-small.svg", flow_picture, {"cut": "small"}, name="flow_picture_small"),
    path("flow/patients/", flow_patients, name="flow_patients"),
    *turnaround.urls,
    *shelf_ages.urls,
]
places = [Place("flow", "Flow", "f", ("specimens.view_flow",), 45)]
