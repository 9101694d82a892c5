"""Many pages of one course, built without the work that only the last of them needs."""

from contextlib import contextmanager

from wagtail.signal_handlers import disable_reference_index_auto_update
from wagtail.signals import page_published

from courses.receivers import on_page_change
from courses.sync import sync_course

UID = "lms_courses.sync.published"


@contextmanager
def synced_once(key):
    """Publish lessons inside the block; the records of the course *key* are recomputed once, at its end."""
    page_published.disconnect(dispatch_uid=UID)
    try:
        with disable_reference_index_auto_update():
            yield
    finally:
        page_published.connect(on_page_change, dispatch_uid=UID)
    sync_course(key)
