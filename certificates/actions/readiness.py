"""Whether a completion can be certified and what the document would say, before a number is spent."""

from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from certificates import wording
from certificates.conf import conf
from certificates.credit import NoRule, rule_for
from certificates.facts import canonical, sha256
from certificates.models import Certificate, Issuer, Rule, TemplateVersion
from certificates.models.register import Kind
from courses.models import CompletionReview, Enrolment
from lms import clock, fonts, names
from lms.models import Facility, Person


class NotReady(Exception):
    """A completion that cannot be certified yet; ``reasons`` are sentences for people."""

    def __init__(self, reasons: list[str]):
        self.reasons = reasons
        super().__init__(" ".join(reasons))


@dataclass(frozen=True)
class Draft:
    """Everything a certificate will say except its number, its code and its day."""

    holder: Person
    issuer: Issuer
    kind: str
    language: str
    hours: Decimal
    words: dict
    is_sample: bool
    template: TemplateVersion | None = None

    @property
    def picture(self) -> dict:
        """The logo that the words name, for the renderer; empty where there is none."""
        logo = self.template.logo if self.template else None
        return {"picture": logo.picture} if logo else {}

    def facts(self, *, sequence: int, number: str, code: str, day: date, now: datetime) -> dict:
        """The facts of the certificate, complete: what is frozen, hashed and drawn."""
        return {
            **self.words,
            "number": number,
            "sequence": sequence,
            "code": code,
            "url": f"{conf.BASE_URL}/V/{code}".upper(),
            "date": day.isoformat(),
            "issued_at": now.astimezone(local_zone()).isoformat(timespec="seconds"),
            "sample": self.is_sample,
        }

    @property
    def sha256(self) -> str:
        """The hash by which an approver knows that nothing changed since the batch was frozen."""
        return sha256(canonical({**self.words, "sample": self.is_sample}))


@dataclass
class Assessment:
    """What stands in the way of a certificate (``problems``) and what somebody should look at (``remarks``)."""

    draft: Draft | None = None
    problems: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    @property
    def is_ready(self) -> bool:
        """Whether a number may be spent."""
        return self.draft is not None and not self.problems

    def ready_draft(self) -> Draft:
        """The draft of a completion that may be certified; raises :class:`NotReady` with every reason."""
        if self.draft is None or self.problems:
            raise NotReady(self.problems)
        return self.draft


def local_zone() -> ZoneInfo:
    """The zone in which the days and years of documents are read."""
    return ZoneInfo(conf.TIME_ZONE)


def local_day(moment: datetime) -> date:
    """The day of *moment* in that zone."""
    return moment.astimezone(local_zone()).date()


def completed_on(enrolment: Enrolment) -> date:
    """The day on which a completed enrolment was completed."""
    if enrolment.completed_at is None:
        raise ValueError(f"Enrolment {enrolment.pk} is not completed.")
    return local_day(enrolment.completed_at)


def origin_of(enrolment: Enrolment) -> str:
    """The key under which everything made for one enrolment is found."""
    return f"enrolment:{enrolment.pk}"


def holder_of(person: Person) -> Person:
    """The person to certify: where two rows were found to be one human, the one that stayed."""
    while person.merged_into is not None:
        person = person.merged_into
    return person


def locked(*persons: int) -> None:
    """Let nobody else certify or credit these persons until this transaction ends.

    What a person got for the same release from another enrolment is then seen, not overtaken.
    In the order of their ids, so that two batches cannot wait for each other.
    """
    list(
        Person.objects.select_for_update().filter(pk__in=persons).order_by("pk").values_list("pk", flat=True)
    )


def name_on(facility: Facility, day: date) -> str:
    """What a facility was called on a day; a certificate of 2024 keeps the name of 2024."""
    former = facility.names.filter(valid_to__gte=day).order_by("valid_to")
    for name in former:
        if name.valid_from is None or name.valid_from <= day:
            return name.name
    return facility.name


def under_review(enrolment: Enrolment) -> CompletionReview | None:
    """The review that keeps a completion from being certified or credited: open, or not upheld."""
    return enrolment.reviews.exclude(state=CompletionReview.State.UPHELD).first()


def credit_of(enrolment: Enrolment) -> tuple[Rule | None, Decimal]:
    """The rule in force on the day of completion and the exact hours by it; raises ``NoRule``."""
    release = enrolment.run.release
    if not release.rule_code or not release.periods:
        return None, Decimal(0)
    rule = rule_for(release.rule_code, completed_on(enrolment))
    return rule, rule.hours_for(release.periods)


def certified_before(enrolment: Enrolment) -> Certificate | None:
    """The valid certificate the person holds for the same release from another enrolment, or None."""
    others = Enrolment.objects.filter(
        person=enrolment.person_id, run__release=enrolment.run.release_id
    ).exclude(pk=enrolment.pk)
    keys = [f"enrolment:{pk}" for pk in others.values_list("pk", flat=True)]
    return Certificate.objects.valid().filter(origin_key__in=keys).first() if keys else None


def assess(enrolment: Enrolment) -> Assessment:
    """Say what the certificate for *enrolment* would be, or every reason why there can be none yet.

    Reads only. Names and titles are cleaned here, and each character is looked up in the fonts:
    a letter that the embedded face lacks would stop the sealing after the number was spent.
    """
    found = Assessment()
    if enrolment.state != Enrolment.State.COMPLETED:
        found.problems.append(_("The course has not been completed."))
        return found
    _look_at_review(enrolment, found)
    release, holder = enrolment.run.release, holder_of(enrolment.person)
    day = completed_on(enrolment)
    issuer = _issuer(release.course.facility, found)
    rule, hours = _credit(enrolment, found)
    workplace = enrolment.facility or holder.workplace(day)
    _look_at_holder(holder, workplace, found)
    if before := certified_before(enrolment):
        found.problems.append(
            _("The person holds certificate %(number)s for the same version of the course.")
            % {"number": before.number}
        )
    if issuer is None:
        return found
    words = _words(enrolment, holder, issuer, rule, hours, name_on(workplace, day) if workplace else "")
    template = TemplateVersion.objects.for_documents(issuer, words["kind"])
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
        hours=hours,
        words=words,
        is_sample=conf.SAMPLE or holder.is_fictional,
        template=template,
    )
    return found


def held_back(issuer: Issuer, *, lock: bool = False) -> str:
    """Say why *issuer* issues nothing by itself at this moment, or "" where it does.

    The provider allowed it beforehand, until a day and for so many a day; who holds the *lock* may issue
    one more, and nobody else meanwhile.
    """
    if lock:
        issuer = Issuer.objects.select_for_update(no_key=True).get(pk=issuer.pk)
    now = clock.now()
    if not issuer.issues_automatically:
        return _("The issuer issues in batches that a second person approves.")
    if issuer.automatic_until is not None and local_day(now) > issuer.automatic_until:
        return _("The permission to issue on completion has ended; certificates wait for a batch.")
    day = datetime.combine(local_day(now), time(), local_zone())
    issued = Certificate.objects.filter(
        issuer=issuer, issued_at__gte=day, batch__isnull=True, issued_by__isnull=True
    )
    if issued.count() >= issuer.most_in_a_day:
        return _("The issuer has issued as many certificates on completion today as it allows.")
    return ""


def designed(words: dict, template: TemplateVersion) -> dict:
    """What a version of a template puts in the place of the issuer's usual words."""
    own = {
        "governing_body": template.governing_body or words["governing_body"],
        "place": template.place or words["place"],
        "signatory": template.signatory,
        "design": template.design,
    }
    return own | ({"mode": template.mode} if template.mode != TemplateVersion.Mode.DIGITAL else {})


def _issuer(facility: Facility | None, found: Assessment) -> Issuer | None:
    issuer = Issuer.objects.filter(facility=facility).select_related("facility").first() if facility else None
    if issuer is None:
        found.problems.append(_("The provider of the course is not an issuer of certificates."))
    elif not issuer.is_active:
        found.problems.append(_("The provider of the course may not issue certificates at present."))
    return issuer


def _credit(enrolment: Enrolment, found: Assessment) -> tuple[Rule | None, Decimal]:
    try:
        return credit_of(enrolment)
    except NoRule as error:
        found.problems.append(str(error))
        return None, Decimal(0)


def _look_at_review(enrolment: Enrolment, found: Assessment) -> None:
    review = under_review(enrolment)
    if review is None:
        return
    if review.is_open:
        found.problems.append(_("Evidence was taken back: the training office must first decide."))
    else:
        found.problems.append(_("The training office did not uphold the completion."))


def _look_at_holder(holder: Person, workplace: Facility | None, found: Assessment) -> None:
    if not holder.birth_text:
        found.problems.append(_("Neither the birth date nor the birth year is known."))
    elif not holder.birth_date:
        found.remarks.append(_("Only the birth year %(year)s is known.") % {"year": holder.birth_year})
    if holder.state == Person.State.PROVISIONAL:
        found.problems.append(_("The person is provisional: somebody must first confirm who it is."))
    if workplace is None:
        found.problems.append(_("The workplace is not known."))


def _words(enrolment, holder, issuer, rule, hours, workplace) -> dict:
    release, start = enrolment.run.release, enrolment.run.starts_on
    end = completed_on(enrolment)
    start = min(start or local_day(enrolment.enrolled_at), end)
    form, form_en = wording.FORMS.get(release.form, wording.FORMS["blended"])
    activity = {
        "form": form,
        "content": names.clean(release.title_vi or release.title_en),
        "responsible": names.clean(name_on(issuer.facility, end)),
        "time": f"{end:%d/%m/%Y}" if start == end else f"{start:%d/%m/%Y} – {end:%d/%m/%Y}",
        "starts_on": start.isoformat(),
        "ends_on": end.isoformat(),
        "hours": str(hours),
    }
    language = "en" if holder.language.startswith("en") else "vi"
    if language == "en":
        activity |= {"form_en": form_en, "content_en": names.clean(release.title_en)}
    return {
        "v": 1,
        "template": wording.TEMPLATE_VERSION,
        "kind": Kind.CME.value if hours else Kind.COMPLETION.value,
        "language": language,
        "origin": origin_of(enrolment),
        "governing_body": names.clean(issuer.governing_body or issuer.facility.governing_body),
        "facility": names.clean(name_on(issuer.facility, end)),
        "holder": {
            "name": names.clean(holder.full_name),
            "birth": holder.birth_text,
            "workplace": names.clean(workplace),
        },
        "activities": [activity],
        "total": str(hours),
        "place": names.clean(issuer.place),
        "signatory": {
            "prefix": names.clean(issuer.signatory_prefix),
            "title": names.clean(issuer.signatory_title),
            "name": names.clean(issuer.signatory_name),
        },
        "legal_basis": _legal_basis(release, rule),
        "decision": {"number": release.decision_number, "date": str(release.decision_date or "")},
        "release_sha256": release.sha256,
        "rule": rule.frozen() if rule else None,
    }


def _legal_basis(release, rule: Rule | None) -> str:
    parts = [wording.LEGAL_BASIS] if rule else []
    if release.decision_number and release.decision_date:
        parts.append(
            wording.DECISION.format(number=names.clean(release.decision_number), date=release.decision_date)
        )
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
