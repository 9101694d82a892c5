"""The slides found in a lecture, to look through: the trainer leaves out what is none."""

import hashlib

from django import forms
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from wagtail.admin import messages
from wagtail.log_actions import log

from content.actions import set_slides
from content.models import Slideshow
from content.viewsets.scoped import Show


class SlidesForm(forms.Form):
    """Which of the slides found are shown, and whether the mode is offered at all."""

    is_on = forms.BooleanField(required=False)
    shown = forms.TypedMultipleChoiceField(coerce=int, required=False)

    def __init__(self, slideshow: Slideshow | None, *args, **kwargs):
        super().__init__(*args, **kwargs)
        found = slideshow.found if slideshow else []
        self.fields["shown"].choices = [(slide.seconds, slide.clock) for slide in found]
        self.seconds = {slide.seconds for slide in found}

    @property
    def left_out(self) -> set[int]:
        """Seconds of the slides that are not to be shown."""
        return self.seconds - set(self.cleaned_data["shown"])


class EditSlides(Show):
    """The slides of the current version."""

    template_name = "lms_content/admin/slides.html"
    permission_required = "change"
    show_url_name = None

    def get_object(self, queryset=None):
        video = super().get_object(queryset)
        self.slideshow = Slideshow.of(video)
        return video

    def seen(self) -> str:
        """Tells whether the slides are still those that the page was made of."""
        show = self.slideshow
        told = show and [(one.url, one.is_left_out) for one in show.found] + [show.is_off]
        return hashlib.sha256(repr(told).encode()).hexdigest()[:16]

    def get_context_data(self, **kwargs):
        show_url = reverse(self.show_url_name, args=[self.object.pk])
        return super().get_context_data(
            video=self.object, slideshow=self.slideshow, seen=self.seen(), show_url=show_url, **kwargs
        )

    def post(self, request, **kwargs):
        self.object = video = self.get_object()
        form = SlidesForm(self.slideshow, request.POST)
        if request.POST.get("seen") != self.seen() or not form.is_valid():
            messages.error(request, _("Somebody has just changed these slides. Please look at them again."))
            return redirect(request.get_full_path())
        set_slides(video, left_out=form.left_out, is_off=not form.cleaned_data["is_on"])
        log(instance=video, action="wagtail.edit", user=request.user)
        messages.success(request, _("The slides are stored."))
        return redirect(request.get_full_path())
