"""The forms of cases: what a site sends, what the experts conclude."""

from django import forms
from django.utils.translation import gettext_lazy as _

from courses.actions.cases import TEXTS
from courses.models import Case, SessionSite
from lms.models import Person, Specialty

FIELDS = ("specialty", "urgency", "age_band", "sex", *TEXTS)


class CaseForm(forms.ModelForm):
    """A case without names: who presents it is found by name in the site's list."""

    presenter_name = forms.CharField(
        label=_("Who presents the case"),
        required=False,
        max_length=120,
        help_text=_(
            "Full name as in the list of the room, with the birth year if two share it. Empty: yourself."
        ),
    )
    confirmed = forms.BooleanField(
        label=_("I have read what is marked: these words name nobody and no day of the patient."),
        required=False,
    )

    class Meta:
        model = Case
        fields = FIELDS
        widgets = {
            "history": forms.Textarea(attrs={"rows": 5}),
            "results": forms.Textarea(attrs={"rows": 3}),
            "done": forms.Textarea(attrs={"rows": 3}),
            "question": forms.Textarea(attrs={"rows": 3}),
        }
        help_texts = {
            "complaint": _("For example: weakness of the right arm for 3 hours."),
            "question": _("One question that the experts can answer in ten minutes."),
        }

    def __init__(self, *args, room: SessionSite, person: Person | None, **kwargs):
        super().__init__(*args, **kwargs)
        self.room, self.person = room, person
        self.fields["specialty"].queryset = Specialty.objects.all()
        self.fields["specialty"].required = False
        if self.instance.pk:
            self.fields["presenter_name"].initial = self.instance.presenter.full_name

    @property
    def values(self) -> dict:
        """What the action takes."""
        return {name: self.cleaned_data[name] for name in FIELDS}

    def clean(self):
        """Find the presenter in the list of the room."""
        data = super().clean()
        name = (data.get("presenter_name") or "").strip()
        roster = self.room.roster()
        if self.instance.pk and name == self.instance.presenter.full_name:
            data["presenter"] = self.instance.presenter
        elif not name:
            own = roster.filter(pk=self.person.pk).first() if self.person else None
            if own is None:
                self.add_error(
                    "presenter_name", _("You are not on the list of this room: name who presents.")
                )
            data["presenter"] = own
        else:
            data["presenter"] = self._found(roster, name)
        return data

    def _found(self, roster, name: str) -> Person | None:
        *words, last = name.split()
        year = int(last) if words and last.isdecimal() and len(last) == 4 else None
        rows = roster.matching(" ".join(words) if year else name)
        if year:
            rows = rows.filter(birth_year=year)
        found = list(rows[:2])
        if len(found) == 1:
            return found[0]
        words = (
            _("Several people of this name are on the list. Add the birth year.")
            if found
            else _("Nobody of this name is on the list of the room.")
        )
        self.add_error("presenter_name", words)
        return None


class ConclusionForm(forms.ModelForm):
    """What the experts said."""

    class Meta:
        model = Case
        fields = ("conclusion", "recommendation", "referral", "minutes_number")
        widgets = {
            "conclusion": forms.Textarea(attrs={"rows": 4}),
            "recommendation": forms.Textarea(attrs={"rows": 4}),
        }
        help_texts = {
            "minutes_number": _("The minutes themselves stay in the hospital's record."),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in ("conclusion", "recommendation", "referral"):
            self.fields[name].required = True
