"""The door for WSGI servers such as granian."""

import os

from django.core.wsgi import get_wsgi_application

from lms.stack import unbroken

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "website.settings.base")
application = unbroken(get_wsgi_application())
