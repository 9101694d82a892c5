#!/usr/bin/env python
"""Django's command line, on the reference site's settings."""

import os
import sys

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "website.settings.base")
    if sys.argv[1:2] and sys.argv[1].startswith("demo"):
        # Settings are read once, before the command runs.
        os.environ.setdefault("VUONXA_DEMO", "1")
        os.environ.setdefault("LOG_LEVEL", "WARNING")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)
