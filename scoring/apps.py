from pathlib import Path

from django.apps import AppConfig


class ScoringConfig(AppConfig):
    name = "scoring"
    verbose_name = "What experts and rules say"

    def ready(self) -> None:
        from django.conf import settings

        from scoring import duties, guards, measuring
        from scoring.rules import shelves
        from specimens import guards as floor_below

        floor_below.EXTRA.update(guards.EXTRA)
        duties.register()
        measuring.register()
        if settings.PARAFFIN_EDITIONS:
            shelves.add(Path(settings.PARAFFIN_EDITIONS))
