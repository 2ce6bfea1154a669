from django.apps import AppConfig
from django.db.models.signals import post_migrate


class SpecimensConfig(AppConfig):
    name = "specimens"
    verbose_name = "What exists"

    def ready(self) -> None:
        from django.db.backends.signals import connection_created

        from specimens import checks, custody_desk, guards, jobs, lending, posting, reminding, tiling
        from specimens.models import lookups

        connection_created.connect(guards.teach_sqlite_the_actor, dispatch_uid="paraffin actor")
        post_migrate.connect(guards.install, dispatch_uid="paraffin guards")
        posting.register()
        tiling.register()
        reminding.register()
        custody_desk.register()
        jobs.finds(lending.write_letters)
        assert checks
        assert lookups
