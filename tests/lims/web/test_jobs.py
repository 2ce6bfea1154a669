"""Jobs: by state and kind, with their cause; tried again and given up with a reason."""

from datetime import timedelta

from specimens import jobs
from specimens.models import Job
from tests.cast import AT, Cast
from tests.lims.web.conftest import Enter
from tests.lims.web.visits import MOST_QUERIES, questions, shows, text

KIND = "consent changed"


def test_what_waits_and_what_was_given_up(enter: Enter, cast: Cast) -> None:
    browser = enter(cast.administrator)
    Job.objects.all().delete()
    shows(browser, "/jobs/", "Nothing waits", "0 jobs to do")
    jobs.ask(KIND, key="7", arguments={})
    jobs.ask(KIND, key="8", arguments={})
    Job.objects.filter(key=f"{KIND}:8").update(parked_at=AT, cause="ValueError: no such edition")
    page = shows(browser, "/jobs/", "1 job to do", f"{KIND}:7", "Waiting 1", "Given up 1", "Failing 0")
    assert f"{KIND}:8" not in page
    assert f"{KIND}:7" not in shows(browser, "/jobs/?state=given_up", "ValueError: no such edition")
    shows(browser, f"/jobs/?state=given_up&kind={KIND}", f"{KIND}:8")
    shows(browser, "/jobs/?state=given_up&kind=run stained", "Nothing was given up", "Given up 0")
    shows(browser, "/jobs/?state=nonsense&kind=nonsense", f"{KIND}:7")
    assert questions(browser, "/jobs/") <= MOST_QUERIES


def test_a_job_is_tried_again_with_a_reason(enter: Enter, cast: Cast) -> None:
    browser = enter(cast.administrator)
    jobs.ask(KIND, key="8", arguments={"patient_id": 12})
    job = Job.objects.get(key=f"{KIND}:8")
    Job.objects.filter(pk=job.pk).update(parked_at=AT, attempts=5, cause="ValueError: no such edition")
    shows(browser, f"/jobs/{job.pk}/", "no such edition", "Try again now", "patient_id")
    answer = browser.post(f"/jobs/{job.pk}/retry/", {"reason": "it is there now"}, follow=True)
    assert "It is tried again." in text(answer)
    job.refresh_from_db()
    assert (job.parked_at, job.attempts) == (None, 0)
    refused = text(browser.post(f"/jobs/{job.pk}/retry/", {"reason": "once more"}))
    assert "there is nothing to repeat" in refused


def test_a_job_is_given_up_and_its_progress_shown(enter: Enter, cast: Cast) -> None:
    browser = enter(cast.administrator)
    jobs.ask(KIND, key="9", arguments={})
    job = Job.objects.get(key=f"{KIND}:9")
    Job.objects.filter(pk=job.pk).update(lease_until=AT + timedelta(hours=1), holder="desk:7:abc")
    shows(browser, "/jobs/?state=working", "at work")
    shows(browser, f"/jobs/{job.pk}/", "being done", "desk:7:abc", "Give it up")
    shows(browser, "/jobs/?state=working&before=1", "No worker is at anything")
    assert browser.post(f"/jobs/{job.pk}/give-up/", {"reason": "by mistake"}).status_code == 302
    shows(browser, "/jobs/?state=given_up", "by mistake")
    assert browser.get("/jobs/999999/").status_code == 404


def test_nobody_else(enter: Enter, cast: Cast) -> None:
    jobs.ask(KIND, key="9", arguments={})
    job = Job.objects.get(key=f"{KIND}:9")
    for somebody in (cast.coordinator, cast.bench, cast.reader, cast.statistician):
        browser = enter(somebody)
        assert browser.get(f"/jobs/{job.pk}/").status_code == 403
        assert browser.post(f"/jobs/{job.pk}/give-up/", {"reason": "x"}).status_code == 403
