"""Celery's door to this floor: one call each."""

from celery import shared_task

from specimens import jobs


@shared_task
def perform_job(key: str) -> None:
    jobs.perform(key)


@shared_task
def sweep() -> None:
    jobs.sweep()
