"""What a certificate would say and what stands in its way; days, names and locks that issuing asks for."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db.models import Model
from django.utils.translation import gettext as _

from certificates.conf import conf
from certificates.credit import rule_for
from certificates.facts import canonical, sha256
from certificates.models import Certificate, Issuer, Rule, TemplateVersion
from courses.models import CompletionReview, Enrolment
from lms import clock
from lms.models import Person


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
    revoked: tuple[str, ...] = ()
    """Numbers of revoked certificates for the same activities: whoever approves must have seen them."""

    @property
    def origins(self) -> list[str]:
        """What it certifies, in the order of its rows."""
        return [row["origin"] for row in self.words["activities"]]

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
        more = {"revoked": list(self.revoked)} if self.revoked else {}
        return sha256(canonical({**self.words, **more, "sample": self.is_sample}))


@dataclass
class Assessment:
    """What stands in the way of a certificate (``problems``) and what somebody should look at (``remarks``)."""

    draft: Draft | None = None
    problems: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    mended_at: dict[str, list[Model]] = field(default_factory=dict)
    """The rows at which what a problem or a remark says is looked at or mended."""

    def problem(self, text: str, *rows: Model) -> None:
        """Note what stands in the way, and the *rows* at which it is mended."""
        self.problems.append(text)
        self.mended_at.setdefault(text, []).extend(rows)

    def remark(self, text: str, *rows: Model) -> None:
        """Note what somebody should look at, and the *rows* at which that is done."""
        self.remarks.append(text)
        self.mended_at.setdefault(text, []).extend(rows)

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


def under_review(enrolment: Enrolment) -> CompletionReview | None:
    """The review that keeps a completion from being certified or credited: open, or not upheld."""
    return enrolment.reviews.exclude(state=CompletionReview.State.UPHELD).first()


def credit_of(enrolment: Enrolment) -> tuple[Rule | None, Decimal]:
    """The rule in force on the day of completion and the exact hours by it; raises ``NoRule``."""
    return credit_by(enrolment, rule_for)


def credit_by(enrolment: Enrolment, find: Callable[[str, date], Rule]) -> tuple[Rule | None, Decimal]:
    """The rule that *find* knows for the day of completion and the exact hours by it."""
    release = enrolment.run.release
    if not release.rule_code or not release.periods:
        return None, Decimal(0)
    rule = find(release.rule_code, completed_on(enrolment))
    return rule, rule.hours_for(rule.quantity_of(release.periods))


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
