"""survival FILE.csv: Kaplan-Meier, log-rank and hazard ratios of a sheet, as JSON."""

from argparse import ArgumentParser
from typing import Any

import orjson
from django.core.management.base import BaseCommand, CommandParser

from lims.analysis.survival import survive
from lims.analysis.told import told_survival
from lims.intake.survival_sheet import COLUMNS, subjects_of
from lims.intake.text_sheet import WrongSheet, text_of


class Command(BaseCommand):
    help = (
        f"Reads CSV with the columns {', '.join(COLUMNS)} (event 1 or 0) and prints, as one JSON object, each group's "
        "Kaplan-Meier curve with numbers at risk and median, the log-rank test, and each group's hazard ratio against "
        "the first by name; every figure unrounded and named. What is infinite or undefined is null, with a note."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser | ArgumentParser) -> None:
        parser.add_argument("sheet", metavar="FILE.csv", help="the sheet to read, or - for standard input")

    def handle(self, *args: Any, sheet: str, **options: Any) -> None:
        try:
            subjects = subjects_of(text_of(sheet))
        except WrongSheet as wrong:
            for sentence in wrong.args:
                self.stderr.write(f"{sheet}: {sentence}")
            raise SystemExit(1) from wrong
        except OSError as wrong:
            self.stderr.write(f"{sheet} cannot be read: {wrong.strerror or wrong}.")
            raise SystemExit(1) from wrong
        self.stdout.write(orjson.dumps(told_survival(survive(subjects)), option=orjson.OPT_INDENT_2).decode())
