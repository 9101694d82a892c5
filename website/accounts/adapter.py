"""How allauth's accounts become persons of the system, and how codes reach them."""

import logging
import secrets
from threading import Thread

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.reauthentication import get_reauthentication_flows
from allauth.account.models import EmailAddress
from allauth.core import context
from allauth.core.exceptions import ReauthenticationRequired
from django import forms
from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from lms import actions, limits, messages, names
from website.accounts import phones
from website.accounts.consents import PRIVACY_VERSION
from website.accounts.recent import is_recent

log = logging.getLogger("website.accounts")


class AccountAdapter(DefaultAccountAdapter):
    """Creates the ``lms.Person`` beside the login, and knows verified Vietnamese phone numbers."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "phone_taken": gettext_lazy("This number belongs to another account. Sign in with a code instead."),
    }

    def get_client_ip(self, request) -> str:
        """Count by the same address as every other limit of the site."""
        return limits.address(request) or super().get_client_ip(request)

    def is_safe_url(self, url) -> bool:
        """Lead back to the host that was asked and to no other, were it one of ours."""
        request = context.request
        return url_has_allowed_host_and_scheme(
            url, allowed_hosts={request.get_host()}, require_https=request.is_secure()
        )

    # --- proving again

    def is_reauthentication_required(self, *, app: str, **kwargs) -> bool:
        """Do not ask again who has just signed in: the way to the second step leads through here.

        allauth lets those pass who have neither password nor second step; they prove themselves by a code.
        """
        request = context.request
        if is_recent(request) or not super().is_reauthentication_required(app=app, **kwargs):
            return False
        if request.user.is_authenticated and not get_reauthentication_flows(request.user):
            raise ReauthenticationRequired
        return True

    def get_reauthentication_methods(self, user) -> list[dict]:
        """Offer a code to the proved phone after what allauth offers."""
        found = super().get_reauthentication_methods(user)
        if user.is_authenticated and user.phone:
            found.append(
                {
                    "id": "account_reauthenticate_code",
                    "description": _("Use a code by text message"),
                    "url": reverse("account_reauthenticate_code"),
                }
            )
        return found

    # --- signing up

    def populate_username(self, request, user):
        """Make a user name of the person's name where none was chosen."""
        if not user.username and (full_name := getattr(user, "_full_name", "")):
            user.username = self.generate_unique_username([names.fold(full_name).replace(" ", "")])
        super().populate_username(request, user)

    def save_user(self, request, user, form, commit=True):
        """Write login, person and consents together or not at all."""
        if not commit or "full_name" not in form.cleaned_data:
            return super().save_user(request, user, form, commit)
        data = form.cleaned_data
        user._full_name = data["full_name"]
        with transaction.atomic():
            user = super().save_user(request, user, form, commit)
            person = actions.add_person(
                data["full_name"],
                birth_year=data["birth_year"],
                phone=names.normal_phone(data.get("phone") or ""),
                email=data.get("email") or "",
                profession=data.get("profession"),
                facility=form.facility_found,
                user=user,
                by=user,
            )
            if (language := get_language() or "vi") != person.language:
                person.language = language
                person.save(update_fields=["language"])
            for purpose, given in form.consents().items():
                actions.give_consent(person, purpose=purpose, given=given, text_version=PRIVACY_VERSION)
        return user

    # --- phones

    def phone_form_field(self, **kwargs) -> forms.Field:
        """Take a Vietnamese mobile number however it is typed."""
        return PhoneField(**kwargs)

    def get_phone(self, user) -> tuple[str, bool] | None:
        """Return the proved number, else the one that waits for its code."""
        if user.phone:
            return user.phone, True
        return (user.phone_unproved, False) if user.phone_unproved else None

    def set_phone(self, user, phone: str, verified: bool) -> None:
        """Keep a number: proved ones open the door, others wait."""
        if verified:
            user.phone, user.phone_unproved = phone, ""
        else:
            user.phone_unproved = phone
        user.save(update_fields=["phone", "phone_unproved"])

    def set_phone_verified(self, user, phone: str) -> None:
        """Note that the code sent to *phone* came back."""
        self.set_phone(user, phone, True)

    def get_user_by_phone(self, phone: str):
        """Find the login whose proved number this is; a number only typed opens nothing."""
        return get_user_model().objects.filter(phone=phone).first() if phone else None

    # --- codes and mail

    def send_verification_code_sms(self, user, phone: str, code: str, **kwargs) -> None:
        """Send a code to *phone*."""
        text = _("%(code)s is your Vươn Xa code, for 10 minutes. Give it to nobody.") % {"code": code}
        send_in_passing(phone, text)

    def send_unknown_account_sms(self, phone: str, **kwargs) -> None:
        """Tell somebody who asked for a code that the number is not registered, in the same time."""
        send_in_passing(phone, _("Vươn Xa: this number has no account yet. You can sign up with it."))

    def send_account_already_exists_sms(self, phone: str) -> None:
        """Tell somebody who signs up again that the number has an account."""
        send_in_passing(phone, _("Vươn Xa: this number has an account. Sign in with a code."))

    def send_mail(self, template_prefix: str, email: str, context: dict) -> None:
        """Reach who forgot the password by phone too: allauth knows mail only."""
        if "@" in email:
            super().send_mail(template_prefix, email, context)
        elif code := context.get("code"):
            self.send_verification_code_sms(None, email, code)
        else:
            self.send_unknown_account_sms(email)

    # --- limits

    def _get_login_attempts_cache_key(self, request, **credentials) -> str:
        """Count wrong passwords against the account, by whichever of its names it was tried.

        allauth would count every phone number as one account.
        """
        user = find_login(credentials)
        if user is not None:
            return f"account:{user.pk}"
        tried = credentials.get("email") or credentials.get("phone") or credentials.get("username") or ""
        return f"nobody:{tried.lower()}"


class PhoneField(forms.CharField):
    """A Vietnamese mobile number, typed with or without spaces, 0 or +84; cleaned to +84…"""

    def __init__(self, **kwargs):
        kwargs.setdefault("label", gettext_lazy("Mobile number"))
        kwargs.setdefault(
            "widget",
            forms.TextInput(attrs={"type": "tel", "inputmode": "tel", "autocomplete": "tel"}),
        )
        super().__init__(**{"max_length": 30, **kwargs})

    def clean(self, value):
        """Refuse what takes no text message."""
        value = super().clean(value)
        if not value:
            return ""
        number = phones.mobile(value)
        if not number:
            raise forms.ValidationError(
                _("Write a Vietnamese mobile number with ten digits, for example 0912 345 678.")
            )
        return number


def find_login(credentials: dict):
    """Return the login that one of the names in *credentials* belongs to, or None."""
    users = get_user_model().objects
    for name in {credentials.get(key) or "" for key in ("username", "email", "phone")} - {""}:
        owned = EmailAddress.objects.filter(email__iexact=name).values("user_id")
        found = Q(username__iexact=name) | Q(email__iexact=name) | Q(phone=name) | Q(pk__in=owned)
        if user := users.filter(found).order_by("pk").first():
            return user
    return None


def send_in_passing(phone: str, text: str) -> None:
    """Hand a text over beside the request, so that a slow gateway neither holds it nor tells who is known.

    Nothing is stored. Whoever gets no code asks for another or takes another way in.
    """

    def hand_over():
        try:
            messages.send_now(phone, "", text)
        except Exception as error:  # noqa: BLE001 - whatever the gateway did, the log says it without the text
            log.error("A text message was not sent: %s", type(error).__name__)

    Thread(target=hand_over, name=f"sms-{secrets.token_hex(4)}").start()
