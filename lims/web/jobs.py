"""The job table: what waits, what is being done and how far it is, what fails and why, and what to do about it."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.views.decorators.http import require_POST

from lims.web.forms import reason_field, tried, typed
from lims.web.gate import needs, person
from lims.web.paging import LARGEST, pager
from lims.web.places import Place
from specimens import job_desk
from specimens.job_desk import JobState, progress_of, state_of
from specimens.models import Job
from specimens.tending import give_up_job, retry_job

SAID = {
    JobState.WAITING: ("Waiting", "waiting", "open"),
    JobState.WORKING: ("Being done", "being done", "part"),
    JobState.FAILING: ("Failing", "failed, will be tried again", "ask"),
    JobState.GIVEN_UP: ("Given up", "given up", "stop"),
    JobState.DONE: ("Done in the last day", "done", "done"),
}
EMPTY = {
    JobState.WAITING: "Nothing waits.",
    JobState.WORKING: "No worker is at anything.",
    JobState.FAILING: "Nothing fails.",
    JobState.GIVEN_UP: "Nothing was given up.",
    JobState.DONE: "Nothing was done in the last day.",
}


class WhyForm(forms.Form):
    reason = reason_field()


@needs("lims.administer")
def jobs(request: HttpRequest) -> HttpResponse:
    word, kind = typed(request.GET, "state"), typed(request.GET, "kind")
    state = JobState(word) if word in JobState.__members__.values() else JobState.WAITING
    kind = kind if kind in job_desk.kinds() else ""
    page, now = job_desk.job_list(state, kind=kind, before_id=pager(request).before_id), timezone.now()
    counted = job_desk.job_states(kind)
    context = {
        "page": pager(request).of(page),
        "rows": [(job, *progress_of(job, now)) for job in page.rows],
        "states": [(each.value, SAID[each][0], counted[each]) for each in JobState],
        "state": state.value,
        "kind": kind,
        "kinds": job_desk.kinds(),
        "undone": sum(count for each, count in counted.items() if each not in (JobState.DONE, JobState.GIVEN_UP)),
        "empty": EMPTY[state],
    }
    return render(request, "house/jobs.html", context)


@needs("lims.administer")
def job(request: HttpRequest, pk: int) -> HttpResponse:
    return job_page(request, job_desk.job(min(pk, LARGEST)), WhyForm())


def job_page(request: HttpRequest, found: Job, form: forms.Form) -> HttpResponse:
    now = timezone.now()
    state = state_of(found, now)
    done, total = progress_of(found, now)
    context: dict[str, Any] = {
        "job": found,
        "state": state.value,
        "word": SAID[state][1],
        "shape": SAID[state][2],
        "done": done,
        "total": total,
        "form": form,
        "may_retry": state in (JobState.FAILING, JobState.GIVEN_UP),
        "may_give_up": state in (JobState.WAITING, JobState.WORKING, JobState.FAILING),
    }
    return render(request, "house/job.html", context)


@require_POST
@needs("lims.administer")
def decide(request: HttpRequest, pk: int, what: str) -> HttpResponse:
    """Try it again, or give it up; with a reason."""
    found, form = job_desk.job(min(pk, LARGEST)), WhyForm(request.POST)
    done, said = (retry_job, "It is tried again.") if what == "retry" else (give_up_job, "It was given up.")
    who: dict[str, Any] = {"by": person(request), "at": timezone.now(), "job": found}
    if form.is_valid() and tried(form, lambda: bool(done(reason=form.cleaned_data["reason"], **who))):
        messages.success(request, said)
        return redirect("job", pk)
    return job_page(request, job_desk.job(found.pk), form)


urls: list[URLPattern] = [
    path("jobs/", jobs, name="jobs"),
    path("jobs/<int:pk>/", job, name="job"),
    path("jobs/<int:pk>/retry/", decide, {"what": "retry"}, name="job_retry"),
    path("jobs/<int:pk>/give-up/", decide, {"what": "give up"}, name="job_give_up"),
]
places = [Place("jobs", "Jobs", "j", ("lims.administer",), 13)]
