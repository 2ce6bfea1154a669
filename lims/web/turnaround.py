"""From request to receipt: how long tissue takes, by hospital and by month, and behind each number its requests."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils import timezone
from django.views.decorators.cache import never_cache

from lims.people import scope_of
from lims.web.boards import Narrowed, choices, narrowed, svg, tabs
from lims.web.boxes import SMALL, WIDE, Strip, boxes
from lims.web.forms import typed
from lims.web.gate import needs, person
from lims.web.paging import pager
from specimens import turnaround
from specimens.turnaround import RECEIVED, STATES, WAITING, WITHOUT, Wait
from specimens.vocabulary import InstitutionRole
from specimens.waiting_times import Times, times

MOST_SITES = 12
SHAPES = {RECEIVED: "done", WAITING: "open", WITHOUT: "none"}
WORDS = {RECEIVED: "received", WAITING: "still waiting", WITHOUT: "ended without tissue"}


def waits_of(request: HttpRequest, asked: Narrowed) -> list[Wait]:
    return turnaround.waits(scope_of(person(request)), timezone.localdate(), asked.trial, asked.site)


def days(waits: Iterable[Wait], state: str) -> list[int]:
    return sorted(wait.days for wait in waits if wait.state == state)


def times_of(waits: Sequence[Wait]) -> Times:
    return times(days(waits, RECEIVED), days(waits, WAITING), len(days(waits, WITHOUT)))


def grouped(waits: Iterable[Wait], by: Callable[[Wait], str]) -> dict[str, list[Wait]]:
    found: dict[str, list[Wait]] = {}
    for wait in waits:
        found.setdefault(by(wait), []).append(wait)
    return found


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table: what it is about, its times, and where its rows are by state (“” for all)."""

    title: str
    times: Times
    queries: dict[str, str]


def row(title: str, waits: Sequence[Wait], asked: Narrowed, **more: str) -> Row:
    queries = {state or "all": asked.query(state=state, **more) for state in ("", *STATES)}
    return Row(title, times_of(waits), queries)


def by_site(waits: Sequence[Wait], asked: Narrowed) -> list[Row]:
    found = grouped(waits, lambda wait: wait.site)
    rows = [row(each[0].site_name, each, Narrowed(asked.trial, code)) for code, each in found.items()]
    return sorted(rows, key=lambda each: (-each.times.asked, each.title))


def by_month(waits: Sequence[Wait], asked: Narrowed) -> list[Row]:
    found = grouped(waits, lambda wait: wait.month)
    return [row(month, found[month], asked, month=month) for month in sorted(found, reverse=True)]


def strips(waits: Sequence[Wait]) -> list[Strip]:
    """All together, then the hospitals that were asked most."""
    found = sorted(grouped(waits, lambda wait: wait.site_name).items(), key=lambda each: (-len(each[1]), each[0]))
    together = [("All hospitals", list(waits)), *found] if len(found) > 1 else found
    return [strip(title, each) for title, each in together[: MOST_SITES + 1]]


def strip(title: str, waits: Sequence[Wait]) -> Strip:
    found = times_of(waits)
    quartiles = None
    if found.quarter is not None and found.median is not None and found.three_quarters is not None:
        quartiles = (found.quarter, found.median, found.three_quarters)
    return Strip(title, tuple(days(waits, RECEIVED)), tuple(days(waits, WAITING)), quartiles)


def in_words(found: Times) -> str:
    if found.median is None:
        return "Nothing that was asked for has come yet."
    said = f"Half of what came took {found.median:g} days or less; a quarter took {found.three_quarters:g} or more."
    if found.waiting:
        said += f" {found.waiting:,} of {found.asked:,} requests still wait"
        so = found.median_of_all
        said += f": counting them as well, half come within {so:g} days." if so is not None else "."
    return said


@needs("specimens.view_flow")
def page(request: HttpRequest) -> HttpResponse:
    asked = narrowed(request)
    waits = waits_of(request, asked)
    sites = by_site(waits, asked)
    context = choices(request, asked, InstitutionRole.HOLDING) | {
        "all": row("All", waits, asked),
        "finding": in_words(times_of(waits)),
        "by_site": sites,
        "by_month": by_month(waits, asked),
        "drawn": min(len(sites), MOST_SITES),
        "heights": [drawing.row * len(strips(waits)) + 72 for drawing in (WIDE, SMALL)],
        "synthetic": any(wait.synthetic for wait in waits),
    }
    return render(request, "boards/turnaround.html", context)


@needs("specimens.view_flow")
@never_cache
def plot(request: HttpRequest, cut: str) -> HttpResponse:
    return svg(boxes(strips(waits_of(request, narrowed(request))), SMALL if cut == "small" else WIDE))


@needs("specimens.view_flow")
def requests(request: HttpRequest) -> HttpResponse:
    """The requests behind a number, newest first."""
    asked, place = narrowed(request), pager(request)
    state, month = typed(request.GET, "state", 16), typed(request.GET, "month", 7)
    found = [
        wait
        for wait in waits_of(request, asked)
        if (not state or wait.state == state) and (not month or wait.month == month)
    ]
    listed = turnaround.page_of(found, place.before_id)
    context = {
        "page": place.of(listed),
        "rows": [(wait, WORDS[wait.state], SHAPES[wait.state]) for wait in listed.rows],
        "count": len(found),
        "state": WORDS.get(state, ""),
        "month": month,
        "asked": asked,
        "tabs": tabs(request),
        "query": asked.query(),
    }
    return render(request, "boards/requests.html", context)


urls: list[URLPattern] = [
    path("flow/turnaround/", page, name="turnaround"),
    path("flow/turnaround/plot.svg", plot, {"cut": "wide"}, name="turnaround_plot"),
    path("flow/turnaround/plot-small.svg", plot, {"cut": "small"}, name="turnaround_plot_small"),
    path("flow/turnaround/requests/", requests, name="turnaround_requests"),
]
