"""verify_custody: is every block and slide with exactly one holder at every instant?"""

from typing import Any

from django.core.management.base import BaseCommand
from tqdm import tqdm

from specimens import custody_check


class Command(BaseCommand):
    help = (
        "Replays the custody of every block and slide and prints each gap, overlap and impossible step, one a line. "
        "Exit status 1 when there is any."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        found, looked = 0, 0
        with tqdm(desc="custody", unit=" things", disable=None) as progress:

            def tick(count: int) -> None:
                nonlocal looked
                looked += count
                progress.update(count)

            for broken in custody_check.walk(tick):
                found += 1
                self.stdout.write(str(broken))
        self.stderr.write(summary(looked, found))
        if found:
            raise SystemExit(1)


def summary(looked: int, found: int) -> str:
    things = f"{looked:,} block{'s' if looked != 1 else ''} and slides"
    return f"{things} looked at: {'each has one holder at every instant' if not found else f'{found:,} findings'}."
