from django.apps import AppConfig


class LimsConfig(AppConfig):
    name = "lims"
    verbose_name = "The desk"

    def ready(self) -> None:
        from lims import answers, freezing, people
        from lims.manifests import working
        from scoring.readers import told_by

        answers.register()
        freezing.register()
        working.register()
        told_by(people.readers)
