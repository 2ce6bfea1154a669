"""migrate, which first puts back the guards that a migration cut short on SQLite took with its table.

Without them the system check would refuse every further migrate, and the guards come back only after one.
"""

from typing import Any

from django.core.management.commands.migrate import Command as Migrate

from specimens import guards


class Command(Migrate):
    def execute(self, *args: Any, **options: Any) -> str | None:
        if not options["plan"] and not options["check_unapplied"]:
            guards.install(using=options["database"])
        return super().execute(*args, **options)
