"""bench [NAME …] [--json]: measures on a throw-away database; bin/bench makes one and ends it."""

import json
import sys
from argparse import ArgumentParser
from dataclasses import fields
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from lims.bench.figures import table
from lims.bench.ground import Sizes, ground_of
from lims.bench.measurements import MEASUREMENTS, measured, named
from lims.models import User


class Command(BaseCommand):
    help = (
        "Measures speed beside the simplest thing that does the same, on a database filled for the purpose: "
        "run it through bin/bench, which brings a PostgreSQL and a Redis of its own. "
        f"Names: {', '.join(MEASUREMENTS)}; without one, all."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("names", nargs="*", metavar="NAME", help="what to measure")
        parser.add_argument("--json", action="store_true", help="the figures as a list of JSON objects")
        for size in fields(Sizes):
            parser.add_argument(f"--{size.name.replace('_', '-')}", type=int, default=size.default, metavar="N")

    def handle(self, *args: Any, names: list[str], **options: Any) -> None:
        check(names)
        Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)  # its absence would be warned of
        sizes = Sizes(**{size.name: options[size.name] for size in fields(Sizes)})
        with ground_of(sizes) as ground:
            figures = measured(ground, names or list(MEASUREMENTS), say)
        if options["json"]:
            self.stdout.write(json.dumps([figure.row() for figure in figures], indent=1))
        else:
            self.stdout.write(table(figures))


def say(words: str) -> None:
    sys.stderr.write(f"{words}\n")


def check(names: list[str]) -> None:
    """Refuse what cannot be measured, and a database that holds anything."""
    if unknown := [name for name in names if named(name) is None]:
        raise CommandError(f"There is no measurement {', '.join(unknown)}; there are: {', '.join(MEASUREMENTS)}.")
    if connection.vendor != "postgresql":
        raise CommandError("Measurements need PostgreSQL and Redis: run bin/bench, which brings both.")
    if User.objects.exists():
        raise CommandError("This database is in use; measurements fill theirs with synthetic rows. Run bin/bench.")
