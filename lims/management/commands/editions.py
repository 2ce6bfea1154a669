"""editions [FILE…]: the editions of every model, or a check of edition files before they are taken."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import orjson
from django.core.management.base import BaseCommand, CommandParser

from lims.intake.edition_file import Checked, checked
from scoring.rules.catalogue import card, names


class Command(BaseCommand):
    help = (
        "Without FILE lists every model's editions, the one in force first. With FILE reads edition files (TOML), says "
        "what is wrong with them, and holds each to the worked cases in NAME.vectors.csv beside it; exit status 1 when "
        "anything is wrong. Nothing is written or installed."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser | ArgumentParser) -> None:
        parser.add_argument("files", metavar="FILE", nargs="*", help="edition files to check")
        parser.add_argument("--json", action="store_true", help="answer as JSON")

    def handle(self, *args: Any, files: list[str], json: bool, **options: Any) -> None:
        if not files:
            self.told([line for name in names() for line in listed(name)], json)
            return
        found = [checked(Path(file)) for file in files]
        self.told([judged(each) for each in found], json)
        if any(each.faults for each in found):
            raise SystemExit(1)

    def told(self, lines: list[dict[str, Any]], json: bool) -> None:
        if json:
            self.stdout.write(orjson.dumps(lines, option=orjson.OPT_INDENT_2).decode())
            return
        for line in lines:
            faults = line.pop("faults", [])
            self.stdout.write("  ".join(f"{name} {value}" for name, value in line.items() if value not in ("", None)))
            for fault in faults:
                self.stderr.write(f"  {fault}")


def listed(name: str) -> list[dict[str, Any]]:
    """One line an edition, the one in force first."""
    history = sorted(card(name).history, key=lambda each: not each.current)
    return [
        {"model": name, "edition": each.edition, "effective": each.effective.isoformat(), "in_force": each.current,
         "sha256": each.checksum}
        for each in history
    ]  # fmt: skip


def judged(each: Checked) -> dict[str, Any]:
    return {
        "file": each.file,
        "model": each.card.name if each.card else "",
        "edition": each.card.edition if each.card else "",
        "cases": each.cases,
        "verdict": "refused" if each.faults else "accepted",
        "faults": list(each.faults),
    }
