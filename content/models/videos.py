"""Video lectures and what is made of them."""

import json
import uuid

from django.conf import settings
from django.db import models
from django.db.models import OuterRef, Q, Subquery
from django.db.models.functions import Cast, Concat
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from content import captions, pieces, reasons
from content.conf import conf
from lms import clock
from lms.models import Facility, Job

TRANSCODE = "lms_content.transcode"
"""The kind of the job that makes renditions; its key is ``<video pk>:<version>``."""


CANCELLED = json.dumps(["cancelled", {}])
"""The ``error`` of a lecture whose processing somebody called off."""


class VideoQuerySet(models.QuerySet):
    """Reads on videos."""

    def bytes_kept(self) -> int:
        """What the current recordings and all forms weigh together."""
        sources = self.order_by().aggregate(total=models.Sum("source_size"))["total"] or 0
        weight = models.Sum(models.F("size") + models.F("pieces_size") + models.F("parts_size"))
        forms = Rendition.objects.filter(video__in=self.order_by()).aggregate(total=weight)["total"]
        return sources + (forms or 0)

    def with_progress(self):
        """Each with ``job_progress`` and ``job_state`` of the newest job on its current version."""
        key = Concat(
            Cast(OuterRef("pk"), models.CharField()),
            models.Value(":"),
            Cast(OuterRef("version"), models.CharField()),
            output_field=models.CharField(),
        )
        newest = Job.objects.filter(kind=TRANSCODE, key=key).order_by("-pk")
        return self.annotate(
            job_progress=Subquery(newest.values("progress")[:1]),
            job_state=Subquery(newest.values("state")[:1]),
            bytes_ready=Subquery(
                Rendition.objects.filter(video=OuterRef("pk"), version=OuterRef("version"))
                .order_by()
                .values("video")
                .annotate(total=models.Sum("size"))
                .values("total")
            ),
        )


class Video(models.Model):
    """A lecture of a hospital. Its ``version`` grows when the recording is replaced.

    Files live in private storage, named by us. Watch records point at (video, version), so
    a replacement never changes what somebody has watched. Where a patient can be recognised, it is
    shown to learners up to the day to which the patient agreed; of recordings from before the
    question was asked nobody has said. Personal data: who uploaded it and who noted the consent; of
    the patient what the recording shows, never a name.
    """

    class State(models.TextChoices):
        """Where the current version stands."""

        UPLOADED = "uploaded", _("waiting to be processed")
        PROCESSING = "processing", _("being processed")
        READY = "ready", _("ready")
        FAILED = "failed", _("could not be processed")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    facility = models.ForeignKey(Facility, models.PROTECT, related_name="videos", verbose_name=_("facility"))
    title = models.CharField(_("title"), max_length=200)
    version = models.PositiveSmallIntegerField(default=1, editable=False)
    state = models.CharField(
        _("state"), max_length=10, choices=State.choices, default=State.UPLOADED, editable=False
    )
    error = models.TextField(_("why it failed"), blank=True, editable=False)
    source = models.CharField(max_length=200, blank=True, editable=False, help_text="name in private storage")
    source_name = models.CharField(_("file as uploaded"), max_length=200, blank=True, editable=False)
    source_size = models.BigIntegerField(default=0, editable=False)
    source_sha256 = models.CharField(max_length=64, blank=True, editable=False)
    duration_ms = models.PositiveIntegerField(_("length in milliseconds"), default=0, editable=False)
    width = models.PositiveSmallIntegerField(default=0, editable=False)
    height = models.PositiveSmallIntegerField(default=0, editable=False)
    transcript = models.TextField(_("transcript"), blank=True)
    shows_patient = models.BooleanField(_("a patient can be recognised in it"), null=True, blank=True)
    consent_form = models.CharField(
        _("where the signed consent lies"), max_length=120, blank=True, default=""
    )
    consent_on = models.DateField(_("signed on"), null=True, blank=True)
    consent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", editable=False
    )
    shown_until = models.DateField(_("may be shown until"), null=True, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", editable=False
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = VideoQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = _("video lecture")
        verbose_name_plural = _("video lectures")
        constraints = [
            models.CheckConstraint(
                name="lms_content_video_consent",
                condition=Q(shows_patient__isnull=True)
                | Q(shows_patient=False)
                | Q(~Q(consent_form=""), consent_on__isnull=False, shown_until__isnull=False),
            )
        ]

    def __str__(self):
        return self.title

    @property
    def is_expired(self) -> bool:
        """Whether the patient in it agreed to be shown up to a day that is over."""
        return bool(self.shows_patient and self.shown_until and self.shown_until < clock.today())

    @property
    def seconds(self) -> float:
        """Length in seconds; 0 until it has been probed."""
        return self.duration_ms / 1000

    @property
    def minutes(self) -> int:
        """Length in whole minutes, at least one once it is known."""
        return max(1, round(self.seconds / 60)) if self.duration_ms else 0

    @property
    def job_key(self) -> str:
        """The key of the job on the current version."""
        return f"{self.pk}:{self.version}"

    @property
    def job(self) -> Job | None:
        """The newest job on the current version."""
        return Job.objects.filter(kind=TRANSCODE, key=self.job_key).order_by("-pk").first()

    @property
    def is_under_way(self) -> bool:
        """Whether a worker makes its forms or will; not where the last worker died at its last try."""
        job = self.job
        if self.state == self.State.READY:
            # What is missing is being made while learners watch.
            return bool(job and job.state in {Job.State.QUEUED, Job.State.RUNNING})
        waiting = self.state in {self.State.UPLOADED, self.State.PROCESSING}
        return waiting and not (job and job.state == Job.State.DEAD)

    @property
    def lacks_forms(self) -> bool:
        """Whether a ready lecture has not got all that is made of lectures today: a form, parts, slides."""
        if self.state != self.State.READY:
            return False
        made = {form.kind: form for form in self._made(self.version)}
        shown = [kind for kind in conf.LADDER if kind != Rendition.Kind.AUDIO]
        if self.source and not made.keys() >= set(shown):
            return True
        if conf.SLIDES and Rendition.Kind.AUDIO in made and Rendition.Kind.SLIDES not in made:
            return True
        is_long = len(pieces.part_starts(self.seconds, limit=conf.VIDEO_PLAY_SECONDS)) > 1
        return is_long and any(kind in made and not made[kind].parts for kind in conf.LADDER)

    @property
    def playable(self) -> bool:
        """Whether the current version can be watched now."""
        return self.state == self.State.READY and not self.is_expired and bool(self.ready_renditions())

    @property
    def poster(self) -> "Rendition | None":
        """The still picture of the current version."""
        return next((r for r in self._made(self.version) if r.kind == Rendition.Kind.POSTER), None)

    @property
    def reason(self) -> str:
        """Why processing failed and what to do, in the reader's language; empty when it did not."""
        if not self.error:
            return ""
        code, params = json.loads(self.error)
        return reasons.words(code, params)

    def ready_renditions(self, version: int | None = None) -> "list[Rendition]":
        """The playable forms of one version (the current one by default), lightest first; no stills."""
        made = [r for r in self._made(version or self.version) if r.kind not in Rendition.PICTURES]
        return sorted(made, key=lambda r: list(Rendition.Kind.values).index(r.kind))

    def _made(self, version: int) -> "list[Rendition]":
        # Filtered here, so that a prefetch of ``renditions`` serves every caller.
        return [r for r in self.renditions.all() if r.version == version]


class Rendition(models.Model):
    """One playable form of one version of a video, its poster, or its slides. Made again at will from the source.

    The slides lie one behind the other in one file; one without any says that they were looked for in vain.

    No personal data.
    """

    class Kind(models.TextChoices):
        """The rungs of the ladder (``video`` 1)."""

        AUDIO = "audio", _("sound only")
        P240 = "240p", "240p"
        P360 = "360p", "360p"
        P480 = "480p", "480p"
        POSTER = "poster", _("poster")
        SLIDES = "slides", _("slides")

    PICTURES = frozenset({"poster", "slides"})
    """The kinds that cannot be played."""

    video = models.ForeignKey(Video, models.CASCADE, related_name="renditions")
    version = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=8, choices=Kind.choices)
    name = models.CharField(max_length=200, help_text="name in private storage")
    size = models.BigIntegerField(help_text="bytes")
    sha256 = models.CharField(max_length=64)
    content_type = models.CharField(max_length=40)
    pieces = models.JSONField(
        default=list, blank=True, help_text="the same form for streaming, as ``content.pieces``"
    )
    pieces_name = models.CharField(max_length=200, blank=True, help_text="name in private storage")
    pieces_size = models.BigIntegerField(default=0, help_text="bytes")
    parts = models.JSONField(
        default=list, blank=True, help_text="a long form to be played part by part, as ``content.pieces``"
    )
    parts_size = models.BigIntegerField(default=0, help_text="bytes")
    stills = models.JSONField(
        default=list, blank=True, help_text="slides in their order: [second, first byte, bytes], …"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    wagtail_reference_index_ignore = True

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["video", "version", "kind"], name="lms_content_rendition_once")
        ]

    def __str__(self):
        return f"{self.video} {self.kind}"

    @property
    def url(self) -> str:
        """Where those entitled fetch it; browsers keep it for a week, so a new poster has a new address."""
        place = reverse("lms_content:video", args=[self.video.uuid, self.version, self.kind])
        return f"{place}?{self.sha256[:8]}" if self.kind in self.PICTURES else place

    def still_url(self, place: int) -> str:
        """Where those entitled fetch the slide at *place*, from 1; a slide drawn anew has a new address."""
        address = reverse("lms_content:slide", args=[self.video.uuid, self.version, place])
        return f"{address}?{self.sha256[:8]}"

    @property
    def part_names(self) -> list[str]:
        """The names of its parts in private storage, in their order; none where the whole is short enough."""
        return [self.part_name(number) for number, _part in enumerate(self.parts, start=1)]

    def part_name(self, number: int) -> str:
        """The name of one part, from 1."""
        stem, _dot, suffix = self.name.rpartition(".")
        return f"{stem}.{number}.{suffix}"

    @property
    def stored_names(self) -> list[str]:
        """The names of all its files in private storage."""
        return [name for name in (self.name, self.pieces_name, *self.part_names) if name]

    @property
    def part_starts(self) -> str:
        """The seconds at which its parts begin, for the player."""
        return " ".join(str(start) for start, _seconds, _size in self.parts)

    @property
    def shown_parts(self) -> list[dict]:
        """Its parts for a list of links: number, address, second at which it begins, minutes and bytes."""
        return [
            {
                "number": number,
                "url": f"{self.url}/part-{number}",
                "start": start,
                "from": start // 60,
                "to": max(start // 60 + 1, round((start + seconds) / 60)),
                "size": size,
            }
            for number, (start, seconds, size) in enumerate(self.parts, start=1)
        ]

    def url_at(self, second: float) -> str:
        """Where a browser that is given a plain address plays from *second* of the lecture on."""
        before = [one for one in self.shown_parts if one["start"] <= second]
        url, at = (before[-1]["url"], second - before[-1]["start"]) if before else (self.url, second)
        return f"{url}#t={at:g}" if at else url

    @property
    def playlist_url(self) -> str:
        """Where browsers that stream by themselves begin; empty where the form was not cut into pieces."""
        if not self.pieces:
            return ""
        return reverse("lms_content:playlist", args=[self.video.uuid, self.version, self.kind])


class Caption(models.Model):
    """WebVTT captions of one version of a video in one language. No personal data."""

    video = models.ForeignKey(Video, models.CASCADE, related_name="captions")
    version = models.PositiveSmallIntegerField()
    language = models.CharField(_("language"), max_length=5)
    vtt = models.TextField(_("WebVTT text"))

    wagtail_reference_index_ignore = True

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["video", "version", "language"], name="lms_content_caption_once")
        ]

    def __str__(self):
        return f"{self.video} {self.language}"

    @property
    def url(self) -> str:
        """Where those entitled fetch it."""
        return reverse("lms_content:captions", args=[self.video.uuid, self.version, self.language])

    @property
    def transcript(self) -> str:
        """What is said, without times."""
        return captions.transcript(captions.parse(self.vtt))
