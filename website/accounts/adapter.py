"""How allauth's accounts become persons of the system."""

import time

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.app_settings import REAUTHENTICATION_TIMEOUT
from allauth.account.authentication import get_authentication_records
from allauth.core import context
from django.db import transaction
from django.utils.translation import get_language

from lms import actions
from website.accounts.consents import PRIVACY_VERSION


class AccountAdapter(DefaultAccountAdapter):
    """Creates the ``lms.Person`` beside the login, with the answers about data."""

    def is_reauthentication_required(self, *, app: str, **kwargs) -> bool:
        """Do not ask again who has just signed in: the way to the second step leads through here."""
        records = get_authentication_records(context.request, context.request.user)
        newest = max((record["at"] for record in records), default=0)
        if time.time() - newest < REAUTHENTICATION_TIMEOUT:
            return False
        return super().is_reauthentication_required(app=app, **kwargs)

    def save_user(self, request, user, form, commit=True):
        """Write login, person and consents together or not at all."""
        if not commit or "full_name" not in form.cleaned_data:
            return super().save_user(request, user, form, commit)
        data = form.cleaned_data
        with transaction.atomic():
            user = super().save_user(request, user, form, commit)
            person = actions.add_person(
                data["full_name"],
                birth_year=data["birth_year"],
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
