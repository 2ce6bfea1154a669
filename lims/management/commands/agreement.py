"""agreement FILE.csv --kind …: the agreement of readers, from a sheet, as JSON."""

from argparse import ArgumentParser
from decimal import Decimal
from typing import Any

import orjson
from django.core.management.base import BaseCommand, CommandParser

from lims.intake.agreement_sheet import COLUMNS, Kind, agreement_of
from lims.intake.text_sheet import WrongSheet, text_of
from scoring.rules.editions import CURRENT
from scoring.rules.percent import percent


class Command(BaseCommand):
    help = (
        f"Reads CSV with the columns {', '.join(COLUMNS)} and prints raw agreement, Cohen's and weighted kappa, "
        "Krippendorff's alpha, ICC(2,1) and Bland-Altman limits as one JSON object, unrounded; null where "
        "undefined or not of the kind. For percent, raw and kappa speak of the side of the cutoff."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser | ArgumentParser) -> None:
        parser.add_argument("sheet", metavar="FILE.csv", help="the sheet to read, or - for standard input")
        parser.add_argument("--kind", required=True, choices=[kind.value for kind in Kind])
        parser.add_argument("--cutoff", default=str(CURRENT.caix_high_above), help="high is above it (percent)")

    def handle(self, *args: Any, sheet: str, kind: str, cutoff: str, **options: Any) -> None:
        try:
            limit = percent(cutoff) or Decimal(0)
            found = agreement_of(text_of(sheet).splitlines(keepends=True), Kind(kind), limit)
        except WrongSheet as wrong:
            for sentence in wrong.args:
                self.stderr.write(f"{sheet}: {sentence}")
            raise SystemExit(1) from wrong
        except OSError as wrong:
            self.stderr.write(f"{sheet} cannot be read: {wrong.strerror or wrong}.")
            raise SystemExit(1) from wrong
        except ValueError as wrong:
            self.stderr.write(f"--cutoff: {wrong}")
            raise SystemExit(1) from wrong
        self.stdout.write(orjson.dumps(found, option=orjson.OPT_INDENT_2).decode())
