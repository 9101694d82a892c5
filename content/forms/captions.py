"""The rows of the caption editor."""

from django import forms
from django.utils.translation import gettext_lazy as _

from content import captions
from content.captions import Cue

PER_PAGE = 50
WRONG = {
    "empty": _("Please write what is said, or tick “Remove”."),
    "long": _("The text is too long to be read; at most 200 characters. Please make two captions of it."),
    "reversed": _("The end must be later than the beginning."),
    "order": _("This caption begins before the one above it."),
    "overlap": _("This caption begins before the one above it has ended."),
    "beyond": _("This caption ends after the recording."),
}


class Moment(forms.CharField):
    """A moment as ``00:01:02.500``; the cleaned value is in milliseconds."""

    widget = forms.TextInput(attrs={"size": 12, "inputmode": "decimal", "autocomplete": "off"})

    def clean(self, value):
        try:
            return captions.moment(super().clean(value))
        except ValueError:
            raise forms.ValidationError(_("Write the time as 00:01:02.500.")) from None


class CueForm(forms.Form):
    """One caption; a row left empty is none."""

    start = Moment(label=_("From"))
    end = Moment(label=_("To"))
    text = forms.CharField(label=_("Text"), required=False, widget=forms.Textarea(attrs={"rows": 2}))

    def cue(self) -> Cue:
        """The caption as it was written."""
        return Cue(self.cleaned_data["start"], self.cleaned_data["end"], self.cleaned_data["text"].strip())


CueFormSet = forms.formset_factory(
    CueForm, extra=0, can_delete=True, max_num=PER_PAGE + 20, absolute_max=PER_PAGE + 20
)


def rows_of(cues: list[Cue]) -> list[dict]:
    """*cues* as the first values of the rows."""
    return [
        {"start": captions.stamp(cue.start), "end": captions.stamp(cue.end), "text": cue.text} for cue in cues
    ]


def written(rows, *, before: list[Cue], after: list[Cue], length: int) -> list[Cue] | None:
    """The cues that *rows* leave between those of other pages; None where a row must be mended."""
    if not rows.is_valid():
        return None
    kept = [row for row in rows if row.has_changed() or row.initial]
    kept = [row for row in kept if not row.cleaned_data.get("DELETE")]
    cues = [*before, *(row.cue() for row in kept), *after]
    wrong = captions.problems(cues, length)
    for number, code in wrong.items():
        place = min(max(number - len(before), 0), len(kept) - 1)
        if kept:
            kept[place].add_error("start" if code in {"order", "overlap"} else None, WRONG[code])
    return None if wrong and kept else cues
