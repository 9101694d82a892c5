"""Two records of one human being become one, for thirty days reversibly; or are told apart for good."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.apps import apps
from django.db import IntegrityError, models, transaction
from django.db.models import Model
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from lms import clock, names, signals
from lms.merging import MergeRefused, columns, settle, settles
from lms.models import (
    Affiliation,
    DataRequest,
    DistinctPersons,
    Facility,
    Invitation,
    Licence,
    Person,
    PersonMerge,
    RoleAssignment,
)

UNDO_DAYS = 30
FILLED = ("birth_date", "birth_year", "sex", "phone", "email", "profession_id", "academic_title")
"""What the kept record takes over where it has nothing of its own."""
LIVING = (Person.State.ACTIVE, Person.State.PROVISIONAL)


@dataclass(frozen=True)
class Step:
    """One row with the columns that change, as they were and as they are to be."""

    model: type[Model]
    pk: int
    was: dict
    now: dict

    def kept(self) -> list:
        """The step as ``PersonMerge.moved`` remembers it."""
        return [self.model._meta.label_lower, self.pk, _plain(self.was), _plain(self.now)]


def _plain(columns_: dict) -> dict:
    return {name: _plainly(value) for name, value in columns_.items()}


def _plainly(value):
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    return str(value) if isinstance(value, Promise) else value


# --- who may be one human being --------------------------------------------------------------------


def likeness(one: Person, other: Person) -> list[str]:
    """Return why two records may be one human being; a name alone is no reason."""
    reasons = []
    if one.name_folded == other.name_folded and one.birth_date and one.birth_date == other.birth_date:
        reasons.append(_("same name and birth date"))
    if one.phone and one.phone == other.phone:
        reasons.append(_("same phone"))
    if one.email and one.email == other.email:
        reasons.append(_("same e-mail"))
    if _licence_keys(one) & _licence_keys(other):
        reasons.append(_("same licence number, written differently"))
    return reasons


def licence_key(number: str) -> str:
    """A licence number without what people write differently: dashes, spaces, Đ or D, leading zeros."""
    return "".join(c for c in names.fold(number) if c.isalnum()).lstrip("0")


def _licence_keys(person: Person) -> set[str]:
    return {licence_key(row.number) for row in person.licences.all()} - {""}


def candidates(people: models.QuerySet[Person], *, limit: int = 100) -> list[tuple[Person, Person]]:
    """Return up to *limit* pairs among *people* that may be one human being and were not told apart.

    By (folded name, birth date), phone, e-mail or licence; never by name alone.
    """
    living = people.filter(state__in=LIVING).order_by()
    groups: list[list[int]] = []
    for by in (["name_folded", "birth_date"], ["phone"], ["email"]):
        told = living.exclude(**{by[-1]: "" if by[-1] != "birth_date" else None})
        alike = told.values(*by).annotate(n=models.Count("pk")).filter(n__gt=1).order_by(*by)[: limit * 2]
        for row in alike:
            row.pop("n")
            groups.append(list(living.filter(**row).order_by("pk").values_list("pk", flat=True)[:6]))
    by_licence: dict[str, set[int]] = {}
    numbers = Licence.objects.filter(person__in=living.values("pk")).values_list("number", "person_id")
    for number, person in numbers.iterator():
        by_licence.setdefault(licence_key(number), set()).add(person)
    groups += [sorted(group)[:6] for key, group in by_licence.items() if key and len(group) > 1]
    pairs = {(a, b) for group in groups for a in group for b in group if a < b}
    apart = set(
        DistinctPersons.objects.filter(first__in={a for a, _b in pairs}).values_list("first_id", "second_id")
    )
    chosen = sorted(pairs - apart)[:limit]
    found = Person.objects.prefetch_related("licences").in_bulk({pk for pair in chosen for pk in pair})
    return [(found[a], found[b]) for a, b in chosen]


@transaction.atomic
def tell_apart(one: Person, *, other: Person, by) -> DistinctPersons:
    """Record that the two records are two human beings; they are not proposed again. Idempotent."""
    first, second = sorted((one, other), key=lambda person: person.pk)
    row, _made = DistinctPersons.objects.get_or_create(
        first=first, second=second, defaults={"by": by, "at": clock.now()}
    )
    return row


# --- merging ---------------------------------------------------------------------------------------


def plan(gone: Person, *, into: Person) -> list[Step]:
    """Return every change that merging *gone* into *into* would make; reads only.

    Raises MergeRefused where the two cannot become one.
    """
    kept = into
    if gone.pk == kept.pk:
        raise MergeRefused(_("These are not two records."))
    for person in (gone, kept):
        if person.state not in LIVING:
            raise MergeRefused(
                _("The record of %(name)s is closed: “%(state)s”.")
                % {"name": person.full_name, "state": person.get_state_display()}
            )
    if DistinctPersons.objects.filter(first=min(gone.pk, kept.pk), second=max(gone.pk, kept.pk)).exists():
        raise MergeRefused(_("Somebody compared these two records and found two different people."))
    # The two records first: the log of who looked follows only between records that are one (``lms.guards``).
    return [*_persons(gone, kept), *_rows(gone, kept)]


def _rows(gone: Person, kept: Person) -> Iterable[Step]:
    for model, column in columns():
        for row in model._base_manager.filter(**{column.attname: gone.pk}).order_by("pk"):
            changes = settle(row, kept)
            if changes is None:
                continue
            now = {column.attname: kept.pk, **changes}
            yield Step(model, row.pk, {name: getattr(row, name) for name in now}, now)


def _persons(gone: Person, kept: Person) -> Iterable[Step]:
    user = gone.user
    if user is not None and kept.user_id:
        if user.is_superuser or RoleAssignment.objects.in_force().filter(user=user).exists():
            raise MergeRefused(
                _("The login %(login)s holds a role. End the role first, or keep the other record.")
                % {"login": user.get_username()}
            )
        if user.is_active:
            yield Step(type(user), user.pk, {"is_active": True}, {"is_active": False})
    now = {"state": Person.State.MERGED.value, "merged_into_id": kept.pk, "user_id": None}
    yield Step(Person, gone.pk, {name: getattr(gone, name) for name in now}, now)
    taken: dict = {}
    if gone.user_id and not kept.user_id:
        taken["user_id"] = gone.user_id
    for name in FILLED:
        own, other = getattr(kept, name), getattr(gone, name)
        if own in (None, "") and other not in (None, ""):
            taken[name] = other
    if taken.get("birth_date") and kept.birth_year and kept.birth_year != taken["birth_date"].year:
        del taken["birth_date"]
    if Person.State.ACTIVE in (gone.state, kept.state) and kept.state != Person.State.ACTIVE:
        taken["state"] = Person.State.ACTIVE.value
    if taken:
        yield Step(Person, kept.pk, {name: getattr(kept, name) for name in taken}, taken)


def counted(steps: Iterable[Step]) -> list[tuple[str, int]]:
    """How many rows of which kind would move, for the eye."""
    counts = Counter(str(step.model._meta.verbose_name_plural) for step in steps if step.model is not Person)
    return sorted(counts.items())


def merge_persons(
    gone: Person, *, into: Person, by, reason: str, facility: Facility | None = None
) -> PersonMerge:
    """Move everything of *gone* to *into* because both are one human being; announces ``person_merged``.

    Nothing is deleted, certificates keep their facts. Idempotent: the same merge made twice is
    one. Raises MergeRefused. The caller has checked that *by* may act on both and why they are
    alike: a name alone is no reason.
    """
    with transaction.atomic():
        gone, kept = _both(gone.pk, into.pk)
        if gone.state == Person.State.MERGED and gone.merged_into_id == kept.pk:
            return PersonMerge.objects.get(gone=gone, kept=kept, undone_at__isnull=True)
        steps = plan(gone, into=kept)
        for step in steps:
            _write(step.model, step.pk, step.was, step.now)
        merge = PersonMerge.objects.create(
            gone=gone,
            kept=kept,
            facility=facility or kept.workplace(),
            reason=names.clean(reason)[:200],
            moved={"steps": [step.kept() for step in steps]},
            by=by,
            at=clock.now(),
        )
        kept.refresh_from_db()
        signals.person_merged.send(Person, gone=gone, kept=kept, merge=merge)
        return merge


def undo_merge(merge: PersonMerge, *, by) -> PersonMerge:
    """Give the merged record everything back that it had; what came since stays with the kept one.

    Within thirty days, and only while neither has been merged on. Idempotent. Announces
    ``merge_undone``; raises MergeRefused.
    """
    with transaction.atomic():
        gone, kept = _both(merge.gone_id, merge.kept_id)
        merge = PersonMerge.objects.select_for_update().get(pk=merge.pk)
        if merge.undone_at:
            return merge
        if clock.now() > merge.at + timedelta(days=UNDO_DAYS):
            raise MergeRefused(_("A merge can be taken back for thirty days; this one is older."))
        if kept.state not in LIVING or gone.state != Person.State.MERGED:
            raise MergeRefused(_("One of the two records was merged again or erased since."))
        later = PersonMerge.objects.filter(kept=kept, undone_at__isnull=True, pk__gt=merge.pk)
        if later.exists():
            raise MergeRefused(_("Another record was merged into this one later. Take that back first."))
        # The records last, in merges of earlier days too: while they are one, the log of who looked goes back.
        backwards = merge.moved["steps"][::-1]
        for label, pk, was, now in sorted(backwards, key=lambda step: step[0] == Person._meta.label_lower):
            _write(apps.get_model(label), pk, now, was)
        merge.undone_at, merge.undone_by = clock.now(), by
        merge.save(update_fields=["undone_at", "undone_by"])
        gone.refresh_from_db()
        kept.refresh_from_db()
        signals.merge_undone.send(Person, gone=gone, kept=kept, merge=merge)
        return merge


def _both(first: int, second: int) -> tuple[Person, Person]:
    """The two persons, locked in the order of their ids, so that two merges cannot wait for each other."""
    rows = Person.objects.select_for_update().filter(pk__in=[first, second]).order_by("pk")
    found = {row.pk: row for row in rows}
    return found[first], found[second]


def _write(model: type[Model], pk: int, was: dict, now: dict) -> None:
    """Change one row; one that has become something else since is left as it is."""
    try:
        with transaction.atomic():
            model._base_manager.filter(pk=pk, **was).update(**now)
    except IntegrityError as error:
        raise MergeRefused(
            _("Both records have the same %(kind)s. Settle that first; nothing was changed.")
            % {"kind": model._meta.verbose_name}
        ) from error


# --- what becomes of this app's own rows -----------------------------------------------------------


@settles(Affiliation)
def _affiliation(row: Affiliation, kept: Person) -> dict:
    # One main workplace: the kept record's.
    has_main = kept.affiliations.in_force().filter(is_primary=True).exists()
    return {"is_primary": False} if row.is_primary and has_main else {}


@settles(Invitation)
def _invitation(row: Invitation, kept: Person) -> dict:
    # Nobody may claim a record that is no more.
    is_open = row.accepted_at is None and row.revoked_at is None
    return {"revoked_at": clock.now()} if is_open else {}


@settles(DataRequest)
def _data_request(row: DataRequest, kept: Person) -> dict:
    live = [DataRequest.State.OPEN, DataRequest.State.ACKNOWLEDGED]
    if row.state in live and kept.data_requests.filter(kind=row.kind, state__in=live).exists():
        raise MergeRefused(
            _("Both records have an open request: “%(kind)s”. Answer one of them first.")
            % {"kind": row.get_kind_display()}
        )
    return {}
