"""contingency A B C D: a two-by-two table's odds ratios, proportions and Fisher's P, as JSON."""

from argparse import ArgumentParser, ArgumentTypeError
from typing import Any

import orjson
from django.core.management.base import BaseCommand, CommandParser

from lims.analysis.contingency import TwoByTwo
from lims.analysis.told import told_table

MOST = 10_000
CELLS = {
    "A": "exposed who responded, for example CA-IX high",
    "B": "exposed who did not",
    "C": "unexposed who responded",
    "D": "unexposed who did not",
}


def count(text: str) -> int:
    if not (text.isascii() and text.isdigit()) or int(text) > MOST:
        raise ArgumentTypeError(f"“{text[:40]}” is no count: give a whole number from 0 to {MOST}.")
    return int(text)


class Command(BaseCommand):
    help = (
        "Prints, as one JSON object, both proportions with exact intervals, sample and conditional odds ratio with "
        "interval, difference and ratio of proportions, and Fisher's exact test; each with its name. An infinite or "
        "undefined figure is null, with a note."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser | ArgumentParser) -> None:
        for name, said in CELLS.items():
            parser.add_argument(name, type=count, help=said)

    def handle(self, *args: Any, **options: Any) -> None:
        table = TwoByTwo(*(options[name] for name in CELLS))
        self.stdout.write(orjson.dumps(told_table(table), option=orjson.OPT_INDENT_2).decode())
