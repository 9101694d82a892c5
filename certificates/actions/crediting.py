"""Posting, voiding and replacing entries of the credit ledger, and opening cycles."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from certificates import permissions
from certificates.conf import conf
from certificates.credit import entries_for, rule_for
from certificates.models import Certificate, CreditEntry, Cycle, Rule, RuleSet, Scheme
from courses.actions.settling import cases_attended
from courses.hours import CASE_RULE
from courses.models import Attendance, Case, CompletionReview, Enrolment, SessionRole
from lms import clock, scope
from lms.models import Person

from .readiness import completed_on, credit_of, holder_of, local_day, locked, origin_of, under_review

# The scheme of practitioners since 1 January 2024 and the day its first cycle is taken to start
# for licences older than that (``domain`` 1.4: to be confirmed, hence the basis in the row).
DEFAULT_SCHEME = "KCB-2023"
TRANSITION = date(2024, 1, 1)


def post_credit(enrolment: Enrolment) -> CreditEntry | None:
    """Credit the learner of a completed enrolment by the rule in force that day, once.

    Returns the entry there is, also a void one: a revoked credit does not come back by itself.
    None where the course brings no credit, the completion is under review or was not upheld, its
    certificate was revoked, or the person has credit for the same release already (``domain`` 7.8, 2).
    Raises ``credit.NoRule``.
    """
    if enrolment.state != Enrolment.State.COMPLETED:
        return None
    person, source = holder_of(enrolment.person), origin_of(enrolment)
    if found := _latest(person, source):
        return found
    with transaction.atomic():
        locked(enrolment.person_id)
        if found := _latest(person, source):
            return found
        rule, hours = credit_of(enrolment)
        if rule is None or under_review(enrolment):
            return None
        release = enrolment.run.release
        if entries_for(person.pk, release.pk).posted().exists():
            return None
        papers = list(Certificate.objects.for_origin(source).defer("facts"))
        valid = next((paper for paper in papers if paper.is_valid), None)
        if papers and valid is None:
            return None
        return _post(
            person,
            source,
            rule=rule,
            quantity=rule.quantity_of(release.periods),
            hours=hours,
            role=release.role,
            activity_on=completed_on(enrolment),
            title=release.title_vi or release.title_en,
            certificate=valid,
        )


def post_session_credit(attendance: Attendance) -> CreditEntry | None:
    """Credit presence in a session that serves no class, by the one rule the session declared.

    Safe to call after each settlement: present posts, no longer present voids, present again
    posts a replacement. A session used by a class brings its credit with the class. Where the rule
    counts by the case, presence at a case is what counts, and other cases than before replace the
    entry (``domain`` 7.8, 4). What is posted stays under the rule it was posted by.
    """
    session = attendance.session
    with transaction.atomic():
        locked(attendance.person_id)
        person, source = holder_of(attendance.person), f"session:{session.pk}"
        if person != attendance.person:
            # Merged since, and the record that stayed was there too: the evidence of both is weighed in its row.
            attendance = session.attendances.get(person=person)
        latest = _latest(person, source)
        earns = bool(session.rule_code) and not session.uses.exists()
        # A role in the session brings its own credit instead (``domain`` 7.8, 3).
        leads = session.roles.filter(person=person, ended_at=None).exclude(rule_code="").exists()
        earns = earns and not leads
        posted = latest if latest and latest.state == CreditEntry.State.POSTED else None
        quantity = _attended(attendance) if earns else Decimal(0)
        if posted and quantity and not posted.rule_code == session.rule_code == CASE_RULE:
            return posted
        if posted and quantity == posted.quantity:
            return posted
        if posted:
            reason = _other_cases() if quantity else _in_a_role() if leads else _("Attendance was corrected.")
            void_entry(posted, by=None, reason=reason)
        if not quantity:
            return None
        rule = rule_for(session.rule_code, local_day(session.starts_at))
        return _post(
            person,
            source,
            rule=rule,
            quantity=quantity,
            hours=rule.hours_for(quantity),
            role="learner",
            activity_on=local_day(session.starts_at),
            title=session.title_vi or session.title_en,
            replaces=latest,
        )


def _attended(attendance: Attendance) -> Decimal:
    """How much of the session's rule an attendance is worth: cases, whole periods without the pauses, or one; 0 for nothing."""
    session = attendance.session
    if session.rule_code == CASE_RULE:
        cases = cases_attended(session, attendance.person)
        if cases is not None:
            return Decimal(cases)
    if attendance.state != Attendance.State.PRESENT:
        return Decimal(0)
    rule = rule_for(session.rule_code, local_day(session.starts_at))
    return rule.quantity_of(Decimal(session.length // timedelta(minutes=conf.PERIOD_MINUTES)))


def _led(role: SessionRole, rule: Rule) -> Decimal:
    """The same of a role: periods taught; cases presented, or attended where that is more; else one."""
    if rule.mode == Rule.Mode.PER_PERIOD or not _counts_cases(role):
        return rule.quantity_of(Decimal(role.periods))
    session = role.session
    own = Case.objects.filter(
        room__session=session, presenter=role.person, state=Case.State.CONCLUDED
    ).count()
    others = cases_attended(session, role.person) if session.rule_code == CASE_RULE else None
    return Decimal(max(own, others or 0, 1))


def _other_cases() -> str:
    return _("Another number of cases counts since attendance or conclusions were corrected.")


def _in_a_role() -> str:
    return _("Has credit for a role in this session.")


def _counts_cases(role: SessionRole) -> bool:
    return role.role == SessionRole.Role.PRESENTER and role.rule_code == CASE_RULE


def post_role_credit(role: SessionRole) -> CreditEntry | None:
    """Credit a chair, speaker or case presenter of a settled session by the rule of the role itself.

    Safe to call again: what no longer stands is voided, what stands again is posted again, and other cases than
    before replace the entry of who presented them. Whoever has such a role earns nothing as a delegate of the same
    session (``domain`` 7.8, 3).
    """
    session, source = role.session, f"session-role:{role.pk}"
    with transaction.atomic():
        locked(role.person_id)
        person = holder_of(role.person)
        latest = _latest(person, source)
        standing = latest if latest and latest.state == CreditEntry.State.POSTED else None
        if not role.is_credited:
            if standing:
                void_entry(standing, by=role.ended_by, reason=role.reason)
            return None
        # Also where the role was credited before: whose hours as a delegate these are may have been found out since.
        attended = _latest(person, f"session:{session.pk}")
        if attended and attended.state == CreditEntry.State.POSTED:
            void_entry(attended, by=role.named_by, reason=_in_a_role())
        if standing and not _counts_cases(role):
            return standing
        rule = rule_for(role.rule_code, local_day(session.starts_at))
        quantity = _led(role, rule)
        if standing and standing.quantity == quantity:
            return standing
        if standing:
            void_entry(standing, by=None, reason=_other_cases())
        return _post(
            person,
            source,
            rule=rule,
            quantity=quantity,
            hours=rule.hours_for(quantity),
            role=role.role,
            activity_on=local_day(session.starts_at),
            title=session.title_vi or session.title_en,
            replaces=latest,
        )


def void_entry(entry: CreditEntry, *, by, reason: str) -> CreditEntry:
    """Take *entry* out of every sum, with a reason; it stays in the ledger. Idempotent."""
    reason = reason[:300] or _("No reason given.")
    CreditEntry.objects.filter(pk=entry.pk, state=CreditEntry.State.POSTED).update(
        state=CreditEntry.State.VOID, void_at=clock.now(), void_by=by, void_reason=reason
    )
    entry.refresh_from_db()
    return entry


def replace_entry(entry: CreditEntry, *, by, reason: str, **changes) -> CreditEntry:
    """Void *entry* and post another in its place that differs in *changes*; return the new one."""
    with transaction.atomic():
        void_entry(entry, by=by, reason=reason)
        if found := CreditEntry.objects.filter(replaces=entry).first():
            return found
        kept = (
            "person",
            "role",
            "rule_code",
            "rule",
            "quantity",
            "hours",
            "activity_on",
            "title",
            "source_key",
        )
        values = {name: getattr(entry, name) for name in (*kept, "certificate")} | changes
        return CreditEntry.objects.create(**values, posted_at=clock.now(), replaces=entry)


def count_instead(entry: CreditEntry, *, by) -> None:
    """Let other hours for the same version count now that *entry* is void, which kept them from counting.

    Two records of one person may have completed it, each with a certificate; the one that stands brings the hours.
    """
    ended = _enrolment_of(entry)
    if ended is None or entries_for(entry.person_id, ended.run.release_id).posted().exists():
        return
    for other in entries_for(entry.person_id, ended.run.release_id).order_by("pk"):
        learnt = _enrolment_of(other)
        is_ended = other.certificate is not None and not other.certificate.is_valid
        if learnt is None or is_ended or under_review(learnt) or hasattr(other, "replaced_by"):
            continue
        replace_entry(other, by=by, reason=other.void_reason)
        return


def _enrolment_of(entry: CreditEntry) -> Enrolment | None:
    subject, _colon, pk = entry.source_key.partition(":")
    rows = Enrolment.objects.filter(state=Enrolment.State.COMPLETED).select_related("run")
    return rows.filter(pk=pk).first() if subject == "enrolment" else None


def carry_credit(certificates: Sequence[Certificate], *, by) -> None:
    """Let the credit of what new *certificates* certify rest on them.

    Hours that no certificate holds are given to it; hours of the certificate that it replaces, and hours
    voided with one that was revoked, are posted again as it says, and what they replace is named.
    """
    rows = {(one.holder_id, row["origin"]): (one, row) for one in certificates for row in one.rows}
    entries = CreditEntry.objects.filter(
        person__in={person for person, _origin in rows}, source_key__in={origin for _person, origin in rows}
    )
    latest = {
        (entry.person_id, entry.source_key): entry
        for entry in entries.select_related("certificate").defer("certificate__facts").order_by("pk")
    }
    free = []
    for key, entry in latest.items():
        certificate, row = rows.get(key, (None, None))
        if certificate is None:
            continue
        if entry.certificate is None and entry.state == CreditEntry.State.POSTED:
            entry.certificate = certificate
            free.append(entry)
        elif entry.certificate is not None and not _counts_elsewhere(entry):
            replace_entry(
                entry,
                by=by,
                reason=entry.certificate.end_reason,
                hours=row["hours"],
                certificate=certificate,
                rule=row["rule"] or entry.rule,
            )
    CreditEntry.objects.bulk_update(free, ["certificate"])


def _counts_elsewhere(entry: CreditEntry) -> bool:
    """Whether other hours count for what *entry*, which is void, was posted for."""
    if entry.state == CreditEntry.State.POSTED or (learnt := _enrolment_of(entry)) is None:
        return False
    return entries_for(entry.person_id, learnt.run.release_id).posted().exists()


def reverse_credit(review: CompletionReview) -> None:
    """Void the hours of a completion that was not upheld. Idempotent.

    While a certificate is valid its hours count: the signer who revokes it voids them (``ending``).
    """
    if review.state != CompletionReview.State.REVOKED:
        return
    source = origin_of(review.enrolment)
    with transaction.atomic():
        locked(review.enrolment.person_id)
        if Certificate.objects.valid().for_origin(source).exists():
            return
        for entry in CreditEntry.objects.posted().filter(source_key=source):
            count_instead(void_entry(entry, by=review.decided_by, reason=review.reason), by=review.decided_by)


def open_cycle(person: Person, *, scheme: Scheme, starts_on: date, basis: str) -> Cycle:
    """Open the span in which *person* must reach the scheme's target; the same one when called again."""
    ends_on = starts_on.replace(year=starts_on.year + scheme.years, day=min(starts_on.day, 28))
    ends_on = date.fromordinal(ends_on.toordinal() + (starts_on.day - ends_on.day) - 1)
    cycle, _made = Cycle.objects.get_or_create(
        person=person, scheme=scheme, starts_on=starts_on, defaults={"ends_on": ends_on, "basis": basis}
    )
    return cycle


def confirm_rules(ruleset: RuleSet, *, by) -> RuleSet:
    """Record that *by* compared the table with the official gazette; entries posted before keep their mark."""
    if not scope.can(by, "confirm", ruleset):
        raise permissions.NotAllowed(_("Only a system administrator confirms a table of rules."))
    RuleSet.objects.filter(pk=ruleset.pk, verified_at__isnull=True).update(
        verified_by=by, verified_at=clock.now()
    )
    ruleset.refresh_from_db()
    return ruleset


def _latest(person: Person, source: str) -> CreditEntry | None:
    return CreditEntry.objects.of(person).filter(source_key=source).order_by("-pk").first()


def _post(person: Person, source: str, *, rule: Rule, **values) -> CreditEntry:
    _begin_cycle(person)
    try:
        with transaction.atomic():
            return CreditEntry.objects.create(
                person=person,
                source_key=source,
                rule_code=rule.code,
                rule=rule.frozen(),
                posted_at=clock.now(),
                **values,
            )
    except IntegrityError:
        # Somebody posted the same at the same moment; the constraint kept one.
        if found := CreditEntry.objects.of(person).posted().filter(source_key=source).first():
            return found
        raise


def _begin_cycle(person: Person) -> None:
    """Open the first cycle of somebody who must collect hours and has none yet."""
    if not (person.profession and person.profession.cme_required) or person.cycles.exists():
        return
    scheme = Scheme.objects.filter(code=DEFAULT_SCHEME).first()
    if scheme is None:
        return
    licensed = person.licences.filter(valid_from__gte=TRANSITION).order_by("valid_from").first()
    if licensed and licensed.valid_from:
        open_cycle(person, scheme=scheme, starts_on=licensed.valid_from, basis="licence")
    else:
        open_cycle(person, scheme=scheme, starts_on=TRANSITION, basis="transition 2024-01-01")
