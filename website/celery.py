"""The Celery app of the site: a waker for durable jobs, never their memory."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "website.settings.base")
app = Celery("vuonxa")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
