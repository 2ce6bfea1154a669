"""The site as production serves it, with the plain views of `lims.bench.urls` added."""

import os

import django
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup(set_prefix=False)
settings.ROOT_URLCONF = "lims.bench.urls"
application = WSGIHandler()
