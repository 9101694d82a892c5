"""Which courses use a lecture: in their lessons now, and in versions that were frozen with it."""

from collections import defaultdict

from django.db.models import Count, Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from content.models import Video
from content.usage import Usage, Use
from courses.models import Course, Lesson, Release
from courses.permissions import courses_for


def of_video(user, video: Video) -> Usage:
    """The courses of *video*: lessons by name, each version with the recording it holds, open classes."""
    told: dict[int, list[str]] = defaultdict(list)
    for lesson in Lesson.objects.filter(video=video, is_open=True).order_by("course", "position"):
        told[lesson.course_id].append(_("lesson “%(title)s”") % {"title": lesson.title})
    for release in _releases(video):
        version = next(item["version"] for item in release.outline if item.get("video") == video.pk)
        words = _("version %(number)d (%(state)s) with recording %(version)d") % {
            "number": release.number,
            "state": release.get_state_display(),
            "version": version,
        }
        if release.open_runs:
            words += ", " + ngettext("%(count)d open class", "%(count)d open classes", release.open_runs) % {
                "count": release.open_runs
            }
        told[release.course_id].append(words)
    seen = {course.pk: course for course in courses_for(user).filter(pk__in=told)}
    uses = [
        Use(seen[pk].title, reverse("lms_courses_admin:course", args=[pk]), tuple(details))
        for pk, details in told.items()
        if pk in seen
    ]
    return Usage(uses, hidden=len(told) - len(seen))


def _releases(video: Video) -> list[Release]:
    """Versions frozen with *video*: read one by one, because an outline is JSON on every database."""
    homes = Course.objects.filter(Q(facility=video.facility_id) | Q(lessons__video=video))
    rows = (
        Release.objects.filter(course__in=homes.values("pk"))
        .annotate(open_runs=Count("runs", filter=Q(runs__is_closed=False)))
        .only("course", "number", "state", "outline")
        .order_by("course", "-number")
    )
    return [row for row in rows if any(item.get("video") == video.pk for item in row.outline)]
