"""What many tests build alike is built once by its own code; later tests write the same rows again, statement by statement.

Nothing is taken over that could differ: a step is repeated only in a test that wrote nothing but the same steps
before it, in the same language, with the same settings and where the clock stands, at the same moment. In every
other case it is built anew. The keys come out the same because SQLite counts them inside the transaction; PostgreSQL does
not, and there everything is built anew.
"""

import io
import pickle
import sqlite3
from collections.abc import Callable
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import wraps
from inspect import Parameter, isgeneratorfunction, signature
from pathlib import Path
from unittest.mock import patch

from django.conf import UserSettingsHolder, settings
from django.core.files.storage import FileSystemStorage
from django.db import connection
from django.db.models import Model
from django.utils.translation import get_language
from wagtail.models import Site

from lms import clock, media, scope
from lms.models import RoleAssignment

MOST_STEPS = 50
"""A test that takes more of them, in a loop, is like no other."""
WRITES = ("INSERT", "UPDATE", "DELETE", "REPLACE")


@dataclass(frozen=True)
class Step:
    """What was written, and the objects as they were afterwards."""

    statements: list[tuple[str, object]]
    files: dict[Path, bytes]
    objects: bytes
    changes: int


_steps: dict[tuple, Step] = {}
_storing: list[set[Path]] = []
"""The files stored so far by each step that is being taken, one inside the other."""
_empty: list = []
_path: tuple = ()
_changes = -1
"""The steps of the test at hand and the count of changes after them; any other write raises the count."""


def emptied() -> None:
    """The database as it is now is the one in which each test begins."""
    _steps.clear()
    _empty[:] = _counters() if connection.vendor == "sqlite" else []


def begin() -> None:
    """The test at hand begins here; where it has rows already, nothing is repeated in it."""
    global _path, _changes
    end()
    if _empty and connection.in_atomic_block and _counters() == _empty:
        _path, _changes = (get_language(),), _count()


def end() -> None:
    """Nothing is repeated until the next test begins."""
    global _changes
    _changes = -1


def kept(key: object, build: Callable, *holders: object):
    """Return what *build* returns, its rows and files written, and what it left in the attributes of *holders* left there.

    *key* names the step and all it depends on beside the steps before. Objects that the holders have stay the same.
    """
    global _path, _changes
    if _changes < 0 or _changes != _count() or len(_path) > MOST_STEPS or (changed := _changed()) is None:
        return build()
    path = (
        *_path,
        key,
        clock.frozen(),
        changed,
        tuple((*name, type(one).__name__, getattr(one, "pk", None)) for name, one in _names(holders).items()),
    )
    made = _repeat(_steps[path], holders) if path in _steps else _take(path, build, holders)
    if path in _steps:
        _path, _changes = path, _count()
    return made


def repeated(function: Callable) -> Callable:
    """Keep what a fixture builds from the cast, rows and plain words; given anything else it builds anew."""
    assert not isgeneratorfunction(function), "what comes after the test is not kept"
    takes = signature(function)

    @wraps(function)
    def made(*args, **kwargs):
        given = dict(takes.bind(*args, **kwargs).arguments)
        for name, one in takes.parameters.items():
            if one.kind is Parameter.VAR_KEYWORD:
                given |= given.pop(name, {})
        holders = {name: one for name, one in given.items() if _is_ours(one)}
        words = {name: one for name, one in given.items() if name not in holders}
        if not all(map(_is_plain, words.values())):
            return function(*args, **kwargs)
        rows = sorted((name, type(one).__name__, getattr(one, "pk", None)) for name, one in holders.items())
        key = (function.__module__, function.__qualname__, *rows, *sorted(words.items()))
        return kept(key, lambda: function(*args, **kwargs), *holders.values())

    return made


@dataclass(frozen=True)
class World:
    """A whole database with its files, and the objects as they were then."""

    database: bytes
    files: dict[Path, bytes]
    objects: bytes


_worlds: dict[tuple, World] = {}


def world(cast, key: tuple, build: Callable):
    """Return what *build* makes for *cast* in the new database of a race; later races get a copy of all of it.

    *key* names what is built. Here there is no transaction that hides it from other threads, so
    the database is copied as a file; PostgreSQL builds it anew.
    """
    if connection.vendor != "sqlite":
        return build()
    path = Path(connection.settings_dict["NAME"])
    if key not in _worlds:
        with _stored() as stored:
            made = build()
        connection.close()
        with closing(sqlite3.connect(path)) as database:
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        files = {name: name.read_bytes() for name in stored if name.exists()}
        _worlds[key] = World(path.read_bytes(), files, pickle.dumps((made, vars(cast))))
        return made
    kept = _worlds[key]
    connection.close()
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    path.write_bytes(kept.database)
    _write(kept.files)
    Site.clear_site_root_paths_cache()
    made, held = pickle.loads(kept.objects)
    vars(cast).update(held)
    return made


def _write(files: dict[Path, bytes]) -> None:
    for path, data in files.items():
        # Another test may have deleted or changed it.
        if not path.exists() or path.read_bytes() != data:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.unlink(missing_ok=True)
            path.write_bytes(data)


def _changed() -> object:
    """The settings that are not as usual, by name; nothing where their values cannot be compared."""
    found: dict[str, object] = {}
    holder = settings._wrapped
    while isinstance(holder, UserSettingsHolder):
        # The innermost says what holds; a setting that is taken away is said by nothing that could be compared.
        if holder._deleted:
            return None
        found = {name: value for name, value in vars(holder).items() if name.isupper()} | found
        holder = holder.default_settings
    try:
        return _frozen(found)
    except TypeError:
        return None


def _frozen(one: object) -> object:
    """*one* as it is now, comparable by what it holds; TypeError where it is nothing plain."""
    if isinstance(one, dict):
        return tuple(sorted((name, _frozen(value)) for name, value in one.items()))
    if isinstance(one, (list, tuple)):
        return tuple(map(_frozen, one))
    if isinstance(one, Path):
        return str(one)
    if not _is_plain(one):
        raise TypeError(one)
    return one


def _is_ours(one: object) -> bool:
    """Whether *one* is a row that stands in the database, or something that tests hold rows by."""
    return one.pk is not None if isinstance(one, Model) else type(one).__module__.startswith("tests.")


def _is_plain(one: object) -> bool:
    if isinstance(one, tuple):
        return all(map(_is_plain, one))
    return isinstance(one, (str, bytes, int, float, Decimal, date, type(None)))


def _take(path: tuple, build: Callable, holders: tuple):
    """Build, and keep what it did; not where it went back behind something it had written."""
    statements: list[tuple[str, object]] = []
    whole = True

    def note(execute, sql, values, many, context):
        nonlocal whole
        whole = whole and not many and not sql.startswith("ROLLBACK")
        if sql.lstrip().startswith(WRITES):
            statements.append((sql, values))
        return execute(sql, values, many, context)

    begun, names, before = _count(), _names(holders), [dict(vars(one)) for one in holders]
    with connection.execute_wrapper(note), _stored() as stored:
        made = build()
    if whole:
        added = [
            {name: value for name, value in vars(one).items() if name not in old or value is not old[name]}
            for one, old in zip(holders, before, strict=True)
        ]
        states = {name: one.__reduce__()[2] for name, one in names.items() if isinstance(one, Model)}
        file = io.BytesIO()
        _Writer(file, names).dump((made, added, states))
        files = {name: name.read_bytes() for name in stored if name.exists()}
        _steps[path] = Step(statements, files, file.getvalue(), _count() - begun)
    return made


def _repeat(step: Step, holders: tuple):
    begun, names = _count(), _names(holders)
    with connection.cursor() as cursor:
        for sql, values in step.statements:
            cursor.execute(sql, values)
            if "RETURNING" in sql:
                cursor.fetchall()
    assert _count() - begun == step.changes, "a statement that wrote was not noted when it was built"
    for stored in _storing:
        stored |= step.files.keys()
    _write(step.files)
    # No signal is sent: an address may have been asked for before there was a page, a role before it was given.
    Site.clear_site_root_paths_cache()
    if any(RoleAssignment._meta.db_table in sql for sql, _ in step.statements):
        scope.forget()
    made, added, states = _Reader(step.objects, names).load()
    for name, state in states.items():
        vars(names[name]).clear()
        names[name].__setstate__(state)
    for one, values in zip(holders, added, strict=True):
        vars(one).update(values)
    return made


@contextmanager
def _stored():
    """The files that are stored inside the block, by us or by Django."""
    found: set[Path] = set()
    ours, djangos = media.save, FileSystemStorage.save

    def save(name, data):
        found.add(Path(media.storage().path(name)))
        return ours(name, data)

    def save_for_django(storage, name, content, max_length=None):
        name = djangos(storage, name, content, max_length)
        found.add(Path(storage.path(name)))
        return name

    with ExitStack() as patches:
        patches.enter_context(patch.object(media, "save", save))
        patches.enter_context(patch.object(FileSystemStorage, "save", save_for_django))
        _storing.append(found)
        try:
            yield found
        finally:
            _storing.pop()


def _names(holders: tuple) -> dict[tuple, object]:
    """The holders and the rows they hold, by place."""
    found: dict[tuple, object] = {}
    for number, one in enumerate(holders):
        found[number, ""] = one
        found |= {(number, name): value for name, value in vars(one).items() if isinstance(value, Model)}
    return found


class _Writer(pickle.Pickler):
    """Leaves out what the test has already."""

    def __init__(self, file, names: dict[tuple, object]):
        super().__init__(file, pickle.HIGHEST_PROTOCOL)
        self._places = {id(one): name for name, one in names.items()}

    def persistent_id(self, obj):
        return self._places.get(id(obj))


class _Reader(pickle.Unpickler):
    """Puts in its place what the test has."""

    def __init__(self, data: bytes, names: dict[tuple, object]):
        super().__init__(io.BytesIO(data))
        self._names = names

    def persistent_load(self, pid):
        return self._names[pid]


def _count() -> int:
    """How many rows this connection has written."""
    return connection.connection.total_changes


def _counters() -> list:
    """The last key of each table."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, seq FROM sqlite_sequence ORDER BY name")
        return cursor.fetchall()
