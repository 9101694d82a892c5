"""The slides found in a lecture, and what a trainer thinks of them."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext as _

from content.models.chapters import Chapter, clock
from content.models.videos import Rendition, Video


class SlideEdit(models.Model):
    """What a trainer changed about the slides of one version of a lecture; kept when they are found anew.

    No personal data.
    """

    video = models.ForeignKey(Video, models.CASCADE, related_name="slide_edits")
    version = models.PositiveSmallIntegerField()
    is_off = models.BooleanField(default=False, help_text="slides and sound are not offered")
    left_out = models.JSONField(
        default=list, blank=True, help_text="seconds at which slides begin that are none"
    )

    wagtail_reference_index_ignore = True

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["video", "version"], name="lms_content_slide_edit_once")
        ]

    def __str__(self):
        return f"{self.video} {self.version}"


@dataclass(frozen=True)
class Slide:
    """One slide of a lecture; ``place`` is its place among the stills of the form, from 1."""

    number: int
    count: int
    seconds: int
    url: str
    place: int
    start: int
    size: int
    chapter: Chapter | None
    is_left_out: bool = False

    @property
    def clock(self) -> str:
        """From when on it is shown, as a player writes it."""
        return clock(self.seconds)

    @property
    def title(self) -> str:
        """What stands for the picture where it cannot be seen, in the active language."""
        told = _("Slide %(number)d / %(count)d · %(clock)s") % {
            "number": self.number,
            "count": self.count,
            "clock": self.clock,
        }
        return f"{told} · {self.chapter.title}" if self.chapter else told


@dataclass(frozen=True)
class Slideshow:
    """The stills of one version of a lecture and the sound beside which they are shown."""

    form: Rendition
    sound: Rendition
    slides: list[Slide]
    found: list[Slide]
    is_off: bool

    @classmethod
    def of(cls, video: Video, version: int | None = None) -> "Slideshow | None":
        """What was found in *version* (the current one by default); None without slides or sound."""
        version = version or video.version
        made = {form.kind: form for form in video.renditions.all() if form.version == version}
        form, sound = made.get(Rendition.Kind.SLIDES), made.get(Rendition.Kind.AUDIO)
        if form is None or sound is None or not form.stills:
            return None
        edit = video.slide_edits.filter(version=version).first()
        left_out = set(edit.left_out) if edit else set()
        chapters = list(video.chapters.filter(version=version))
        shown = [still for still in form.stills if still[0] not in left_out]
        numbers = {still[0]: number for number, still in enumerate(shown, start=1)}
        found = [
            Slide(
                number=numbers.get(seconds, 0),
                count=len(shown),
                seconds=seconds,
                url=form.still_url(place),
                place=place,
                start=start,
                size=size,
                # Slides are found to the second.
                chapter=next((one for one in reversed(chapters) if one.seconds < seconds + 1), None),
                is_left_out=seconds in left_out,
            )
            for place, (seconds, start, size) in enumerate(form.stills, start=1)
        ]
        slides = [slide for slide in found if not slide.is_left_out]
        return cls(form, sound, slides, found, bool(edit and edit.is_off))

    @property
    def is_offered(self) -> bool:
        """Whether learners may choose it."""
        return bool(self.slides) and not self.is_off

    @property
    def size(self) -> int:
        """Bytes of the sound and of the slides shown."""
        return self.sound.size + sum(slide.size for slide in self.slides)


def weigh_slides(forms: Iterable[dict]) -> dict[tuple[int, int], int]:
    """What the slides of several versions weigh that are offered, by (video, version); one query.

    *forms* are rows of renditions with ``video``, ``version`` and ``stills``.
    """
    rows = [one for one in forms if one["stills"]]
    edits = defaultdict(lambda: (False, ()))
    if rows:
        asked = SlideEdit.objects.filter(video__in={one["video"] for one in rows})
        for edit in asked:
            edits[edit.video_id, edit.version] = (edit.is_off, edit.left_out)
    found = {}
    for one in rows:
        is_off, left_out = edits[one["video"], one["version"]]
        weight = sum(size for seconds, _start, size in one["stills"] if seconds not in left_out)
        if weight and not is_off:
            found[one["video"], one["version"]] = weight
    return found
