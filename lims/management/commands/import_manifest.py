"""import_manifest FILE [--dry-run] [--json]: judge a manifest row by row, and announce its parcel."""

import json
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from lims.intake.manifests.findings import ERROR, FileRefused, Finding
from lims.intake.manifests.recognised import read_manifest
from lims.manifests import desk
from lims.manifests.judging import Verdict, Wanted, file_refused, judge
from lims.manifests.keeping import CHECK, keep_manifest
from lims.manifests.working import remembered
from lims.models import ManifestCheck, User
from specimens import jobs, queries
from specimens.deeds import local_day
from specimens.errors import Invalid, Refused, Rejected
from specimens.models import Institution

PATIENCE_SECONDS = 600


class Command(BaseCommand):
    help = (
        "Judges every row of a manifest (.xlsx, or one sheet of it as .csv) and, unless --dry-run, announces its "
        "parcel: all rows or none. With --json one object: rows, accepted, refused, findings. Exit status 0 when "
        "the file was judged (dry run) or imported, 1 when the file itself, or the import, was refused."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE", help="the manifest")
        parser.add_argument("--dry-run", action="store_true", help="judge only: nothing is written")
        parser.add_argument("--json", action="store_true", help="one JSON object on standard output")
        parser.add_argument("--sender", metavar="CODE", default="", help="who sends the parcel")
        parser.add_argument("--receiver", metavar="CODE", default="", help="the core that receives it")
        parser.add_argument("--trial", metavar="CODE", default="", help="the trial, where the file names none")
        parser.add_argument("--as", metavar="USERNAME", dest="username", default="", help="in whose name to import")

    def handle(self, *args: Any, file: str, **options: Any) -> None:
        said: dict[str, Any] = {"file": Path(file).name, "dry_run": options["dry_run"], "kind": "", "parcel": ""}
        try:
            content = Path(file).read_bytes()
            verdict, judged = self.judged(said, content, Path(file).name, options)
        except FileRefused as refused:
            verdict, judged = file_refused(refused), False
        except Refused as refused:
            verdict, judged = not_asked(refused), False
        except OSError as why:
            verdict, judged = not_asked(Invalid("unreadable", f"{file} cannot be read: {why.strerror or why}.")), False
        said["kind"] = verdict.kind
        self.say(said, verdict, as_json=options["json"])
        if not judged:
            raise SystemExit(1)

    def judged(self, said: dict[str, Any], content: bytes, name: str, options: dict[str, Any]) -> tuple[Verdict, bool]:
        """The verdict, and whether what was asked for was done."""
        sender = institution(options["sender"], "sender")
        receiver = institution(options["receiver"], "receiver")
        if not options["dry_run"]:
            return self.imported(said, content, name, options, sender, receiver)
        mapping = remembered(sender.pk) if sender else {}
        reading = read_manifest(content, name=name, mapping=mapping)
        wanted = Wanted(sender, receiver, options["trial"])
        return judge(reading, wanted, local_day(timezone.now())), True

    def imported(
        self, said: dict[str, Any], content: bytes, name: str, options: dict[str, Any],
        sender: Institution | None, receiver: Institution | None,
    ) -> tuple[Verdict, bool]:  # fmt: skip
        """Keep the file and do its check here and now; one that came in before gives the parcel it became."""
        user, at = person(options["username"]), timezone.now()
        if sender is None:
            raise Invalid("no_sender", "Say who sends the parcel: --sender CODE.", field="sender")
        check = keep_manifest(
            by=user, at=at, sender=sender, receiver=receiver or queries.core(), name=name, content=content,
            trial=options["trial"], imports=True,
        )  # fmt: skip
        done = waited_for(check)
        parcel = desk.parcel_of(done.manifest)
        said["parcel"] = str(parcel) if parcel else ""
        said["imported"] = parcel is not None
        return desk.verdict_of(done), parcel is not None

    def say(self, said: dict[str, Any], verdict: Verdict, *, as_json: bool) -> None:
        counted = {"rows": verdict.rows, "accepted": verdict.accepted, "refused": verdict.refused}
        if as_json:
            told = said | counted | {"findings": [finding.told() for finding in verdict.findings]}
            self.stdout.write(json.dumps(told, ensure_ascii=True))
            return
        for finding in verdict.findings:
            self.stdout.write(sentence(finding))
        self.stdout.write(f"{verdict.rows} rows: {verdict.accepted} can come in, {verdict.refused} are refused.")
        if said["parcel"]:
            self.stdout.write(f"Imported as parcel {said['parcel']}.")
        elif said["dry_run"]:
            self.stdout.write("A dry run: nothing was written.")


def sentence(finding: Finding) -> str:
    where = f"{finding.sheet + ', ' if finding.sheet else ''}row {finding.row}" if finding.row else "the file"
    value = f" = {finding.value!r}" if finding.value else ""
    return f"{finding.severity:7}  {where}, {finding.field}{value}: {finding.sentence}"


def not_asked(refused: Refused) -> Verdict:
    """What could not be begun: no such sender, nobody to do it, a file that cannot be opened."""
    problems = refused.problems if isinstance(refused, Rejected) else []
    told = [Finding(p.row, p.field, p.value, ERROR, p.sentence) for p in problems]
    return Verdict(0, 0, 0, told or [Finding(0, refused.field or "file", "", ERROR, refused.sentence)])


def institution(code: str, field: str) -> Institution | None:
    if not code:
        return None
    try:
        return queries.institution(code)
    except Refused as refused:
        raise Invalid(refused.code, refused.sentence, field=field) from refused


def person(username: str) -> User:
    if not username:
        said = "Say in whose name the import is done: --as USERNAME. A dry run (--dry-run) needs nobody."
        raise Invalid("no_person", said, field="as")
    found = desk.person_named(username)
    if found is None:
        raise Invalid("unknown_person", f"Nobody here has the user name “{username[:60]}”.", field="as")
    return found


def waited_for(check: ManifestCheck) -> ManifestCheck:
    """Do the check now, or wait for the worker that has taken it."""
    key, until = f"{CHECK}:{check.pk}", time.monotonic() + PATIENCE_SECONDS
    while check.finished_at is None and check.stopped_at is None and time.monotonic() < until:
        if not jobs.perform(key):
            if cause := desk.given_up(check):
                raise Refused("given_up", f"The import was given up: {cause[:300]}")
            time.sleep(0.2)
        check.refresh_from_db()
    if check.finished_at is None:
        raise Refused("not_done", "The import was stopped, or has not ended yet: look at the page of manifests.")
    return check
