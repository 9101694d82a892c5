"""A code on a slip of paper that lets somebody take over the record that was made for them."""

from datetime import timedelta

from django.db import transaction
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from lms import clock, codes
from lms.actions.merges import LIVING, merge_persons
from lms.models import Facility, Invitation, Person

VALID_DAYS = 30
MOST_FAILURES = 5


class InvitationRefused(Exception):
    """A record cannot be claimed or offered for claiming; the message says why and what to do."""


def no_such_code() -> InvitationRefused:
    """The one answer to every code that opens nothing: wrong, expired, used, withdrawn, somebody else's."""
    return InvitationRefused(
        _(
            "This code and birth year open no record. The code may be mistyped, used or too old. "
            "Ask your site coordinator for a new one."
        )
    )


def _hash(code: str) -> str:
    return salted_hmac("lms.invitation", code, algorithm="sha256").hexdigest()


def invite(
    person: Person, *, facility: Facility, by, channel: str = "paper", sent_to: str = ""
) -> tuple[Invitation, str]:
    """Make the one open invitation of *person* and return it with its code, which is kept nowhere.

    An older open invitation ends. Raises InvitationRefused for a record that has a login or is closed.
    """
    with transaction.atomic():
        person = Person.objects.select_for_update().get(pk=person.pk)
        if person.user_id:
            raise InvitationRefused(_("This person already signs in with a login of their own."))
        if person.state not in LIVING:
            raise InvitationRefused(_("This record is closed."))
        now = clock.now()
        person.invitations.filter(accepted_at__isnull=True, revoked_at__isnull=True).update(revoked_at=now)
        code = codes.new_code()
        invitation = Invitation.objects.create(
            person=person,
            facility=facility,
            code_hash=_hash(code),
            channel=channel,
            sent_to=sent_to,
            created_by=by,
            created_at=now,
            expires_at=now + timedelta(days=VALID_DAYS),
        )
        return invitation, code


def find_invitation(code: str, *, birth_year: int | None) -> Invitation:
    """Return the open invitation that *code* and the birth year on the record open, or raise InvitationRefused.

    A right code with a wrong year counts against the invitation; the fifth ends it.
    """
    with transaction.atomic():
        found = _open(code)
        known = found.person.birth_year if found else None
        if found is not None and known and known != birth_year:
            found.failures += 1
            found.save(update_fields=["failures"])
            found = None
    if found is None:
        raise no_such_code()
    return found


def _open(code: str) -> Invitation | None:
    rows = Invitation.objects.select_for_update(of=("self",)).select_related("person", "facility")
    return rows.filter(
        code_hash=_hash(code),
        accepted_at__isnull=True,
        revoked_at__isnull=True,
        expires_at__gt=clock.now(),
        failures__lt=MOST_FAILURES,
        person__user__isnull=True,
        person__state__in=LIVING,
    ).first()


def claim(invitation: Invitation, *, user) -> Person:
    """Bind the record of *invitation* to the login *user* and return the person who signs in with it now.

    Where the login has a record of its own, the offered one is merged into it. Idempotent for the
    same login. Raises InvitationRefused or MergeRefused; the invitation then stays open.
    """
    with transaction.atomic():
        own = Person.objects.filter(user=user).first()
        pks = [invitation.person_id, *([own.pk] if own else [])]
        people = {row.pk: row for row in Person.objects.select_for_update().filter(pk__in=pks).order_by("pk")}
        row = Invitation.objects.select_for_update().get(pk=invitation.pk)
        offered = people[row.person_id]
        if row.accepted_by_id == user.pk and own is not None:
            return own
        open_ = row.accepted_at is None and row.revoked_at is None and row.expires_at > clock.now()
        if not open_ or row.failures >= MOST_FAILURES or offered.user_id or offered.state not in LIVING:
            raise no_such_code()
        row.accepted_at, row.accepted_by = clock.now(), user
        row.save(update_fields=["accepted_at", "accepted_by"])
        if own is None:
            offered.user, offered.state = user, Person.State.ACTIVE
            offered.save(update_fields=["user", "state"])
            return offered
        if _differ(own, offered):
            raise InvitationRefused(
                _(
                    "The record bears another name and another birth year than yours. "
                    "Nothing was changed; please ask your site coordinator."
                )
            )
        merge_persons(offered, into=own, by=user, reason=_("claimed by code"), facility=row.facility)
        own.refresh_from_db()
        return own


def _differ(own: Person, offered: Person) -> bool:
    """Whether neither name nor birth year speaks for one human being."""
    years = own.birth_year, offered.birth_year
    return own.name_folded != offered.name_folded and None not in years and years[0] != years[1]
