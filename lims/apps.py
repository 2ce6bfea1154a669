from django.apps import AppConfig


class LimsConfig(AppConfig):
    name = "lims"
    verbose_name = "The desk"

    def ready(self) -> None:
        from lims import answers
        from lims.manifests import working

        answers.register()
        working.register()
