"""classify FILE.csv: pathology risk and IL-2 eligibility, or another model's group, for every row of a sheet."""

import os
import sys
from argparse import ArgumentParser
from contextlib import AbstractContextManager, nullcontext
from io import TextIOWrapper
from pathlib import Path
from typing import Any, BinaryIO

from django.core.management.base import BaseCommand, CommandError

from lims.intake import clinical_sheet
from lims.intake.classify_sheet import ANSWERS, COLUMNS, WrongSheet, classify
from lims.intake.model_sheet import classify_by_card
from scoring.rules.catalogue import card, names
from scoring.rules.clinical.model import MODELS
from scoring.rules.editions import CURRENT, TWO_COMPARTMENT
from scoring.rules.editions import edition as edition_of


class Command(BaseCommand):
    help = (
        f"Reads CSV with the columns {', '.join(COLUMNS)} in any order, others being ignored, and writes "
        f"CSV with {', '.join(ANSWERS)}. clear_cell: yes, no, indeterminate_type (centrally signed "
        "unclassified) or blank; percentages 0 to 100 or blank; caix also not_evaluable. Bad rows are told "
        f"on standard error and make the exit status 1. {CURRENT.title}, edition {CURRENT.edition}. "
        f"{CURRENT.statement} With --model another model answers: any of the columns "
        f"{', '.join(clinical_sheet.COLUMNS)} (only id is needed, a blank is missing, each model reads its own "
        f"inputs), and out come {', '.join(clinical_sheet.ANSWERS)}; just as investigational."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("sheet", metavar="FILE.csv", help="the sheet to read, or - for standard input")
        parser.add_argument(
            "--model",
            choices=names(),
            default=TWO_COMPARTMENT,
            help=f"the model that answers, {TWO_COMPARTMENT} unless told otherwise; see docs/models.md",
        )
        parser.add_argument("--edition", default="", help="an edition of the model; the one in force unless told")

    def handle(self, *args: Any, sheet: str, model: str, edition: str, **options: Any) -> None:
        try:
            card(model, edition)
        except ValueError as wrong:
            raise CommandError(str(wrong)) from wrong
        if isinstance(sys.stdout, TextIOWrapper):
            sys.stdout.reconfigure(encoding="utf-8")
        try:
            with _opened(sheet) as lines:
                all_good = self._answered(model, edition, lines)
        except BrokenPipeError:
            # Whoever was reading has seen enough; leave nothing for the interpreter to flush.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            all_good = False
        except OSError as why:
            self.stderr.write(f"{sheet} cannot be read: {why.strerror or why}.")
            all_good = False
        except WrongSheet as why:
            self.stderr.write(f"{sheet}: {why}")
            all_good = False
        if not all_good:
            raise SystemExit(1)

    def _answered(self, model: str, edition: str, lines: BinaryIO) -> bool:
        if model == TWO_COMPARTMENT:
            return classify(lines, self.stdout, self.stderr.write, edition_of(model, edition or CURRENT.edition))
        if model in MODELS:
            return clinical_sheet.classify_by(MODELS[model], lines, self.stdout, self.stderr.write, edition)
        return classify_by_card(card(model, edition), lines, self.stdout, self.stderr.write)


def _opened(sheet: str) -> AbstractContextManager[BinaryIO]:
    return nullcontext(sys.stdin.buffer) if sheet == "-" else Path(sheet).open("rb")
