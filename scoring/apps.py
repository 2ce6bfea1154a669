from django.apps import AppConfig


class ScoringConfig(AppConfig):
    name = "scoring"
    verbose_name = "What experts and rules say"

    def ready(self) -> None:
        from scoring import duties, guards, measuring
        from specimens import guards as floor_below

        floor_below.EXTRA.update(guards.EXTRA)
        duties.register()
        measuring.register()
