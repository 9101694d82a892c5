"""What waits at the desk of certificates: batches to approve, completions to put together, certificates to revoke."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import ngettext

from certificates import permissions
from certificates.models import Batch
from certificates.pending import to_end, uncertified
from lms import scope
from lms.waiting import Waiting


def at_desk(user) -> Iterator[Waiting]:
    """The lines of *user*: a batch waits for whoever signs and did not build it."""
    frozen = Batch.objects.filter(state=Batch.State.FROZEN).exclude(built_by=user)
    issuers = scope.facilities(user, permissions.SIGNERS)
    if found := frozen.filter(issuer__facility__in=issuers.values("pk")).count():
        words = ngettext("%(count)d batch to approve", "%(count)d batches to approve", found)
        yield Waiting(words % {"count": found}, reverse("lms_certificates:batches"))
    ending = to_end().filter(issuer__facility__in=issuers.values("pk")).count()
    if ending:
        words = ngettext("%(count)d certificate to end", "%(count)d certificates to end", ending)
        yield Waiting(words % {"count": ending}, reverse("lms-waiting:index"))
    building = permissions.building_for(user)
    if found := uncertified().filter(run__release__course__facility__issuer__in=building).count():
        words = ngettext(
            "%(count)d completion without certificate", "%(count)d completions without certificate", found
        )
        yield Waiting(words % {"count": found}, reverse("lms-waiting:index"))
