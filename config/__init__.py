"""Plugs the floors in: settings, urls, celery, wsgi. Imports none of the rooms' code."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
