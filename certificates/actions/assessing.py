"""Whether completions can be certified and what the document would say, before a number is spent."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from decimal import Decimal

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from certificates import wording
from certificates.conf import conf
from certificates.credit import NoRule, rule_for
from certificates.models import Certificate, CertificateActivity, Issuer, Kind, Rule, TemplateVersion
from courses.completion import Result
from courses.models import CompletionReview, Enrolment, Presence, Session
from lms import clock, fonts, names
from lms.models import Facility, Person

from .readiness import (
    Assessment,
    Draft,
    completed_on,
    credit_by,
    designed,
    holder_of,
    local_day,
    origin_of,
)

MOST_ON_ONE = 30
"""Activities on one certificate: about four pages."""


def assess(*enrolments: Enrolment) -> Assessment:
    """Say what the certificate for *enrolments*, all on one, would be, or every reason why there can be none yet.

    Reads only. Names and titles are cleaned here, and each character is looked up in the fonts:
    a letter that the embedded face lacks would stop the sealing after the number was spent.
    """
    return assess_all([enrolments])[0]


def assess_all(groups: Iterable[Sequence[Enrolment]]) -> list[Assessment]:
    """Assess each of *groups*, a certificate each; what they share is read once."""
    sheets = [sorted(group, key=_by_completion) for group in groups]
    known = _Known([one for sheet in sheets for one in sheet])
    return [_assess(sheet, known) for sheet in sheets]


def certified_enrolments(certificate: Certificate) -> list[Enrolment]:
    """The enrolments that a certificate certifies, with what assessing them reads."""
    return enrolments_of(certificate.activities.values_list("origin_key", flat=True))


def enrolments_of(origins: Iterable[str]) -> list[Enrolment]:
    """The enrolments that *origins* name, in the order of their ids, with what assessing them reads."""
    named = (key.partition(":") for key in origins)
    rows = Enrolment.objects.filter(pk__in=[pk for subject, _colon, pk in named if subject == "enrolment"])
    return loaded(rows.order_by("pk"))


def loaded(rows: QuerySet[Enrolment]) -> list[Enrolment]:
    """*rows* with what assessing them reads; a version with its whole outline comes once, not with each row."""
    rows = rows.select_related(None).select_related("person", "facility")
    return list(rows.prefetch_related("run__release__course__facility"))


def explained(certificates: Iterable[Certificate]) -> list[tuple[Certificate, list[dict]]]:
    """Each certificate with its activities, and of each the enrolment it rests on and why that counted as complete."""
    papers = list(certificates)
    found = {
        origin_of(one): one for one in enrolments_of(row["origin"] for paper in papers for row in paper.rows)
    }
    return [(paper, [_explained(row, found.get(row["origin"])) for row in paper.rows]) for paper in papers]


def _explained(row: dict, enrolment: Enrolment | None) -> dict:
    kept = enrolment.completion if enrolment else None
    return row | {"enrolment": enrolment, "result": Result.from_json(kept) if kept else None}


def _by_completion(enrolment: Enrolment):
    return (enrolment.completed_at is None, enrolment.completed_at, enrolment.pk)


class _Known:
    """What the assessments of one call share, each thing read once."""

    def __init__(self, enrolments: list[Enrolment]):
        self._kept: dict = {}
        self.reviews: dict[int, CompletionReview] = {}
        reviews = CompletionReview.objects.filter(enrolment__in=enrolments)
        for row in reviews.exclude(state=CompletionReview.State.UPHELD).order_by("-pk"):
            self.reviews[row.enrolment_id] = row
        # Who has evidence in a session of the class that is over and not settled: what it comes to is not known yet.
        rows = Presence.objects.in_force().filter(
            session__in=Session.objects.unsettled(clock.now()),
            session__uses__run__in={one.run_id for one in enrolments},
            person__in={one.person_id for one in enrolments},
        )
        rows = rows.order_by("session__starts_at", "session").distinct()
        said = list(rows.values_list("person", "session__uses__run", "session"))
        sessions = Session.objects.in_bulk({session for *_who, session in said})
        self.unsettled: dict[tuple[int, int], list[Session]] = {}
        for person, run, session in said:
            self.unsettled.setdefault((person, run), []).append(sessions[session])
        self._read_papers(enrolments)

    def _read_papers(self, enrolments: list[Enrolment]) -> None:
        """What was issued to these people for these versions of courses, from whatever class."""
        same = Enrolment.objects.filter(
            person__in={one.person_id for one in enrolments},
            run__release__in={one.run.release_id for one in enrolments},
        )
        of = {f"enrolment:{pk}": key for pk, *key in same.values_list("pk", "person", "run__release")}
        rows = CertificateActivity.objects.filter(origin_key__in=of).select_related("certificate")
        self.valid: dict[tuple[int, int], Certificate] = {}
        self.revoked: dict[str, Certificate] = {}
        for row in rows.defer("certificate__facts").order_by("pk"):
            if row.stands:
                person, release = of[row.origin_key]
                self.valid.setdefault((person, release), row.certificate)
            elif row.certificate.state == Certificate.State.REVOKED:
                self.revoked[row.origin_key] = row.certificate

    def _once(self, make: Callable, *key):
        if key not in self._kept:
            self._kept[key] = make()
        return self._kept[key]

    def issuer(self, facility: Facility | None) -> Issuer | None:
        """The issuer of a facility, or None."""
        if facility is None:
            return None
        rows = Issuer.objects.select_related("facility")
        return self._once(lambda: rows.filter(facility=facility).first(), "issuer", facility.pk)

    def template(self, issuer: Issuer, kind: str) -> TemplateVersion | None:
        """The version of a template in force for a kind, or None."""
        rows = TemplateVersion.objects
        return self._once(lambda: rows.for_documents(issuer, kind), "template", issuer.pk, kind)

    def name(self, facility: Facility, day: date) -> str:
        """What a facility was called on a day."""
        return self._once(lambda: facility.name_on(day), "name", facility.pk, day)

    def rule(self, code: str, day: date) -> Rule:
        """The rule in force on a day; raises ``NoRule``."""
        return self._once(lambda: rule_for(code, day), "rule", code, day)


def _assess(enrolments: list[Enrolment], known: _Known) -> Assessment:
    found = Assessment()
    if any(one.state != Enrolment.State.COMPLETED for one in enrolments):
        found.problems.append(_("The course has not been completed."))
        return found
    last = enrolments[-1]
    holder, day = holder_of(last.person), completed_on(last)
    for one in enrolments:
        _look_at_review(known.reviews.get(one.pk), found)
        if sessions := known.unsettled.get((one.person_id, one.run_id)):
            said = ngettext(
                "The attendance of %(count)d session of the class is not settled yet.",
                "The attendance of %(count)d sessions of the class is not settled yet.",
                len(sessions),
            )
            found.remark(said % {"count": len(sessions)}, *sessions)
    issuer = _issuer(enrolments, known, found)
    credited = [_credit(one, known, found) for one in enrolments]
    _look_together(enrolments, holder, [hours for _rule, hours in credited], found)
    workplace = last.facility or holder.workplace(day)
    _look_at_holder(holder, workplace, found)
    revoked = _look_at_papers(enrolments, known, found)
    if issuer is None:
        return found
    rows = [
        _row(one, holder, issuer, *earned, known) for one, earned in zip(enrolments, credited, strict=True)
    ]
    words = _words(rows, holder, issuer, known.name(issuer.facility, day))
    words["holder"]["workplace"] = names.clean(known.name(workplace, day) if workplace else "")
    template = known.template(issuer, words["kind"])
    if template is not None:
        words |= designed(words, template)
    if words["kind"] != Kind.CME and not issuer.tells_kinds_apart:
        # Older patterns: certificates of other kinds would repeat the numbers of those with credit.
        found.problems.append(_("The number pattern of the issuer must contain {kind}."))
    printed = "".join(_texts(words)) + issuer.abbreviation + issuer.number_pattern
    if unknown := fonts.load().missing(printed):
        found.problems.append(
            _("These characters cannot be printed: %(characters)s.") % {"characters": " ".join(unknown)}
        )
    found.draft = Draft(
        holder=holder,
        issuer=issuer,
        kind=words["kind"],
        language=words["language"],
        hours=Decimal(words["total"]),
        words=words,
        is_sample=conf.SAMPLE or holder.is_fictional,
        template=template,
        revoked=tuple(sorted({one.number for one in revoked})),
    )
    return found


# --- what may stand in the way ---------------------------------------------------------------------


def _issuer(enrolments: list[Enrolment], known: _Known, found: Assessment) -> Issuer | None:
    facilities = {one.run.release.course.facility for one in enrolments}
    issuer = known.issuer(facilities.pop()) if len(facilities) == 1 else None
    if issuer is None:
        found.problems.append(_("The provider of the course is not an issuer of certificates."))
    elif not issuer.is_active:
        found.problems.append(_("The provider of the course may not issue certificates at present."))
    return issuer


def _credit(enrolment: Enrolment, known: _Known, found: Assessment) -> tuple[Rule | None, Decimal]:
    try:
        return credit_by(enrolment, known.rule)
    except NoRule as error:
        found.problems.append(str(error))
        return None, Decimal(0)


def _look_at_review(review: CompletionReview | None, found: Assessment) -> None:
    if review is None:
        return
    if review.is_open:
        found.problem(_("Evidence was taken back: the training office must first decide."), review)
    else:
        found.problem(_("The training office did not uphold the completion."), review)


def _look_together(enrolments, holder: Person, hours: list[Decimal], found: Assessment) -> None:
    if any(holder_of(one.person) != holder for one in enrolments):
        found.problems.append(_("These are activities of different people."))
    if len({one.run.release_id for one in enrolments}) < len(enrolments):
        found.problems.append(_("The same version of a course is named twice."))
    if len({bool(one) for one in hours}) > 1:
        found.problems.append(_("Activities with and without credit hours cannot stand on one certificate."))
    if len(enrolments) > MOST_ON_ONE:
        found.problems.append(
            _("At most %(count)d activities stand on one certificate.") % {"count": MOST_ON_ONE}
        )


def _look_at_holder(holder: Person, workplace: Facility | None, found: Assessment) -> None:
    if not holder.birth_text:
        found.problem(_("Neither the birth date nor the birth year is known."), holder)
    elif not holder.birth_date:
        found.remark(_("Only the birth year %(year)s is known.") % {"year": holder.birth_year}, holder)
    if holder.state == Person.State.PROVISIONAL:
        found.problem(_("The person is provisional: somebody must first confirm who it is."), holder)
    if workplace is None:
        found.problem(_("The workplace is not known."), holder)


def _look_at_papers(enrolments, known: _Known, found: Assessment) -> list[Certificate]:
    """Name what is valid for the same versions, and what was revoked; return the latter."""
    revoked = []
    for one in enrolments:
        if before := known.valid.get((one.person_id, one.run.release_id)):
            found.problem(
                _("The person holds certificate %(number)s for the same version of the course.")
                % {"number": before.number},
                before,
            )
        if (paper := known.revoked.get(origin_of(one))) and paper not in revoked:
            revoked.append(paper)
            found.remark(
                _("Certificate %(number)s was revoked: %(reason)s")
                % {"number": paper.number, "reason": paper.end_reason},
                paper,
            )
    return revoked


# --- what it would say -----------------------------------------------------------------------------


def _row(enrolment, holder: Person, issuer: Issuer, rule: Rule | None, hours: Decimal, known: _Known) -> dict:
    """One activity: the words of its row, and what it came from."""
    release, start = enrolment.run.release, enrolment.run.starts_on
    end = completed_on(enrolment)
    start = min(start or local_day(enrolment.enrolled_at), end)
    form, form_en = wording.FORMS.get(release.form, wording.FORMS["blended"])
    row = {
        "form": form,
        "content": names.clean(release.title_vi or release.title_en),
        "responsible": names.clean(known.name(issuer.facility, end)),
        "time": f"{end:%d/%m/%Y}" if start == end else f"{start:%d/%m/%Y} – {end:%d/%m/%Y}",
        "starts_on": start.isoformat(),
        "ends_on": end.isoformat(),
        "hours": str(hours),
        "origin": origin_of(enrolment),
        "rule": rule.frozen() if rule else None,
        "decision": {"number": release.decision_number, "date": str(release.decision_date or "")},
        "release_sha256": release.sha256,
    }
    if holder.language.startswith("en"):
        row |= {"form_en": form_en, "content_en": names.clean(release.title_en)}
    return row


def _words(rows: list[dict], holder: Person, issuer: Issuer, facility: str) -> dict:
    total = sum((Decimal(row["hours"]) for row in rows), Decimal(0))
    return {
        "v": 2,
        "template": wording.TEMPLATE_VERSION,
        "kind": Kind.CME.value if total else Kind.COMPLETION.value,
        "language": "en" if holder.language.startswith("en") else "vi",
        "governing_body": names.clean(issuer.governing_body or issuer.facility.governing_body),
        "facility": names.clean(facility),
        "holder": {"name": names.clean(holder.full_name), "birth": holder.birth_text},
        "activities": rows,
        "total": str(total),
        "place": names.clean(issuer.place),
        "signatory": {
            "prefix": names.clean(issuer.signatory_prefix),
            "title": names.clean(issuer.signatory_title),
            "name": names.clean(issuer.signatory_name),
        },
        "legal_basis": _legal_basis(rows),
    }


def _legal_basis(rows: list[dict]) -> str:
    parts = [wording.LEGAL_BASIS] if any(row["rule"] for row in rows) else []
    decisions = [row["decision"] for row in rows if row["decision"]["number"] and row["decision"]["date"]]
    named = dict.fromkeys(
        wording.DECISION.format(number=names.clean(one["number"]), date=date.fromisoformat(one["date"]))
        for one in decisions
    )
    if named:
        parts.append((wording.PROGRAMMES if len(named) > 1 else wording.PROGRAMME) + ", ".join(named))
    return f"Căn cứ: {'; '.join(parts)}." if parts else ""


def _texts(value):
    """Every text within *value*, a thing of lists and dictionaries."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from _texts(item)
