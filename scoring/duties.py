"""What this floor does when a floor below asks, and what it looks for by itself."""

from collections.abc import Collection, Mapping

from django.utils import timezone

from specimens import jobs, returning
from specimens.custody import Thing


def register() -> None:
    """Tell the job table what this floor does."""
    jobs.does("specimen concluded", specimen_concluded)
    jobs.does("controls changed", controls_changed)
    jobs.does("run stained", run_stained)
    jobs.does("consent changed", patient_changed)
    jobs.does("therapy started", patient_changed)
    jobs.does("tissue moved", tissue_moved)
    jobs.does("seed repeats", seed_repeats)
    jobs.does("rescore", rescore)
    jobs.finds(find_unscored)
    jobs.finds(look_for_repeats)
    returning.waits(still_needed)


def still_needed(blocks: Collection[int], slides: Collection[int]) -> Mapping[Thing, str]:
    from scoring.needed import still_needed as needed

    return needed(blocks, slides)


def specimen_concluded(specimen_ids: list[int]) -> None:
    from scoring.assessing import WORKER, assess_specimens

    assess_specimens(by=WORKER, at=timezone.now(), specimen_ids=specimen_ids)


def patient_changed(patient_id: int) -> None:
    from scoring.assessing import WORKER, assess_patients

    assess_patients(by=WORKER, at=timezone.now(), patient_ids=[patient_id])


def tissue_moved(specimen_ids: list[int], patient_ids: list[int]) -> None:
    """Both patients: where the tissue was and where it is; and any patient it went on to since."""
    from scoring.assessing import WORKER, assess_patients
    from scoring.queries import patients_of

    everybody = {*patient_ids, *patients_of(specimen_ids)}
    assess_patients(by=WORKER, at=timezone.now(), patient_ids=everybody)


def run_stained(run_id: int) -> None:
    """Open the cases that are due on the run's slides."""
    from scoring.assessing import WORKER
    from scoring.opening import due_on_run, open_cases

    if slides := due_on_run(run_id):
        open_cases(by=WORKER, at=timezone.now(), slides=slides)


def controls_changed(run_id: int) -> None:
    """Open what the controls have set free, and score again what was read on the run."""
    from scoring.assessing import WORKER, assess_specimens
    from scoring.queries import specimens_read_on

    run_stained(run_id)
    if read := specimens_read_on(run_id):
        assess_specimens(by=WORKER, at=timezone.now(), specimen_ids=read)


def find_unscored() -> None:
    """Ask for every specimen that is concluded and unscored under the current edition."""
    from scoring.queries import ask_for_unscored

    ask_for_unscored()


def look_for_repeats() -> None:
    """Ask once a day for slides to be shown to their readers again."""
    from scoring.repeating import look_for_repeats as look

    look()


def seed_repeats() -> None:
    from scoring.repeating import seed_now

    seed_now()


def rescore(rescoring_id: int, chunk_id: int) -> None:
    """One chunk of a rescoring, if nobody did it and nobody stopped it."""
    from scoring.assessing import WORKER
    from scoring.rescoring import rescore_chunk

    rescore_chunk(by=WORKER, at=timezone.now(), chunk_id=chunk_id)
