"""The rows of the chapter editor, and the choice of a poster."""

from django import forms
from django.utils.translation import gettext_lazy as _

from content.forms.captions import Moment
from content.models import Chapter, Video

MOST = 60
EMPTY = 5


class ChapterForm(forms.Form):
    """One chapter; a row left empty is none."""

    at = Moment(label=_("Begins at"))
    title_vi = forms.CharField(label=_("Title in Vietnamese"), max_length=120)
    title_en = forms.CharField(label=_("Title in English"), max_length=120, required=False)


ChapterFormSet = forms.formset_factory(
    ChapterForm, extra=EMPTY, can_delete=True, max_num=MOST, absolute_max=MOST + EMPTY, validate_max=True
)


def chapter_rows(chapters: list[Chapter]) -> list[dict]:
    """*chapters* as the first values of the rows."""
    return [{"at": one.clock, "title_vi": one.title_vi, "title_en": one.title_en} for one in chapters]


def written_chapters(rows, video: Video) -> list[tuple[int, str, str]] | None:
    """What *rows* leave, in order of time; None where a row must be mended."""
    if not rows.is_valid():
        return None
    found: dict[int, tuple[int, str, str]] = {}
    is_right = True
    for row in rows:
        data = row.cleaned_data
        if data.get("DELETE") or "at" not in data:
            continue
        at = data["at"]
        if at in found or video.duration_ms and at >= video.duration_ms:
            taken = at in found
            row.add_error(
                "at",
                _("Another chapter begins at this moment.") if taken else _("The recording is over by then."),
            )
            is_right = False
        found[at] = (at, data["title_vi"], data["title_en"])
    return [found[at] for at in sorted(found)] if is_right else None


class PosterForm(forms.Form):
    """Either a moment of the lecture or a picture."""

    at = forms.FloatField(required=False, min_value=0, widget=forms.HiddenInput)
    picture = forms.FileField(
        label=_("Another picture"),
        required=False,
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp"}),
        help_text=_("JPEG, PNG or WebP. It is cut to the shape of the player and made light for phones."),
    )

    def clean(self):
        data = super().clean()
        if data.get("at") is None and not data.get("picture"):
            self.add_error("picture", _("Please choose a picture, or one of the stills."))
        return data
