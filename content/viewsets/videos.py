"""Lectures in the admin: list with live progress, the forms made of each, the player."""

from django.http import JsonResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.ui.tables import Column, DateColumn

from content import reasons, transcode
from content.actions import cancel_processing, process_again
from content.conf import conf
from content.forms.videos import VideoForm
from content.models import Rendition, Slideshow, Video
from content.usage import usage_of
from content.viewsets.captions import EditCaptions
from content.viewsets.chapters import EditChapters, EditPoster, Frame
from content.viewsets.scoped import (
    ContentViewSet,
    Create,
    Edit,
    Index,
    Operation,
    Show,
    facility_column,
)
from content.viewsets.slides import EditSlides
from content.viewsets.uploads import OneUpload, Uploads
from lms.models import Job


def progress_of(video: Video) -> dict:
    """Where processing stands, for a list cell, a page and the script that keeps both fresh."""
    listed = hasattr(video, "job_progress")
    job = None if listed else video.job
    pct = video.job_progress if listed else job and job.progress
    job_state = video.job_state if listed else job and job.state
    is_dead = job_state == Job.State.DEAD
    waiting = video.state in {Video.State.UPLOADED, Video.State.PROCESSING} and not is_dead
    if video.state == Video.State.READY:
        waiting = job_state in {Job.State.QUEUED, Job.State.RUNNING}
    return {
        "state": video.state,
        "label": video.get_state_display(),
        "waiting": waiting,
        "stuck": not waiting and video.state != Video.State.READY,
        "progress": (pct or 0) if waiting else 100,
        "note": job.note if job and job.state == Job.State.RUNNING else "",
        "reason": video.reason
        or (reasons.words("stopped", {}) if is_dead and video.state != Video.State.READY else ""),
        "forms": _forms_of(video, pct or 0)
        if waiting and not listed and video.state != Video.State.READY
        else [],
    }


def _forms_of(video: Video, percent: float) -> list[dict]:
    """Each form that is to be made, with the per cent of it that is."""
    made = {form.kind for form in video.ready_renditions()}
    kinds = [*conf.LADDER, *([str(Rendition.Kind.SLIDES)] if conf.SLIDES else [])]
    return [
        {"kind": kind, "label": str(Rendition.Kind(kind).label), "progress": 100 if kind in made else share}
        for kind, share in transcode.shares(kinds, percent).items()
    ]


class StateColumn(Column):
    """The state in words, with a bar while it moves."""

    cell_template_name = "lms_content/admin/video_state_cell.html"

    def get_cell_context_data(self, instance, parent_context):
        context = super().get_cell_context_data(instance, parent_context)
        context["video"] = instance
        context["processing"] = progress_of(instance)
        context["progress_url"] = reverse("lms_content_videos:progress", args=[instance.pk])
        return context


class SizeColumn(Column):
    """What the forms of the current version weigh together."""

    cell_template_name = "lms_content/admin/size_cell.html"


class VideoIndex(Index):
    """Lectures, newest first."""

    def get_base_queryset(self):
        return super().get_base_queryset().with_progress()

    def get_edit_url(self, instance):
        return reverse("lms_content_videos:show", args=[instance.pk])

    def get_list_buttons(self, instance):
        return []


class ToShow:
    """After saving, look at the lecture and its progress."""

    def get_success_url(self):
        return reverse("lms_content_videos:show", args=[self.object.pk])


class VideoCreate(ToShow, Create):
    """Uploads a recording."""

    success_message = gettext_lazy("The recording is stored. Its light forms are being made now.")
    submit_button_label = gettext_lazy("Upload")
    submit_button_active_label = gettext_lazy("Uploading…")


class VideoEdit(ToShow, Edit):
    """Changes the words, the captions or the recording itself; says who uses it before it is replaced."""

    def get_context_data(self, **kwargs):
        return super().get_context_data(usage=usage_of(self.request.user, self.object), **kwargs)


class VideoShow(Show):
    """Player, forms with their sizes, state and reasons."""

    template_name = "lms_content/admin/video_show.html"

    def get_context_data(self, **kwargs):
        video = self.object
        return super().get_context_data(
            video=video,
            forms=video.ready_renditions(),
            poster=video.poster,
            captions=video.captions.filter(version=video.version),
            usage=usage_of(self.request.user, video),
            processing=progress_of(video),
            progress_url=reverse("lms_content_videos:progress", args=[video.pk]),
            captions_url=reverse("lms_content_videos:captions", args=[video.pk]),
            slideshow=Slideshow.of(video),
            lacks=video.lacks_forms and not video.is_under_way,
            looked_for_slides=any(
                form.kind == Rendition.Kind.SLIDES and form.version == video.version
                for form in video.renditions.all()
            ),
            slides_url=reverse("lms_content_videos:slides", args=[video.pk]),
            chapters=video.chapters.filter(version=video.version),
            chapters_url=reverse("lms_content_videos:chapters", args=[video.pk]),
            poster_url=reverse("lms_content_videos:poster", args=[video.pk]),
            cancel_url=reverse("lms_content_videos:cancel", args=[video.pk]),
            again_url=reverse("lms_content_videos:again", args=[video.pk]),
            **kwargs,
        )


class VideoProgress(Show):
    """The same state as JSON, asked every few seconds while something moves."""

    def render_to_response(self, context, **kwargs):
        return JsonResponse(context["processing"])

    def get_context_data(self, **kwargs):
        return {"processing": progress_of(self.object)}


class ProcessAgain(Operation):
    """Promises the processing of a failed lecture once more, or what a ready one lacks."""

    def operate(self, row):
        was_ready = row.state == Video.State.READY
        process_again(row, by=self.request.user)
        if was_ready:
            return _("What is missing is being made. The lecture can be watched meanwhile.")
        return _("The lecture is being processed again.")


class CancelProcessing(Operation):
    """Calls the processing off."""

    def operate(self, row):
        cancel_processing(row, by=self.request.user)
        return _("Processing is cancelled. The recording is kept.")


class VideoViewSet(ContentViewSet):
    """Lectures."""

    model = Video
    name = "lms_content_videos"
    icon = "media"
    index_view_class = VideoIndex
    add_view_class = VideoCreate
    edit_view_class = VideoEdit
    form_class = VideoForm
    index_template_name = "lms_content/admin/video_index.html"
    search_fields = ["title"]
    create_template_name = edit_template_name = "lms_content/admin/video_form.html"
    list_filter = ["state", "shows_patient"]
    list_display = [
        "title",
        facility_column(),
        StateColumn("state", label=gettext_lazy("State")),
        SizeColumn("bytes_ready", label=gettext_lazy("Size, all forms")),
        DateColumn("created_at", label=gettext_lazy("Uploaded")),
    ]

    def get_urlpatterns(self):
        return [
            *super().get_urlpatterns(),
            self.at("show", VideoShow),
            self.at("progress", VideoProgress),
            self.at("again", ProcessAgain),
            self.at("cancel", CancelProcessing),
            self.at("captions", EditCaptions),
            self.at("chapters", EditChapters),
            self.at("slides", EditSlides),
            self.at("poster", EditPoster),
            self.at("frame", Frame),
            path("uploads/", self.construct_view(Uploads), name="uploads"),
            path("uploads/<uuid:uuid>/", self.construct_view(OneUpload), name="upload"),
        ]
