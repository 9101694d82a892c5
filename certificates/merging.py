"""What becomes of cycles and credit entries when two persons are found to be one."""

from django.utils.translation import gettext as _

from certificates.credit import entries_for
from certificates.models import CreditEntry, Cycle
from courses.models import Enrolment
from lms import clock
from lms.merging import settles


@settles(Cycle)
def _cycle(row, kept):
    same = Cycle.objects.filter(person=kept, scheme=row.scheme_id, starts_on=row.starts_on)
    return None if same.exists() else {}


@settles(CreditEntry)
def _entry(row, kept):
    if row.state != CreditEntry.State.POSTED or not _counts_already(row, kept):
        return {}
    # One activity counts once, however many records said so.
    return {
        "state": CreditEntry.State.VOID.value,
        "void_at": clock.now(),
        "void_reason": str(_("Counted twice before two records of this person were merged.")),
    }


def _counts_already(row, kept) -> bool:
    """Whether *kept* has hours for the same: the same source, or the same version of a course in another class."""
    if CreditEntry.objects.posted().filter(person=kept, source_key=row.source_key).exists():
        return True
    subject, _colon, pk = row.source_key.partition(":")
    learnt = Enrolment.objects.filter(pk=pk).select_related("run").first() if subject == "enrolment" else None
    return learnt is not None and entries_for(kept.pk, learnt.run.release_id).posted().exists()
