"""import_factors FILE [--dry-run] [--json]: judge a sheet of clinical factors row by row, and record it."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from lims.factor_import import Verdict, import_sheet, read_and_judge
from lims.intake.factor_sheet import COLUMNS
from lims.management.commands.import_manifest import person
from specimens.errors import Invalid, Refused, Rejected, RowProblem


class Command(BaseCommand):
    help = (
        f"Reads CSV with the columns {', '.join(COLUMNS)}, judges every row and, unless --dry-run, records them in the "
        "name of a coordinator: all rows or none; what is recorded already is passed over. With --json one object: "
        "rows, new, corrections, recorded, refused, findings. Exit status 0 when nothing was refused, else 1."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE", help="the sheet")
        parser.add_argument("--dry-run", action="store_true", help="judge only: nothing is written")
        parser.add_argument("--json", action="store_true", help="one JSON object on standard output")
        parser.add_argument("--as", metavar="USERNAME", dest="username", required=True, help="in whose name")

    def handle(self, *args: Any, file: str, dry_run: bool, username: str, **options: Any) -> None:
        verdict, problems = Verdict(()), list[RowProblem]()
        try:
            content = Path(file).read_bytes()
            who, at = person(username), timezone.now()
            verdict = read_and_judge(by=who, at=at, content=content)
            problems = verdict.problems
            if not dry_run and not problems:
                verdict = import_sheet(by=who, at=at, content=content)
        except Rejected as refused:
            problems = refused.problems
        except Refused as refused:
            problems = [RowProblem(0, refused.field or "file", refused.sentence)]
        except OSError as why:
            unreadable = Invalid("unreadable", f"{file} cannot be read: {why.strerror or why}.")
            problems = [RowProblem(0, "file", unreadable.sentence)]
        self.say(verdict, problems, dry_run=dry_run, as_json=options["json"])
        if problems:
            raise SystemExit(1)

    def say(self, verdict: Verdict, problems: list[RowProblem], *, dry_run: bool, as_json: bool) -> None:
        told = {
            "dry_run": dry_run, "rows": len(verdict.rows), "new": verdict.count("new"),
            "corrections": verdict.count("correction"), "recorded": verdict.count("recorded"),
            "refused": verdict.refused, "kept": verdict.kept,
        }  # fmt: skip
        if as_json:
            findings = [
                {"row": each.row, "field": each.field, "value": each.value, "sentence": each.sentence}
                for each in problems
            ]
            self.stdout.write(json.dumps(told | {"findings": findings}, ensure_ascii=True))
            return
        for each in problems:
            where = f"row {each.row}" if each.row else "the file"
            self.stdout.write(f"{where}, {each.field}{f' = {each.value!r}' if each.value else ''}: {each.sentence}")
        self.stdout.write(
            f"{told['rows']} rows: {told['new']} new, {told['corrections']} corrections, {told['recorded']} recorded "
            f"already, {told['refused']} refused. {'A dry run: nothing' if dry_run else verdict.kept} written."
        )
