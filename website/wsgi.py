"""The door for WSGI servers such as granian."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "website.settings.base")
application = get_wsgi_application()
