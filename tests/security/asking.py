"""Which checks each address asks, and what happens when one of them lets everybody through."""

import ast
import contextlib
import inspect
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache, wraps
from importlib import import_module
from itertools import product
from pathlib import Path

from lms import scope
from lms.models import Facility
from tests.security.addresses import OURS
from tests.security.doors import REFUSED

Reference = tuple[object, str]


def loaders() -> dict[str, object]:
    """Every public function of the permission modules that is given the user, by its name."""
    found = {}
    for app, of in product(OURS, ("permissions", "session_permissions")):
        with contextlib.suppress(ModuleNotFoundError):
            module = import_module(f"{app}.{of}")
            for name, one in vars(module).items():
                is_own = inspect.isfunction(one) and one.__module__ == module.__name__
                if (
                    is_own
                    and not name.startswith("_")
                    and next(iter(inspect.signature(one).parameters), "") == "user"
                ):
                    found[f"{app}.{name}"] = one
    return found


def acts() -> list[tuple[str, str]]:
    """Each model and act that somebody holds; acts that are closed to everybody have no door."""
    return [
        (policy.model._meta.label, act)
        for policy in scope._POLICIES.values()
        for act, roles in policy.acts.items()
        if roles
    ]


FILTERS = {"limit", "facilities"}
"""What keeps rows, or the places one may name, to one's own scope."""


class _Calls(ast.NodeVisitor):
    """Every call of a filter in a module, by the function it stands in."""

    def __init__(self, own: bool):
        self.own, self.within, self.found = own, [], []

    def _inside(self, node):
        self.within.append(node.name)
        self.generic_visit(node)
        self.within.pop()

    visit_ClassDef = visit_FunctionDef = _inside

    def visit_Call(self, node):
        of = node.func
        is_scope = isinstance(of, ast.Attribute) and getattr(of.value, "id", "") == "scope"
        name = of.attr if is_scope else getattr(of, "id", "") if self.own else ""
        if name in FILTERS:
            self.found.append((f"{'.'.join(self.within)} {name}", node.lineno, node.end_lineno))
        self.generic_visit(node)


@cache
def _calls() -> dict[str, list[tuple[int, int, str]]]:
    """The lines of each file at which rows are limited, each with the name of its place."""
    root, found = Path(__file__).resolve().parents[2], defaultdict(list)
    for path in sorted(path for app in OURS for path in (root / app).rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        if not any(f"{name}(" in text for name in FILTERS):
            # To read all of our code as a tree takes seconds, in each process that collects tests.
            continue
        calls = _Calls(own=path == root / "lms/scope.py")
        calls.visit(ast.parse(text))
        seen: dict[str, int] = defaultdict(int)
        for name, first, last in calls.found:
            seen[name] += 1
            place = f"{path.relative_to(root)} {name}" + (f" {seen[name]}" if seen[name] > 1 else "")
            found[str(path)].append((first, last, place))
    return dict(found)


def places() -> list[str]:
    """Every place in our code where rows or facilities are limited to what the user may reach."""
    return [place for calls in _calls().values() for _first, _last, place in calls]


def place_of(frame) -> str | None:
    """The place from which a filter is called, read from the frame of the caller."""
    calls = _calls().get(frame.f_code.co_filename, ())
    return next((place for first, last, place in calls if first <= frame.f_lineno <= last), None)


def references(function) -> list[Reference]:
    """Where our modules hold *function*, whoever imported it by name included."""
    modules = [module for name, module in list(sys.modules.items()) if name.split(".")[0] in OURS]
    return [
        (module, name) for module in modules for name, held in list(vars(module).items()) if held is function
    ]


class Asked:
    """Notes for each check the rows of the matrix, with their method, that ask it, and how telling each is."""

    def __init__(self):
        """Nothing has been asked yet."""
        self.rows: dict[object, dict[tuple[str, str], int]] = defaultdict(dict)
        self._now: set[object] = set()
        self._loaders = [(name, one, references(one)) for name, one in loaders().items()]

    @contextlib.contextmanager
    def by(self, row: str, method: str) -> Iterator[Callable[[str], None]]:
        """Note what is asked inside the block as asked by one row; call what it yields after each answer."""
        with contextlib.ExitStack() as patches:
            for name, one, held in self._loaders:
                noting = self._noting(one, lambda *args, key=name: key)
                for module, attribute in held:
                    patches.enter_context(patched(module, attribute, noting))
            keys = {
                "limit": lambda rows, user, act, *rest: (rows.model, act),
                "can": lambda user, act, obj: (obj if isinstance(obj, type) else type(obj), act),
                "covers_row": lambda user, act, obj: (type(obj), act),
            }
            for name, key in keys.items():
                patches.enter_context(patched(scope, name, self._noting(getattr(scope, name), key)))
            for name in FILTERS:
                patches.enter_context(patched(scope, name, self._placed(getattr(scope, name))))
            yield lambda letter: self._note((row, method), letter)

    def _placed(self, function):
        @wraps(function)
        def noting(*args, **kwargs):
            if (place := place_of(sys._getframe(1))) is not None:
                self._now.add(place)
            return function(*args, **kwargs)

        return noting

    def _noting(self, function, key):
        @wraps(function)
        def noting(*args, **kwargs):
            found = key(*args)
            if isinstance(found, tuple):
                found = (scope.policy_of(found[0]).model._meta.label, found[1])
            self._now.add(found)
            return function(*args, **kwargs)

        return noting

    def _note(self, row: tuple[str, str], letter: str) -> None:
        # A refusal that asked little says who refused; a page that is shown has asked for its whole menu.
        rank = len(self._now) + (0 if letter in REFUSED else 1000)
        for key in self._now:
            self.rows[key][row] = min(rank, self.rows[key].get(row, rank))
        self._now = set()

    def telling(self, *keys) -> list[tuple[str, str]]:
        """The rows that ask one of *keys*, the most telling first."""
        ranked = [(rank, row) for key in keys for row, rank in self.rows[key].items()]
        return list(dict.fromkeys(row for _rank, row in sorted(ranked)))


@contextlib.contextmanager
def patched(holder, name: str, value) -> Iterator[None]:
    """*value* in the place of an attribute inside the block."""
    before = getattr(holder, name)
    setattr(holder, name, value)
    try:
        yield
    finally:
        setattr(holder, name, before)


# --- planted faults --------------------------------------------------------------------------------


@contextlib.contextmanager
def everybody_holds(label: str, act: str) -> Iterator[None]:
    """The fault that *act* asks for no particular role: any role at the facility will do."""
    model, policy = next((m, p) for m, p in scope._POLICIES.items() if m._meta.label == label)
    scope._POLICIES[model] = replace(policy, acts={**policy.acts, act: scope.ALL_ROLES})
    try:
        yield
    finally:
        scope._POLICIES[model] = policy


@contextlib.contextmanager
def everywhere(label: str) -> Iterator[None]:
    """The fault that the facility is not asked: a role anywhere opens the rows of all hospitals.

    For all acts of the model at once, because its policy has one way to the facility; what may not
    be seen is refused before any other act is asked.
    """
    limit, covers_row = scope.limit, scope.covers_row

    def holds(user, model, act: str) -> bool:
        policy = scope.policy_of(model)
        roles = policy.acts.get(act, frozenset())
        return policy.model._meta.label == label and bool(roles) and scope.has_role(user, *roles)

    def unlimited(rows, user, act, path=None):
        return rows if holds(user, rows.model, act) else limit(rows, user, act, path)

    def covering(user, act, obj):
        return holds(user, type(obj), act) or covers_row(user, act, obj)

    with patched(scope, "limit", unlimited), patched(scope, "covers_row", covering):
        yield


@contextlib.contextmanager
def unlimited_at(place: str) -> Iterator[None]:
    """The fault that one call of a filter was forgotten: whoever is signed in gets every row there."""

    def forgotten(function, everything):
        @wraps(function)
        def at(first, second, *args, **kwargs):
            if place_of(sys._getframe(1)) == place:
                return everything(first, second)
            return function(first, second, *args, **kwargs)

        return at

    def rows(queryset, user):
        return queryset if user.is_authenticated else queryset.none()

    def nodes(user, roles):
        return Facility.objects.all() if user.is_authenticated else Facility.objects.none()

    limit, facilities = forgotten(scope.limit, rows), forgotten(scope.facilities, nodes)
    with patched(scope, "limit", limit), patched(scope, "facilities", facilities):
        yield


@contextlib.contextmanager
def taken_for(name: str, user) -> Iterator[None]:
    """The fault that the loader *name* does not look who asks: everybody signed in is taken for *user*."""
    real = loaders()[name]

    @wraps(real)
    def blind(asking, *args, **kwargs):
        return real(user if getattr(asking, "is_authenticated", False) else asking, *args, **kwargs)

    with contextlib.ExitStack() as patches:
        for module, attribute in references(real):
            patches.enter_context(patched(module, attribute, blind))
        yield
