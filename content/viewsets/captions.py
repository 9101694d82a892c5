"""The caption editor: text and times of each cue, moved together or one by one, fifty to a page."""

import hashlib

from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from wagtail.admin import messages
from wagtail.log_actions import log

from content import captions
from content.actions import VideoRefused, set_captions
from content.forms.captions import PER_PAGE, CueFormSet, rows_of, written
from content.forms.videos import LANGUAGES
from content.viewsets.scoped import Show

NUDGES = (-1000, -500, -100, 100, 500, 1000)


class EditCaptions(Show):
    """The captions of the current version in one language."""

    template_name = "lms_content/admin/captions.html"
    permission_required = "change"
    show_url_name = None

    def setup(self, request, *args, **kwargs):
        super().setup(request, *args, **kwargs)
        asked = request.GET.get("language")
        self.language = asked if asked in LANGUAGES else LANGUAGES[0]

    def get_object(self, queryset=None):
        video = super().get_object(queryset)
        stored = video.captions.filter(version=video.version, language=self.language).first()
        self.vtt = stored.vtt if stored else ""
        self.cues = captions.parse(self.vtt)
        asked = self.request.GET.get("p", "")
        self.pages = max(1, -(-len(self.cues) // PER_PAGE))
        self.page = min(self.pages, max(1, int(asked))) if asked.isdecimal() and len(asked) < 5 else 1
        return video

    def split(self):
        """The cues before this page, on it and after it."""
        start, end = (self.page - 1) * PER_PAGE, self.page * PER_PAGE
        return self.cues[:start], self.cues[start:end], self.cues[end:]

    def seen(self) -> str:
        """Tells whether the captions are still those that the page was made of."""
        return hashlib.sha256(self.vtt.encode()).hexdigest()[:16]

    def fresh(self, cues):
        rows = CueFormSet(initial=rows_of(cues), prefix="cue")
        rows.extra = 10 if self.page == self.pages else 0
        return rows

    def get_context_data(self, **kwargs):
        kwargs.setdefault("rows", self.fresh(self.split()[1]))
        return super().get_context_data(
            video=self.object,
            language=self.language,
            languages=LANGUAGES,
            seen=self.seen(),
            page=self.page,
            pages=range(1, self.pages + 1),
            nudges=[(each, f"{each / 1000:+g}".replace(".", ",").replace("-", "−")) for each in NUDGES],
            show_url=reverse(self.show_url_name, args=[self.object.pk]),
            **kwargs,
        )

    def post(self, request, **kwargs):
        self.object = video = self.get_object()
        before, here, after = self.split()
        rows = CueFormSet(request.POST, initial=rows_of(here), prefix="cue")
        if request.POST.get("seen") != self.seen():
            messages.error(request, _("Somebody has just changed these captions. Please look at them again."))
            return redirect(request.get_full_path())
        if request.POST.get("nudge") in {str(each) for each in NUDGES}:
            cues = self.moved(here, int(request.POST["nudge"]), request.POST.get("which", "all"))
        else:
            cues = written(rows, before=before, after=after, length=video.duration_ms)
        if cues is not None:
            try:
                set_captions(video, language=self.language, vtt=captions.render(cues).encode())
            except VideoRefused as refused:
                messages.error(request, refused.message)
            else:
                log(instance=video, action="wagtail.edit", user=request.user)
                messages.success(request, _("The captions are stored."))
                return redirect(request.get_full_path())
        return self.render_to_response(self.get_context_data(rows=rows))

    def moved(self, here, milliseconds: int, which: str):
        """All stored cues with one of this page, or every one of the recording, moved in time."""
        if not which.isdecimal():
            return captions.nudge(self.cues, milliseconds)
        number = (self.page - 1) * PER_PAGE + int(which[:4])
        if number >= len(self.cues):
            return self.cues
        cues = self.cues.copy()
        cues[number : number + 1] = captions.nudge(cues[number : number + 1], milliseconds)
        wrong = captions.problems(cues, self.object.duration_ms)
        if wrong.keys() & {number, number + 1}:
            messages.error(self.request, _("This caption would overlap the next one; it stays where it is."))
            return None
        return cues
