"""The forms of getting in: signing up, signing in, correcting one's own data."""

from allauth.account.forms import LoginForm as AllauthLoginForm
from allauth.account.forms import SignupForm as AllauthSignupForm
from django import forms
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from lms.models import Facility, Person, Profession
from website.accounts.consents import PURPOSES
from website.accounts.workplaces import SHOWN, facilities_like

OLDEST, YOUNGEST = 90, 16


class WorkplaceMixin(forms.Form):
    """A workplace typed in one's own words; where the words fit several, the page asks which.

    Works without JavaScript for any number of facilities: the second step is a short list of
    radio buttons in the same form. Nobody is refused for a workplace we do not know.
    """

    workplace = forms.CharField(
        label=_("Workplace"),
        max_length=200,
        required=False,
        help_text=_("Type part of the name, with or without accents: “ta phin”."),
    )
    facility = forms.ChoiceField(label=_("Which one?"), required=False, widget=forms.RadioSelect)

    facility_found: Facility | None = None
    NONE_OF_THESE = "0"

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["workplace"].widget.attrs |= {"list": "workplaces", "autocomplete": "off"}
        candidates = self._candidates()
        if len(candidates) > 1:
            choices = [(str(f.pk), f.name) for f in candidates[:SHOWN]]
            choices.append((self.NONE_OF_THESE, _("None of these; my coordinator will add it")))
            self.fields["facility"].choices = choices
        else:
            del self.fields["facility"]

    def _candidates(self) -> list[Facility]:
        text = self.data.get(self.add_prefix("workplace"), "").strip() if self.is_bound else ""
        if len(text) < 2:
            return []
        found = list(facilities_like(text)[: SHOWN + 1])
        if found and found[0].rank == 0 and (len(found) == 1 or found[1].rank != 0):
            return found[:1]
        return found

    def clean(self):
        cleaned = super().clean()
        text = (cleaned or {}).get("workplace", "").strip()
        candidates = self._candidates()
        chosen = (cleaned or {}).get("facility")
        if text and not candidates:
            self.add_error(
                "workplace",
                _("No facility has these words in its name. Try fewer words, or leave the field empty."),
            )
        elif len(candidates) == 1:
            self.facility_found = candidates[0]
        elif chosen and chosen != self.NONE_OF_THESE:
            self.facility_found = next((f for f in candidates if str(f.pk) == chosen), None)
        elif candidates and not chosen and "facility" not in self.errors:
            self.add_error("facility", _("Several facilities have these words in their names. Choose yours."))
        return cleaned


class SignupForm(WorkplaceMixin, AllauthSignupForm):
    """Name, birth year, title, workplace, a way to sign in, and three separate answers about data."""

    full_name = forms.CharField(
        label=_("Full name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    birth_year = forms.IntegerField(
        label=_("Birth year"),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "bday-year", "maxlength": "4"}),
    )
    profession = forms.ModelChoiceField(
        label=_("Professional title"), queryset=Profession.objects.none(), required=False
    )
    field_order = [
        "full_name",
        "birth_year",
        "profession",
        "workplace",
        "facility",
        "username",
        "email",
        "password1",
        "password2",
    ]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["profession"].queryset = Profession.objects.all()
        self.fields["profession"].empty_label = _("Choose your title")
        self.fields["username"].help_text = _("Letters and digits without accents, for example thuha1988.")
        self.fields["email"].label = _("E-mail")
        self.fields["email"].help_text = _("With an e-mail you can set a new password yourself.")
        self.fields["password1"].help_text = _("At least eight characters; not your name, not a common word.")
        for name in ("username", "email", "password1", "password2"):
            self.fields[name].widget.attrs.pop("placeholder", None)
        for purpose, question in PURPOSES.items():
            self.fields[f"consent_{purpose}"] = forms.BooleanField(
                label=question, required=purpose == "account"
            )
        self.fields["consent_account"].help_text = format_html(
            '<a href="{}">{}</a>', reverse("privacy"), _("How your data are used")
        )

    def clean_full_name(self) -> str:
        """Ask for a family name too: a certificate needs both."""
        name = " ".join(self.cleaned_data["full_name"].split())
        if len(name.split()) < 2:
            raise forms.ValidationError(_("Write your family name and your given name."))
        return name

    def clean_birth_year(self) -> int:
        """A year in which a learner can have been born."""
        year = self.cleaned_data["birth_year"]
        today = timezone.localdate().year
        if not today - OLDEST <= year <= today - YOUNGEST:
            raise forms.ValidationError(_("Write your birth year with four digits, for example 1988."))
        return year

    def consents(self) -> dict[str, bool]:
        """Every purpose with the answer given."""
        return {purpose: bool(self.cleaned_data.get(f"consent_{purpose}")) for purpose in PURPOSES}


class LoginForm(AllauthLoginForm):
    """Sign in by user name or e-mail; a shared computer is not remembered unless asked."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["login"].label = _("User name or e-mail")
        self.fields["login"].widget.attrs |= {"autocomplete": "username", "autocapitalize": "none"}
        self.fields["remember"].label = _("Keep me signed in on this device for 90 days")
        for name in ("login", "password"):
            self.fields[name].widget.attrs.pop("placeholder", None)


class OwnDataForm(WorkplaceMixin, forms.ModelForm):
    """What a person may correct alone. Name and birth date stand on certificates: the coordinator corrects them."""

    class Meta:
        model = Person
        fields = ["phone", "email", "profession", "language"]
        widgets = {
            "phone": forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "tel"}),
            "email": forms.EmailInput(attrs={"autocomplete": "email"}),
            "language": forms.Select(choices=[("vi", "Tiếng Việt"), ("en", "English")]),
        }
