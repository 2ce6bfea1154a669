"""Jobs: waiting, and given up with their cause."""

from specimens import jobs
from specimens.models import Job
from tests.cast import AT, Cast
from tests.lims.web.conftest import Enter
from tests.lims.web.visits import shows


def test_what_waits_and_what_was_given_up(enter: Enter, cast: Cast) -> None:
    browser = enter(cast.administrator)
    shows(browser, "/jobs/", "Nothing waits")
    jobs.ask("score specimen", key="7", arguments={})
    jobs.ask("score specimen", key="8", arguments={})
    Job.objects.filter(key="score specimen:8").update(parked_at=AT, cause="ValueError: no such edition")
    shows(browser, "/jobs/", "1 job waiting", "score specimen:7", "Given up 1")
    assert "score specimen:7" not in shows(browser, "/jobs/?show=parked", "ValueError: no such edition")
