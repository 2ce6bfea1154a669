"""faults [NUMBER …] [--timings N]: brings faults about on a throw-away database; bin/bench faults makes one."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from lims.bench.faults.suite import FAULTS, HEADING, can_be_tried, tried
from lims.models import User


class Command(BaseCommand):
    help = (
        "Kills, cuts off and fills up what Paraffin stands on, at random moments, and looks whether a score was "
        "lost, doubled or wrong: run it through bin/bench faults, which brings a PostgreSQL and a Redis of its own."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("numbers", nargs="*", type=int, metavar="NUMBER", help="which faults; all unless told")
        parser.add_argument("--timings", type=int, default=20, metavar="N", help="random moments of each")
        parser.add_argument("--size", type=int, default=10, metavar="N", help="specimens at stake each time")
        parser.add_argument("--seed", type=int, default=20261126, metavar="N")

    def handle(self, *args: Any, numbers: list[int], timings: int, size: int, seed: int, **options: Any) -> None:
        if connection.vendor != "postgresql":
            raise CommandError("Faults need PostgreSQL and Redis: run bin/bench faults, which brings both.")
        if User.objects.exists():
            raise CommandError("This database is in use; faults need one of their own: run bin/bench faults.")
        if strange := set(numbers) - {fault.number for fault in FAULTS}:
            raise CommandError(f"There is no fault {min(strange)}; there are 1 to {len(FAULTS)}.")
        wanted = [fault for fault in can_be_tried() if not numbers or fault.number in numbers]
        self.stdout.write(HEADING)
        found = tried(wanted, timings, size, seed, self.stdout.write)
        runs, violations = sum(each.runs for each in found), sum(len(each.violations) for each in found)
        self.stdout.write(f"{runs} runs, {violations} violations.")
        if violations:
            sys.exit(1)
