"""What the register owes and could give at this moment: the sweep asks for it, the check reports it."""

from collections.abc import Iterator

from certificates.credit import NoRule, rule_for
from certificates.models import Issuer
from certificates.pending import busy, uncertified, uncredited
from courses.models import Enrolment

from .assessing import assess_all, loaded
from .readiness import completed_on, held_back

_PART = 200


def owed_certificates() -> Iterator[Enrolment]:
    """Completions that their issuer certifies by itself now, and for which no job waits or runs.

    However many wait for something else (a birth date, a batch, another day), the others are found.
    """
    free = [one.facility_id for one in Issuer.objects.filter(is_active=True) if not held_back(one)]
    rows = uncertified().filter(run__release__course__facility__in=free).order_by("pk")
    rows, last = rows.filter(~busy("lms_certificates.issue")), 0
    while part := loaded(rows.filter(pk__gt=last)[:_PART]):
        for enrolment, found in zip(part, assess_all([one] for one in part), strict=True):
            if found.is_ready:
                yield enrolment
        last = part[-1].pk


def owed_credit() -> Iterator[Enrolment]:
    """Completions whose hours could be posted now, and for which no job waits or runs."""
    known: dict = {}
    for enrolment in uncredited().select_related("run__release").defer("run__release__outline"):
        key = (enrolment.run.release.rule_code, completed_on(enrolment))
        if key not in known:
            known[key] = _has_rule(*key)
        if known[key]:
            yield enrolment


def _has_rule(code, on) -> bool:
    try:
        rule_for(code, on)
    except NoRule:
        return False
    return True
