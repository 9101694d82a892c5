"""Repairs the records of courses by recomputing them from the pages."""

from django.core.management.base import BaseCommand

from courses.sync import all_keys, sync_course


class Command(BaseCommand):
    """``manage.py lms_sync_courses``"""

    help = "Recompute every course and lesson from the live pages. Harmless at any time."

    def handle(self, *args, **options):
        keys = sorted(all_keys(), key=str)
        for number, key in enumerate(keys, start=1):
            course = sync_course(key)
            if course is not None:
                self.stdout.write(f"{number}/{len(keys)} {course.code or course.key} {course.title}")
        self.stdout.write(f"{len(keys)} courses recomputed.")
