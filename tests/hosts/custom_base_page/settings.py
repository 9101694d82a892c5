"""All four apps on ``WAGTAIL_PAGE_MODEL``."""

from tests.hosts.site import *  # noqa: F403
from tests.hosts.site import SITE_APPS

WAGTAIL_PAGE_MODEL = "custom_base_page.BasePage"
INSTALLED_APPS = [
    "tests.hosts.custom_base_page",
    "certificates",
    "courses",
    "content",
    "lms",
    *SITE_APPS,
]
ROOT_URLCONF = "tests.hosts.custom_base_page.urls"
LMS_CONTENT_CAN_READ = "courses.page_permissions.can_read"
LMS_CONTENT_CAN_WATCH = "courses.permissions.can_watch_video"
