"""The forms of getting in: signing up, signing in, correcting one's own data."""

from allauth.account.adapter import get_adapter
from allauth.account.forms import ConfirmLoginCodeForm as AllauthConfirmLoginCodeForm
from allauth.account.forms import LoginForm as AllauthLoginForm
from allauth.account.forms import RequestLoginCodeForm as AllauthRequestLoginCodeForm
from allauth.account.forms import ResetPasswordForm as AllauthResetPasswordForm
from allauth.account.forms import SignupForm as AllauthSignupForm
from allauth.core import context
from django import forms
from django.conf import settings
from django.core.validators import validate_email
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from lms import names
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
        "phone",
        "email",
        "username",
        "password1",
        "password2",
    ]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["profession"].queryset = Profession.objects.all()
        self.fields["profession"].empty_label = _("Choose your title")
        self.fields["phone"].help_text = _("We send a code to it; with the phone alone you can sign in.")
        self.fields["username"].help_text = _(
            "Letters and digits without accents, for example thuha1988. Left empty, it is made of your name."
        )
        self.fields["email"].label = _("E-mail")
        self.fields["password1"].help_text = _(
            "At least eight characters; not your name, not a common word. With a phone you may leave it empty."
        )
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
        name = names.clean(self.cleaned_data["full_name"])
        if len(name.split()) < 2:
            raise forms.ValidationError(_("Write your family name and your given name."))
        if not names.is_of_letters(name):
            raise forms.ValidationError(_("A name has letters only."))
        return name

    def clean_birth_year(self) -> int:
        """A year in which a learner can have been born."""
        year = self.cleaned_data["birth_year"]
        today = timezone.localdate().year
        if not today - OLDEST <= year <= today - YOUNGEST:
            raise forms.ValidationError(_("Write your birth year with four digits, for example 1988."))
        return year

    def clean(self):
        """Want one way to be found again, and a password unless the phone is the way in."""
        cleaned = super().clean()
        given = {name for name in ("phone", "email", "username") if self.cleaned_data.get(name)}
        if not given and not {"phone", "email", "username"} & set(self.errors):
            self.add_error("phone", _("Write a mobile number, or an e-mail, or choose a user name."))
        if "phone" not in given and not self.cleaned_data.get("password1") and "password1" not in self.errors:
            self.add_error("password1", _("Without a phone, choose a password."))
        return cleaned

    def consents(self) -> dict[str, bool]:
        """Every purpose with the answer given."""
        return {purpose: bool(self.cleaned_data.get(f"consent_{purpose}")) for purpose in PURPOSES}


REMEMBER = _("Keep me signed in on this device for 90 days")


class LoginForm(AllauthLoginForm):
    """Sign in by phone, e-mail or user name; a shared computer is not remembered unless asked."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["login"].label = _("Mobile number, e-mail or user name")
        self.fields["login"].widget.attrs |= {"autocomplete": "username", "autocapitalize": "none"}
        self.fields["password"].help_text = ""
        self.fields["remember"].label = REMEMBER
        for name in ("login", "password"):
            self.fields[name].widget.attrs.pop("placeholder", None)

    def user_credentials(self) -> dict:
        """Look for a phone as it is kept, and for an e-mail once: allauth would look it up twice.

        The second look costs a second hash where the e-mail is known, and so tells that it is.
        """
        found = super().user_credentials()
        found.pop("email", None)
        if "phone" in found:
            found["phone"] = get_adapter().phone_form_field().clean(found["phone"])
        return found


class AddressMixin(forms.Form):
    """One field that takes a mobile number or an e-mail: people need not know which kind we ask for."""

    address = forms.CharField(
        label=_("Mobile number or e-mail"),
        max_length=254,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none"}),
    )

    def read_address(self) -> tuple[str, str]:
        """Return the phone and the e-mail that were typed, one of them empty. Raises ValidationError."""
        typed = self.cleaned_data["address"].strip()
        if "@" not in typed:
            return get_adapter().phone_form_field().clean(typed), ""
        validate_email(typed)
        return "", typed.lower()


class RequestLoginCodeForm(AddressMixin, AllauthRequestLoginCodeForm):
    """Ask for a code to sign in with."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields = {"address": self.fields["address"]}

    def clean_address(self) -> str:
        """Hand what was typed to allauth under the name of its kind."""
        phone, email = self.read_address()
        self.cleaned_data |= {"phone": phone, "email": email}
        self.cleaned_data |= {"phone": self.clean_phone()} if phone else {"email": self.clean_email()}
        return phone or email


class ConfirmLoginCodeForm(AllauthConfirmLoginCodeForm):
    """Type the code; a shared phone is not remembered unless asked."""

    remember = forms.BooleanField(label=REMEMBER, required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        ask_for_digits(self)

    def clean(self):
        """Keep the session as long as was asked for, as the form with the password does."""
        cleaned = super().clean()
        if not self.errors:
            asked = self.cleaned_data["remember"]
            context.request.session.set_expiry(settings.SESSION_COOKIE_AGE if asked else 0)
        return cleaned


def ask_for_digits(form: forms.Form) -> None:
    """Bring up the digits of a phone's keyboard, and let it offer the code that has just come in."""
    form.fields["code"].label = _("Six digits")
    form.fields["code"].widget.attrs = {
        "inputmode": "numeric",
        "autocomplete": "one-time-code",
        "maxlength": "9",
    }


class ResetPasswordForm(AddressMixin, AllauthResetPasswordForm):
    """Ask for a code with which a forgotten password is replaced."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields = {"address": self.fields["address"]}

    def clean_address(self) -> str:
        """Find the login; allauth keeps a phone where it keeps the e-mail."""
        phone, email = self.read_address()
        self.cleaned_data["email"] = phone or email
        if email:
            return self.clean_email()
        user = get_adapter().get_user_by_phone(phone)
        self.users = [user] if user is not None and user.is_active else []
        return phone


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
