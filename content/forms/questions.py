"""The bilingual form of a question: words side by side, options as rows, right ones ticked."""

import string

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from wagtail.admin.rich_text import get_rich_text_editor_widget

from content import markup
from content.actions import QuestionRefused, add_question, revise_question
from content.actions.questions import MOST_OPTIONS, clean_body
from content.forms.scoped import ScopedForm
from content.models import Guideline, Question

FEATURES = ["bold", "italic", "superscript", "subscript", "ul", "ol"]
KINDS = [
    ("single", _("one right answer")),
    ("multiple", _("several right answers")),
    ("true_false", _("true or false")),
]


class OptionForm(forms.Form):
    """One option in both languages."""

    id = forms.SlugField(widget=forms.HiddenInput, required=False, max_length=8)
    vi = forms.CharField(label=_("Vietnamese"), required=False, max_length=500)
    en = forms.CharField(label=_("English"), required=False, max_length=500)
    is_right = forms.BooleanField(label=_("Right"), required=False)


class OptionRows(forms.BaseFormSet):
    """The options; an empty row is left out."""

    title = _("Options")
    help_text = _("Tick every right option. Empty rows are left out.")

    def add_fields(self, form, index):
        super().add_fields(form, index)
        form.fields["ORDER"].label = _("Order")
        form.fields["ORDER"].widget.attrs["class"] = "lms-order"
        form.fields["DELETE"].label = _("Remove")

    def filled(self) -> list[dict]:
        """The rows that say something, in their order."""
        rows = [form.cleaned_data for form in self.ordered_forms]
        return [row for row in rows if row.get("vi") or row.get("en")]


Options = forms.formset_factory(
    OptionForm,
    formset=OptionRows,
    extra=2,
    max_num=MOST_OPTIONS,
    absolute_max=MOST_OPTIONS + 5,
    can_order=True,
    can_delete=True,
)


def _rich(label, *, required=False, help_text=""):
    widget = get_rich_text_editor_widget(features=FEATURES)
    return forms.CharField(
        label=label, required=required, help_text=help_text, widget=widget, max_length=20000
    )


class QuestionForm(ScopedForm):
    """Writes a first or a next version; words pass nh3 in the action that keeps them."""

    kind = forms.ChoiceField(label=_("Kind"), choices=KINDS, widget=forms.RadioSelect, initial="single")
    stem_vi = _rich(_("Question (Vietnamese)"))
    stem_en = _rich(_("Question (English)"))
    why_vi = _rich(_("Why this is right (Vietnamese)"), help_text=_("Shown after the test."))
    why_en = _rich(_("Why this is right (English)"))
    citations = forms.ModelMultipleChoiceField(
        label=_("Guidelines cited"),
        queryset=Guideline.objects.all(),
        required=False,
        widget=forms.SelectMultiple(attrs={"size": 6}),
    )
    tag_words = forms.CharField(
        label=_("Tags"),
        required=False,
        max_length=400,
        help_text=_("Separated by commas; tests draw by tag."),
    )
    from_memory = forms.BooleanField(
        label=_("Rests on memory of the guideline"), required=False, help_text=_("A clinician must check it.")
    )
    as_draft = forms.BooleanField(
        label=_("Keep as a draft"),
        required=False,
        help_text=_("A draft is not drawn by tests and not offered for review."),
    )

    field_order = [
        "facility",
        "code",
        "kind",
        "stem_vi",
        "stem_en",
        "why_vi",
        "why_en",
        "citations",
        "tag_words",
        "difficulty",
        "from_memory",
        "as_draft",
    ]

    class Meta:
        model = Question
        fields = ["facility", "code", "difficulty"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            # The code is the question's name in files and reports.
            del self.fields["code"]
        if self.instance.pk and self.instance.latest:
            self._fill(self.instance.latest)
        if self.is_bound:
            self.rows = Options(self.data, prefix="rows")
        else:
            self.rows = Options(initial=self._option_rows(), prefix="rows")

    def _fill(self, version) -> None:
        body = version.body
        self.initial |= {
            "kind": body["kind"],
            "citations": [guideline.pk for guideline in version.citations.all()],
            "tag_words": ", ".join(self.instance.tags),
            "from_memory": version.from_memory,
            "as_draft": self.instance.state == Question.State.DRAFT,
        }
        for name in ("stem", "why"):
            for language in ("vi", "en"):
                self.initial[f"{name}_{language}"] = body.get(name, {}).get(language, "")

    def _option_rows(self) -> list[dict]:
        latest = self.instance.latest if self.instance.pk else None
        if latest is None:
            return [{}, {}]
        return [
            {
                "id": option["id"],
                "vi": markup.plain(option["vi"]),
                "en": markup.plain(option["en"]),
                "is_right": option["id"] in latest.key,
            }
            for option in latest.body["options"]
        ]

    def is_valid(self):
        # The rows first: what the form checks as a whole needs them.
        return all([self.rows.is_valid(), super().is_valid()])

    def clean(self):
        data = super().clean()
        if self.errors or not self.rows.is_valid():
            return data
        try:
            data["body"], data["key"] = clean_body(*self._body(data))
        except QuestionRefused as refused:
            raise ValidationError(refused.message) from None
        return data

    def _body(self, data) -> tuple[dict, list[str]]:
        old = {o["id"]: o for o in self.instance.latest.body["options"]} if self.instance.pk else {}
        rows = self.rows.filled()
        taken = {row["id"] for row in rows if row["id"]}
        free = (letter for letter in string.ascii_lowercase if letter not in taken and letter not in old)
        options, key = [], []
        for row in rows:
            # An identifier is ours: what the page sent counts only if this question had it.
            option_id = row["id"] if row["id"] in old else next(free)
            words = {lang: _kept(row[lang], old.get(option_id, {}).get(lang, "")) for lang in ("vi", "en")}
            options.append({"id": option_id, **words})
            if row["is_right"]:
                key.append(option_id)
        stem = {"vi": data.get("stem_vi", ""), "en": data.get("stem_en", "")}
        why = {"vi": data.get("why_vi", ""), "en": data.get("why_en", "")}
        return {"kind": data.get("kind"), "stem": stem, "options": options, "why": why}, key

    def write(self, by) -> Question:
        """Keep what was written, as a new question or as the next version."""
        data = self.cleaned_data
        fields = {
            "body": data["body"],
            "key": data["key"],
            "tags": data["tag_words"].split(","),
            "citations": data["citations"],
            "from_memory": data["from_memory"],
            "difficulty": data.get("difficulty", ""),
            "as_draft": data["as_draft"],
            "by": by,
        }
        if self.instance.pk:
            return revise_question(self.instance, **fields)
        return add_question(data["facility"], code=data["code"], **fields)


def _kept(typed: str, old: str) -> str:
    """Options are typed as plain words; markup that came from elsewhere stays while the words stay."""
    if markup.has_tags(old) and typed == markup.plain(old):
        return old
    return typed.replace("&", "&amp;").replace("<", "&lt;")
