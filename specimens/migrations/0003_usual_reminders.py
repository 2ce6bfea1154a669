"""Trials opened before there were reminders get the usual schedule."""

from django.db import migrations


def remind_as_usual(apps, schema_editor):
    trial, step = apps.get_model("specimens", "Trial"), apps.get_model("specimens", "ReminderStep")
    step.objects.bulk_create(
        step(trial=each, number=number, after_days=days)
        for each in trial.objects.filter(reminder_steps__isnull=True)
        for number, days in ((1, 14), (2, 28))
    )


class Migration(migrations.Migration):
    dependencies = [("specimens", "0002_the_chase_and_the_bench")]

    operations = [migrations.RunPython(remind_as_usual, migrations.RunPython.noop, elidable=True)]
