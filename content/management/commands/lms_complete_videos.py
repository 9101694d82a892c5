"""Gives lectures that were processed before what is made of lectures today."""

from django.core.management.base import BaseCommand

from content.actions import complete_videos


class Command(BaseCommand):
    """``manage.py lms_complete_videos``"""

    help = (
        "Promise slides, parts of long lectures and missing qualities of all ready lectures. "
        "Workers make them while the lectures can be watched; harmless at any time."
    )

    def handle(self, *args, **options):
        self.stdout.write(f"{complete_videos()} lectures are given what they lack.")
