"""Chapters and poster of a lecture: what its learners see before they press play."""

import hashlib
import math

from django.core.exceptions import BadRequest
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from wagtail.admin import messages
from wagtail.log_actions import log

from content.actions import VideoRefused, draw_frame, set_chapters, set_poster
from content.actions.posters import moments
from content.forms.chapters import ChapterFormSet, PosterForm, chapter_rows, written_chapters
from content.viewsets.scoped import Show
from lms.media import MediaUnwritable

HOUR = 3600


class EditChapters(Show):
    """The chapters of the current version."""

    template_name = "lms_content/admin/chapters.html"
    permission_required = "change"
    show_url_name = None

    def get_object(self, queryset=None):
        video = super().get_object(queryset)
        self.chapters = list(video.chapters.filter(version=video.version))
        return video

    def seen(self) -> str:
        """Tells whether the chapters are still those that the page was made of."""
        told = repr([(self.object.version, *row.values()) for row in chapter_rows(self.chapters)])
        return hashlib.sha256(told.encode()).hexdigest()[:16]

    def get_context_data(self, **kwargs):
        kwargs.setdefault("rows", ChapterFormSet(initial=chapter_rows(self.chapters), prefix="chapter"))
        show_url = reverse(self.show_url_name, args=[self.object.pk])
        return super().get_context_data(video=self.object, seen=self.seen(), show_url=show_url, **kwargs)

    def post(self, request, **kwargs):
        self.object = video = self.get_object()
        if request.POST.get("seen") != self.seen():
            messages.error(request, _("Somebody has just changed these chapters. Please look at them again."))
            return redirect(request.get_full_path())
        rows = ChapterFormSet(request.POST, initial=chapter_rows(self.chapters), prefix="chapter")
        chapters = written_chapters(rows, video)
        if chapters is None:
            return self.render_to_response(self.get_context_data(rows=rows))
        set_chapters(video, chapters=chapters)
        log(instance=video, action="wagtail.edit", user=request.user)
        messages.success(request, _("The chapters are stored."))
        return redirect(request.get_full_path())


class EditPoster(Show):
    """The poster of the current version: stills of the lecture to choose from, or a picture."""

    template_name = "lms_content/admin/poster.html"
    permission_required = "change"
    show_url_name = None

    def get_context_data(self, **kwargs):
        video = self.object
        kwargs.setdefault("form", PosterForm())
        frame_url = reverse("lms_content_videos:frame", args=[video.pk])
        return super().get_context_data(
            video=video,
            poster=video.poster,
            frames=[
                {
                    "at": at,
                    "clock": f"{int(at // 60)}:{int(at % 60):02}",
                    "url": f"{frame_url}?v={video.version}&at={at}",
                }
                for at in (moments(video) if video.playable else [])
            ],
            show_url=reverse(self.show_url_name, args=[video.pk]),
            **kwargs,
        )

    def post(self, request, **kwargs):
        self.object = video = self.get_object()
        form = PosterForm(request.POST, request.FILES)
        if form.is_valid():
            try:
                set_poster(video, at=form.cleaned_data["at"], picture=form.cleaned_data["picture"])
            except (VideoRefused, MediaUnwritable) as refused:
                form.add_error("picture", str(refused))
            else:
                log(instance=video, action="wagtail.edit", user=request.user)
                messages.success(request, _("The poster is stored."))
                return redirect(reverse(self.show_url_name, args=[video.pk]))
        return self.render_to_response(self.get_context_data(form=form))


class Frame(Show):
    """One still of the current version, drawn when it is asked for."""

    permission_required = "change"
    show_url_name = None

    def render_to_response(self, context, **kwargs):
        video = self.object
        try:
            at = float(self.request.GET.get("at", "0"))
        except ValueError:
            at = -1
        if not (math.isfinite(at) and 0 <= at <= max(video.seconds, 1)):
            raise BadRequest("No such moment.")
        headers = {"X-Content-Type-Options": "nosniff", "Cache-Control": f"private, max-age={HOUR}"}
        try:
            return HttpResponse(draw_frame(video, at=at), content_type="image/jpeg", headers=headers)
        except VideoRefused as refused:
            return HttpResponse(refused.message, status=422, content_type="text/plain; charset=utf-8")

    def get_context_data(self, **kwargs):
        return {}
