"""The job table for programs: by state and kind, with progress and cause; trying again and giving up."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django_filters import rest_framework as by
from drf_spectacular.utils import extend_schema
from rest_framework import serializers as s
from rest_framework.request import Request
from rest_framework.response import Response

from lims.api.bodies import text
from lims.api.door import Body, Detail, Door, Listing, valid
from lims.api.filters import Asked, Filters
from lims.api.shown import Shown
from specimens import job_desk
from specimens.job_desk import JobState, is_in, progress_of, state_of
from specimens.models import Job
from specimens.scope import Scope
from specimens.tending import give_up_job, retry_job

ADMINISTERS = "lims.administer"


class JobShown(Shown):
    id = s.IntegerField()
    kind = s.CharField()
    key = s.CharField(help_text="What asks for it; asking twice under one key is asking once")
    queue = s.CharField()
    state = s.SerializerMethodField()
    attempts = s.IntegerField()
    asked_at = s.DateTimeField()
    due_at = s.DateTimeField()
    lease_until = s.DateTimeField(allow_null=True, help_text="Its worker renews this while it lives")
    done_at = s.DateTimeField(allow_null=True)
    parked_at = s.DateTimeField(allow_null=True)
    cause = s.CharField(help_text="Of its last failure; blank when there was none")
    done = s.SerializerMethodField(help_text="So much of `total`; 0 of 0 where nobody can tell")
    total = s.SerializerMethodField()

    def get_state(self, job: Any) -> str:
        return state_of(job, timezone.now())

    def get_done(self, job: Any) -> int:
        return progress_of(job, timezone.now())[0]

    def get_total(self, job: Any) -> int:
        return progress_of(job, timezone.now())[1]


class CountShown(Shown):
    state = s.ChoiceField(choices=[state.value for state in JobState])
    jobs = s.IntegerField(help_text="Of what is done, the last day's")


class ReasonBody(Body):
    reason = text(500, blank=False)


class JobFilters(Filters):
    state = Asked(
        [state.value for state in JobState],
        "In this state",
        lambda rows, word: rows.filter(is_in(JobState(word), timezone.now())),
    )
    kind = by.CharFilter("kind", label="Of this kind of work")


class Jobs(Listing):
    """Jobs that are undone, and those of the last day that are done."""

    needs = {"GET": ADMINISTERS}
    serializer_class = JobShown
    filterset_class = JobFilters

    def listing(self, scope: Scope) -> QuerySet[Any]:
        return job_desk.jobs_listed(timezone.now())


class JobCounts(Door):
    """How many of those jobs are in each state."""

    needs = {"GET": ADMINISTERS}

    @extend_schema(responses=CountShown(many=True))
    def get(self, request: Request) -> Response:
        counted = job_desk.job_states()
        return Response(CountShown([{"state": each.value, "jobs": n} for each, n in counted.items()], many=True).data)


class OneJob(Detail):
    needs = {"GET": ADMINISTERS}
    serializer_class = JobShown
    named = {"pk": "pk"}

    def listing(self, scope: Scope) -> QuerySet[Any]:
        return job_desk.every_job()


class Deciding(Door):
    needs = {"POST": ADMINISTERS}

    def decided(self, deed: Any, request: Request, pk: int) -> Response:
        sent = valid(ReasonBody, request)
        job: Job = deed(by=self.person, at=timezone.now(), job=job_desk.job(pk), reason=sent["reason"])
        return Response(JobShown(job).data, status=201)


class RetryJob(Deciding):
    @extend_schema(request=ReasonBody, responses={201: JobShown})
    def post(self, request: Request, pk: int) -> Response:
        """Have a job that failed or was given up tried again at once."""
        return self.decided(retry_job, request, pk)


class GiveUpJob(Deciding):
    @extend_schema(request=ReasonBody, responses={201: JobShown})
    def post(self, request: Request, pk: int) -> Response:
        """Take an undone job out of the queue; a worker in the middle of it undoes its work."""
        return self.decided(give_up_job, request, pk)
