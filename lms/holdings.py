"""What is held about a person, model by model: the one list behind my data, export, erasure and the data map."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from graphlib import TopologicalSorter

from django.apps import apps
from django.conf import settings
from django.db.models import Model, Q, QuerySet
from django.utils.module_loading import autodiscover_modules

from lms.models import Licence, Person


@dataclass(frozen=True)
class Subject:
    """One human being: the record, those merged into it, the logins, and the words that name them."""

    persons: tuple[int, ...]
    users: tuple[int, ...]
    words: frozenset[str]


def subject_of(person: Person) -> Subject:
    """Return *person* with every record ever merged into it."""
    rows, new = [person], [person]
    while new:
        new = list(Person.objects.filter(merged_into__in=new))
        rows += new
    users = [row.user for row in rows if row.user_id]
    words = {text for row in rows for text in (row.full_name, row.phone, row.email)}
    words |= {text for user in users for text in (user.get_username(), getattr(user, "email", ""))}
    for licence in Licence.objects.filter(person__in=rows):
        words |= {licence.raw, licence.number}
    return Subject(
        tuple(row.pk for row in rows), tuple(user.pk for user in users), frozenset(filter(None, words))
    )


Erase = Callable[[Subject, QuerySet], int]
Column = tuple[object, str | Callable[[Model], object]]


@dataclass(frozen=True)
class Kept:
    """Why rows stay when their person is erased."""

    why: str


@dataclass(frozen=True)
class Holding:
    """Rows of one model about a person.

    ``paths`` are lookups from a row to the person (or to the login, where they end in ``user``);
    ``columns`` are what the person is shown, label and attribute, all of them in the export;
    ``secret`` are fields of which no copy leaves the site. ``erase`` gets the rows and returns how
    many it dealt with; without one they are deleted.
    """

    model: type[Model]
    paths: tuple[str, ...]
    title: object
    columns: tuple[Column, ...]
    ground: object
    period: object
    seen_by: object
    erase: Erase | Kept | None = None
    secret: frozenset[str] = frozenset()
    files: Callable[[Model], Iterable[tuple[str, str]]] | None = None
    shown: bool = True

    @property
    def fields(self) -> list:
        """The columns that speak of the person: all but the key and what points at anything else."""
        people = {Person, apps.get_model(settings.AUTH_USER_MODEL)}
        return [
            one
            for one in self.model._meta.concrete_fields
            if not one.primary_key and (not one.is_relation or one.related_model in people)
        ]

    @property
    def at_erasure(self) -> str:
        """What becomes of the rows when the person is erased, in a word or with the reason."""
        if isinstance(self.erase, Kept):
            return str(self.erase.why)
        return "deleted" if self.erase is None else (self.erase.__doc__ or "").splitlines()[0].rstrip(".")

    def rows(self, subject: Subject) -> QuerySet:
        """The rows about *subject*."""
        found = Q()
        for path in self.paths:
            wanted = subject.users if _ends_in_user(self.model, path) else subject.persons
            found |= Q(**{f"{path}__in": wanted})
        return self.model._base_manager.filter(found).order_by("pk")


@dataclass
class _Registry:
    holdings: dict[type[Model], Holding] = field(default_factory=dict)
    skipped: dict[type[Model], str] = field(default_factory=dict)
    held: dict[type[Model], list[tuple[Callable[[], Q], Callable[[], Q]]]] = field(default_factory=dict)
    is_read: bool = False


_REGISTRY = _Registry()


def _read() -> _Registry:
    """The registry, after each app's ``personal_data.py`` was read once."""
    if not _REGISTRY.is_read:
        _REGISTRY.is_read = True
        autodiscover_modules("personal_data")
    return _REGISTRY


def register(
    model: type[Model],
    *paths: str,
    title,
    columns: Iterable[Column] = (),
    ground,
    period,
    seen_by,
    erase: Erase | Kept | None = None,
    secret: Iterable[str] = (),
    files=None,
    shown: bool = True,
) -> None:
    """Declare that rows of *model* are about the person at *paths*; each app does so in ``personal_data.py``."""
    _REGISTRY.holdings[model] = Holding(
        model,
        paths,
        title,
        tuple(columns),
        ground,
        period,
        seen_by,
        erase,
        frozenset(secret),
        files,
        shown,
    )


def skip(*models: type[Model], why: str) -> None:
    """Declare that rows of *models* are about nobody, although they point at people, and why."""
    _REGISTRY.skipped |= dict.fromkeys(models, why)


def hold(model: type[Model], rows: Callable[[], Q], details: Callable[[], Q]) -> None:
    """Declare which *rows* of *model* another package needs as evidence, and for which the *details* too.

    Erasure strips a held row and leaves it; the retention job leaves the details alone.
    """
    _REGISTRY.held.setdefault(model, []).append((rows, details))


def held(model: type[Model]) -> Q:
    """Return the condition of rows of *model* that must stay when their person is erased."""
    return _any(rows() for rows, _details in _read().held.get(model, []))


def held_in_detail(model: type[Model]) -> Q:
    """Return the condition of rows of *model* whose details are still somebody's evidence."""
    return _any(details() for _rows, details in _read().held.get(model, []))


def _any(conditions: Iterable[Q]) -> Q:
    found = Q(pk__in=[])
    for condition in conditions:
        found |= condition
    return found


def holdings() -> list[Holding]:
    """Return every holding, what points at others before what it points at: the order of erasing."""
    known = _read().holdings
    order = TopologicalSorter({model: set() for model in known})
    for model in known:
        for relation in model._meta.get_fields():
            target = relation.related_model if relation.concrete and relation.is_relation else None
            if target in known and target is not model:
                order.add(target, model)
    return [known[model] for model in order.static_order()]


def skipped() -> dict[type[Model], str]:
    """Return the models that were declared to be about nobody, with the reason."""
    return dict(_read().skipped)


def undeclared() -> Iterator[type[Model]]:
    """Yield every model that leads to a person and is neither held nor skipped.

    A model leads to a person where it points at the person, at the login, at rows that are held,
    or, by a generic relation, at anything.
    """
    registry = _read()
    about = {Person, apps.get_model(settings.AUTH_USER_MODEL), *registry.holdings}
    for model in apps.get_models():
        if model in registry.holdings or model in registry.skipped or model._meta.proxy:
            continue
        if model._meta.auto_created or issubclass(model, tuple(registry.skipped)):
            # Tables between two models speak of what either declares; pages of every kind are pages.
            continue
        fields = model._meta.get_fields()
        targets = {one.related_model for one in fields if one.concrete and one.is_relation}
        if targets & about or any(one.name == "object_id" for one in fields):
            yield model


def _ends_in_user(model: type[Model], path: str) -> bool:
    for name in path.split("__"):
        model = model._meta.get_field(name).related_model if name != "pk" else model
    return model is apps.get_model(settings.AUTH_USER_MODEL)
