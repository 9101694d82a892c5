"""``lms``, ``content`` and ``courses`` without ``certificates``."""

from tests.hosts.site import *  # noqa: F403
from tests.hosts.site import SITE_APPS

INSTALLED_APPS = ["courses", "content", "lms", *SITE_APPS]
ROOT_URLCONF = "tests.hosts.no_certificates.urls"
LMS_CONTENT_CAN_READ = "courses.page_permissions.can_read"
LMS_CONTENT_CAN_WATCH = "courses.permissions.can_watch_video"
TEMPLATES[0]["DIRS"].insert(0, BASE_DIR / "tests" / "hosts" / "no_certificates" / "templates")  # noqa: F405
