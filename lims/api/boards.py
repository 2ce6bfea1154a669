"""The figures of the pages as numbers: flow of tissue, times from request to receipt, inventory by age."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers as s
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from lims.api.door import Door
from lims.api.shown import Shown
from scoring import flow
from scoring.flow import Flow, Place
from scoring.flow_facts import Asked
from scoring.flow_stops import Stage, is_lost
from specimens import queries, shelf_ages, turnaround
from specimens.shelf_ages import BLOCK_BANDS, LOAN_BANDS, SECTION_BANDS, Banded
from specimens.turnaround import RECEIVED, WAITING, WITHOUT, Wait
from specimens.waiting_times import Times, times

LONGEST = {"trial": 24, "site": 16}
TRIAL = OpenApiParameter("trial", description="Code of the trial; all unless told")
SITE = OpenApiParameter("site", description="Code of the treating site (flow) or of the institution asked")


# ---- what is shown ----
class StoppedShown(Shown):
    reason = s.CharField(help_text="Code; after a colon what kind of it, as declined:policy")
    lost = s.BooleanField(help_text="Lost for good unless somebody begins anew; false means not yet")
    patients = s.IntegerField()


class StageShown(Shown):
    stage = s.ChoiceField(choices=[stage.name.lower() for stage in Stage])
    patients = s.IntegerField(help_text="How many reached it")
    stopped = StoppedShown(many=True, help_text="Why those of them who came no further did not")


class PlaceShown(Shown):
    trial = s.CharField()
    site = s.CharField()
    stages = StageShown(many=True)


class FlowShown(Shown):
    """patients of a stage = patients of the next + all that stopped there."""

    counted_on = s.DateField()
    stages = StageShown(many=True)
    places = PlaceShown(many=True)


class TimesShown(Shown):
    """Days. Quartiles are of what was received; `median_of_all` counts who waits as “at least so long”."""

    asked = s.IntegerField()
    received = s.IntegerField()
    waiting = s.IntegerField()
    without = s.IntegerField(help_text="Ended without tissue; in no time")
    quarter = s.FloatField(allow_null=True)
    median = s.FloatField(allow_null=True)
    three_quarters = s.FloatField(allow_null=True)
    longest = s.IntegerField(allow_null=True)
    median_of_all = s.FloatField(allow_null=True)


class SiteTimes(Shown):
    site = s.CharField(help_text="Code of the institution asked")
    times = TimesShown()


class MonthTimes(Shown):
    month = s.CharField(help_text="In which the request was sent, as 2026-11")
    times = TimesShown()


class TurnaroundShown(Shown):
    counted_on = s.DateField()
    all = TimesShown()
    by_site = SiteTimes(many=True)
    by_month = MonthTimes(many=True)


class SectionBand(Shown):
    trial = s.CharField()
    band = s.ChoiceField(choices=SECTION_BANDS, help_text="Against the warning and the limit of the trial")
    count = s.IntegerField()


class BlockBand(Shown):
    trial = s.CharField()
    band = s.ChoiceField(choices=[band for band, _ in BLOCK_BANDS], help_text="Days since the last receipt")
    count = s.IntegerField()


class LoanBand(Shown):
    lender = s.CharField(help_text="Code of the owner")
    band = s.ChoiceField(choices=LOAN_BANDS, help_text="Days past the day it was to be back, or recalled")
    count = s.IntegerField()


class InventoryShown(Shown):
    counted_on = s.DateField()
    sections = SectionBand(many=True)
    blocks = BlockBand(many=True)
    late_loans = LoanBand(many=True, help_text="Whatever the trial")


# ---- the doors ----
class Figures(Door):
    """Counts within the caller's scope, narrowed by codes."""

    def asked(self) -> dict[str, str]:
        """The codes that were given. Raises ValidationError for what can be none."""
        given = {name: self.request.query_params.get(name, "") for name in self.parameters}
        problems = {
            name: "There is no such code."
            for name, value in given.items()
            if "\x00" in value or len(value) > LONGEST[name]
        }
        if problems:
            raise ValidationError(problems)
        return given


class FlowOfTissue(Figures):
    needs = {"GET": "specimens.view_flow"}
    parameters = frozenset({"trial", "site"})

    @extend_schema(parameters=[TRIAL, SITE], responses=FlowShown)
    def get(self, request: Request) -> Response:
        """How many patients' tissue came how far, and why no further: whole, and by trial and treating site."""
        today = timezone.localdate()
        found: Mapping[Place, Flow] = flow.flows(Asked(self.scope, today, **self.asked()))
        if not self.person.has_perm("scoring.view_scores"):
            found = {place: flow.without_findings(each) for place, each in found.items()}
        trials = dict(queries.trials().values_list("pk", "code"))
        sites = dict(queries.institutions().prefetch_related(None).values_list("pk", "code"))
        places = [
            {"trial": trials[place.trial_id], "site": sites[place.site_id], "stages": stages(each)}
            for place, each in found.items()
        ]
        whole = stages(flow.together(dict(found)))
        ordered = sorted(places, key=lambda each: (str(each["trial"]), str(each["site"])))
        return Response(FlowShown({"counted_on": today, "stages": whole, "places": ordered}).data)


def stages(each: Flow) -> list[dict[str, Any]]:
    return [
        {
            "stage": stage.name.lower(),
            "patients": each.reached(stage),
            "stopped": [
                {"reason": reason, "lost": is_lost(reason), "patients": count} for reason, count in each.stopped(stage)
            ],
        }
        for stage in Stage
    ]


class Turnaround(Figures):
    needs = {"GET": "specimens.view_flow"}
    parameters = frozenset({"trial", "site"})

    @extend_schema(parameters=[TRIAL, SITE], responses=TurnaroundShown)
    def get(self, request: Request) -> Response:
        """Days from the sending of a request to the first receipt that answers it, by institution and by month."""
        today = timezone.localdate()
        waits = turnaround.waits(self.scope, today, **self.asked())
        told = {
            "counted_on": today,
            "all": times_of(waits),
            "by_site": grouped(waits, "site", lambda wait: wait.site),
            "by_month": grouped(waits, "month", lambda wait: wait.month),
        }
        return Response(TurnaroundShown(told).data)


def times_of(waits: Iterable[Wait]) -> Times:
    days: dict[str, list[int]] = {RECEIVED: [], WAITING: [], WITHOUT: []}
    for wait in waits:
        days[wait.state].append(wait.days)
    return times(days[RECEIVED], days[WAITING], len(days[WITHOUT]))


def grouped(waits: Iterable[Wait], name: str, by: Callable[[Wait], str]) -> list[dict[str, Any]]:
    found: dict[str, list[Wait]] = {}
    for wait in waits:
        found.setdefault(by(wait), []).append(wait)
    return [{name: key, "times": times_of(found[key])} for key in sorted(found)]


class Inventory(Figures):
    needs = {"GET": "specimens.view"}
    parameters = frozenset({"trial"})

    @extend_schema(parameters=[TRIAL], responses=InventoryShown)
    def get(self, request: Request) -> Response:
        """By age: unstained sections, blocks by the time since they came; and loans past their day."""
        today, trial = timezone.localdate(), self.asked()["trial"]
        told = {
            "counted_on": today,
            "sections": ordered(shelf_ages.sections_by_age(self.scope, today, trial), SECTION_BANDS),
            "blocks": ordered(shelf_ages.blocks_by_time(self.scope, today, trial), [band for band, _ in BLOCK_BANDS]),
            "late_loans": shelf_ages.loans_by_lateness(self.scope, today),
        }
        return Response(InventoryShown(told).data)


def ordered(found: Iterable[Banded], bands: Iterable[str]) -> list[Banded]:
    place = {band: n for n, band in enumerate(bands)}
    return sorted(found, key=lambda each: (each.trial, place[each.band]))
