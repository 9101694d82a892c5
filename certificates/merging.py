"""What becomes of cycles and credit entries when two persons are found to be one."""

from django.utils.translation import gettext as _

from certificates.models import CreditEntry, Cycle
from lms import clock
from lms.merging import settles


@settles(Cycle)
def _cycle(row, kept):
    same = Cycle.objects.filter(person=kept, scheme=row.scheme_id, starts_on=row.starts_on)
    return None if same.exists() else {}


@settles(CreditEntry)
def _entry(row, kept):
    twice = CreditEntry.objects.posted().filter(person=kept, source_key=row.source_key)
    if row.state != CreditEntry.State.POSTED or not twice.exists():
        return {}
    # One activity counts once, however many records said so.
    return {
        "state": CreditEntry.State.VOID.value,
        "void_at": clock.now(),
        "void_reason": str(_("Counted twice before two records of this person were merged.")),
    }
