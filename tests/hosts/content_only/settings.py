"""``lms`` and ``content`` in a site of somebody else."""

from tests.hosts.site import *  # noqa: F403
from tests.hosts.site import SITE_APPS

INSTALLED_APPS = ["content", "lms", *SITE_APPS]
ROOT_URLCONF = "tests.hosts.content_only.urls"
