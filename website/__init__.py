"""The reference site: settings, accounts, look and demo data; nothing imports it."""

import os

if os.environ.get("BROKER_URL"):
    # Shared tasks find the app; without a broker nothing of Celery is loaded.
    from website.celery import app as celery_app

    __all__ = ["celery_app"]
