"""Work that waits, and work that was given up with its cause."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path

from lims.web.gate import needs
from lims.web.paging import pager
from lims.web.places import Place
from specimens import desk


@needs("lims.administer")
def jobs(request: HttpRequest) -> HttpResponse:
    parked = request.GET.get("show") == "parked"
    page = desk.jobs_undone(parked=parked, before_id=pager(request).before_id)
    context = {
        "page": pager(request).of(page),
        "rows": page.rows,
        "parked": parked,
        "counted": desk.job_counts(),
    }
    return render(request, "house/jobs.html", context)


urls: list[URLPattern] = [path("jobs/", jobs, name="jobs")]
places = [Place("jobs", "Jobs", "j", ("lims.administer",), 13)]
