"""The forms of lectures: upload, replace, captions."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from wagtail.admin.widgets import AdminAutoHeightTextInput

from content import reasons, transcode
from content.actions import VideoRefused, add_video, replace_video, set_captions
from content.actions.videos import caption_text
from content.conf import conf
from content.forms.scoped import ScopedForm
from content.models import Video

ACCEPT = (
    "video/mp4,video/quicktime,video/x-matroska,video/webm,video/x-msvideo,.mp4,.mov,.m4v,.mkv,.webm,.avi"
)
LANGUAGES = ("vi", "en")


class VideoForm(ScopedForm):
    """A lecture: its recording goes into private storage and a job makes the playable forms."""

    file = forms.FileField(label=_("Recording"), widget=forms.ClearableFileInput(attrs={"accept": ACCEPT}))
    captions_vi = forms.FileField(
        label=_("Captions in Vietnamese"),
        required=False,
        help_text=_("A WebVTT (.vtt) or SubRip (.srt) file."),
    )
    captions_en = forms.FileField(label=_("Captions in English"), required=False)

    field_order = ["facility", "title", "file", "captions_vi", "captions_en", "transcript"]

    class Meta:
        model = Video
        fields = ["facility", "title", "transcript"]
        widgets = {"transcript": AdminAutoHeightTextInput}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        field = self.fields["file"]
        field.help_text = _(
            "MP4, MOV, MKV, WebM or AVI, at most %(size)d MB and %(hours)d hours. Light forms for phones are made from "
            "it by themselves."
        ) % {"size": conf.VIDEO_MAX_BYTES // 1_000_000, "hours": conf.VIDEO_MAX_SECONDS // 3600}
        if self.instance.pk:
            field.required = False
            field.label = _("New recording")
            field.help_text = _(
                "Only if the recording itself changes. What learners have watched of the old one stays theirs."
            )

    def clean_file(self):
        file = self.cleaned_data.get("file")
        if file:
            try:
                head = file.read(64)
                file.seek(0)
                transcode.container_of(head)
            except transcode.Unusable as unusable:
                raise ValidationError(reasons.words(unusable.code, unusable.params)) from None
        return file

    def clean(self):
        data = super().clean()
        for name in (f"captions_{language}" for language in LANGUAGES):
            if upload := data.get(name):
                data[name] = upload.read(600_000)
                try:
                    caption_text(data[name])
                except VideoRefused as refused:
                    self.add_error(name, refused.message)
        return data

    def write(self, by) -> Video:
        """Keep the lecture; raises VideoRefused or MediaUnwritable with a sentence for the page."""
        data = self.cleaned_data
        if self.instance.pk:
            video = self.save()
            if data.get("file"):
                video = replace_video(video, file=data["file"], by=by)
        else:
            video = add_video(data["facility"], title=data["title"], file=data["file"], by=by)
            if data["transcript"]:
                video.transcript = data["transcript"]
                video.save(update_fields=["transcript"])
        for language in LANGUAGES:
            if vtt := data.get(f"captions_{language}"):
                set_captions(video, language=language, vtt=vtt)
        return video
