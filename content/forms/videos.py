"""The forms of lectures: upload, replace, captions."""

from contextlib import suppress

from django import forms
from django.core.exceptions import ValidationError
from django.core.files import File
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.widgets import AdminAutoHeightTextInput

from content import consent, reasons, transcode
from content.actions import VideoRefused, add_video, drop_upload, replace_video, set_captions
from content.actions.uploads import UploadBusy
from content.actions.videos import caption_text
from content.conf import conf
from content.deidentify import found_in
from content.forms.scoped import ScopedForm
from content.models import Upload, Video
from lms import scanning
from lms.uploads import UploadRefused

ACCEPT = (
    "video/mp4,video/quicktime,video/x-matroska,video/webm,video/x-msvideo,.mp4,.mov,.m4v,.mkv,.webm,.avi"
)
LANGUAGES = ("vi", "en")
CONSENT = ("consent_form", "consent_on", "shown_until")
"""What is asked where a patient can be recognised; empty elsewhere."""
NOTED = ("shows_patient", *CONSENT, "consent_by")
"""The columns in which the answer is kept."""


class VideoForm(ScopedForm):
    """A lecture: its recording goes into private storage and a job makes the playable forms.

    The recording comes with the form, or has come before it part by part (``uploaded``).
    """

    file = forms.FileField(label=_("Recording"), widget=forms.ClearableFileInput(attrs={"accept": ACCEPT}))
    uploaded = forms.ModelChoiceField(Upload.objects.none(), required=False, widget=forms.HiddenInput)
    captions_vi = forms.FileField(
        label=_("Captions in Vietnamese"),
        required=False,
        help_text=_("A WebVTT (.vtt) or SubRip (.srt) file."),
    )
    captions_en = forms.FileField(label=_("Captions in English"), required=False)
    shows_patient = forms.TypedChoiceField(
        label=_("Can a patient be recognised in it?"),
        help_text=_("By the face, the voice, a tattoo, or a name or number on a screen or a sheet."),
        choices=[("no", _("No, nobody")), ("yes", _("Yes, and the patient or the family agreed in writing"))],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
    )

    field_order = [
        "facility",
        "title",
        "file",
        "uploaded",
        "shows_patient",
        *CONSENT,
        "captions_vi",
        "captions_en",
        "transcript",
    ]

    class Meta:
        model = Video
        fields = ["facility", "title", "transcript", *CONSENT]
        widgets = {"transcript": AdminAutoHeightTextInput}
        help_texts = {
            "consent_form": _(
                "The number of the form or of the file it lies in; nothing that tells who the patient is."
            ),
            "shown_until": _(
                "The last day; then learners see it no more. You are reminded 30 and 7 days before."
            ),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.shows_patient is not None:
            self.initial["shows_patient"] = "yes" if self.instance.shows_patient else "no"
        for name in CONSENT:
            # Shown only where a patient can be recognised (admin.css); without that rule they just stay empty.
            self.fields[name].widget.attrs["data-lms-consent"] = ""
        field = self.fields["file"]
        field.help_text = _(
            "MP4, MOV, MKV, WebM or AVI, at most %(size)d MB and %(hours)d hours. Light forms for phones are made from "
            "it by themselves."
        ) % {"size": conf.VIDEO_MAX_BYTES // 1_000_000, "hours": conf.VIDEO_MAX_SECONDS // 3600}
        self.fields["uploaded"].queryset = Upload.objects.filter(by=self.for_user.pk).current().whole()
        if Upload.is_possible():
            field.widget.attrs["data-lms-upload"] = reverse("lms_content_videos:uploads")
            if self.instance.pk:
                field.widget.attrs["data-facility"] = self.instance.facility_id
        if self.is_bound and self.data.get(self.add_prefix("uploaded")):
            field.required = False
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

    @property
    def arrived(self) -> Upload | None:
        """What has come part by part for this form."""
        return getattr(self, "cleaned_data", {}).get("uploaded")

    def clean(self):
        data = super().clean()
        self._clean_consent(data)
        if "uploaded" in self.errors:
            del self.errors["uploaded"]
            self.add_error("file", _("What was uploaded is not here any more. Please choose the file again."))
        if self.arrived and self.arrived.is_whole:
            # Came part by part, so no form has shown it to the scanner.
            try:
                scanning.check(self.arrived.path)
            except UploadRefused as refused:
                self.add_error("file", refused.message)
        for name in (f"captions_{language}" for language in LANGUAGES):
            if upload := data.get(name):
                data[name] = upload.read(600_000)
                try:
                    caption_text(data[name])
                except VideoRefused as refused:
                    self.add_error(name, refused.message)
        return data

    def _clean_consent(self, data: dict) -> None:
        """Ask for a whole consent where a patient can be recognised, and forget what was typed elsewhere."""
        if not data.get("shows_patient"):
            data |= {"consent_form": "", "consent_on": None, "shown_until": None}
            for name in CONSENT:
                self.errors.pop(name, None)
            return
        if self.instance.shows_patient and not {"shows_patient", *CONSENT} & set(self.changed_data):
            # Noted before, and perhaps over by now: the title may be mended all the same.
            return
        form, given_on, until = (data.get(name) for name in CONSENT)
        if found := [words for kind, words in found_in(form or "") if kind != "date"]:
            self.add_error(
                "consent_form",
                gettext("This may tell who the patient is: %(found)s.") % {"found": "; ".join(found)},
            )
        for name, words in consent.lacks(form=form or "", given_on=given_on, until=until).items():
            if name not in self.errors:
                self.add_error(name, words)

    def _note_consent(self, video: Video, by) -> None:
        """Put the answer into *video*, unsaved; who gave another answer than before is who noted it."""
        columns = ("shows_patient", *CONSENT)
        for name in columns:
            setattr(video, name, self.cleaned_data[name])
        if set(columns) & set(self.changed_data):
            video.consent_by = by if video.shows_patient else None

    def write(self, by) -> Video:
        """Keep the lecture; raises VideoRefused or MediaUnwritable with a sentence for the page."""
        if (upload := self.arrived) is None:
            return self._write(self.cleaned_data["file"], by)
        if not upload.is_whole:
            raise VideoRefused(
                gettext("What was uploaded is not here any more. Please choose the file again.")
            )
        with upload.path.open("rb") as file:
            video = self._write(File(file, name=upload.name), by)
        with suppress(UploadBusy):
            drop_upload(upload)
        return video

    def _write(self, file: File | None, by) -> Video:
        data = self.cleaned_data
        if self.instance.pk:
            video = self.instance
            self._note_consent(video, by)
            # Only what the form asks: a worker writes the state of this very row meanwhile.
            video.save(update_fields=["title", "transcript", *NOTED])
            if file:
                video = replace_video(video, file=file, by=by)
        else:
            video = add_video(data["facility"], title=data["title"], file=file, by=by)
            self._note_consent(video, by)
            video.transcript = data["transcript"] or video.transcript
            video.save(update_fields=["transcript", *NOTED])
        for language in LANGUAGES:
            if vtt := data.get(f"captions_{language}"):
                set_captions(video, language=language, vtt=vtt)
        return video
