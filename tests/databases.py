"""Fresh migrated databases in a moment: one template per state of the migrations, copied on demand.

Works on SQLite (a file is copied) and on PostgreSQL (``CREATE DATABASE … TEMPLATE``), for the
test session itself, for races between threads and for other processes, which get the address
by ``DATABASE_URL``.
"""

import contextlib
import fcntl
import hashlib
import os
import sqlite3
import tempfile
from pathlib import Path
from urllib.parse import quote

from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connection

WORKER = os.environ.get("PYTEST_XDIST_WORKER", "")
FOLDER = Path(settings.VAR_DIR).parent if WORKER else Path(settings.VAR_DIR)
LOCK = Path(tempfile.gettempdir(), f"vuonxa-template-{os.getuid()}.lock")
VENDOR = connection.vendor


def fingerprint() -> str:
    """A name for the state of all migrations: changes with any of their files."""
    digest = hashlib.sha256()
    for config in sorted(apps.get_app_configs(), key=lambda config: config.label):
        for path in sorted(Path(config.path, "migrations").glob("*.py")):
            digest.update(f"{config.label}/{path.name}\n".encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def url(name: str) -> str:
    """The database *name* as other processes find it in ``DATABASE_URL``."""
    if VENDOR == "sqlite":
        return f"sqlite:///{name}"
    own = connection.settings_dict
    login = f"{quote(own['USER'])}:{quote(own['PASSWORD'])}@" if own["USER"] else ""
    port = f":{own['PORT']}" if own["PORT"] else ""
    return f"postgresql://{login}{quote(own['HOST'] or 'localhost', safe='')}{port}/{name}"


def point_at(name: str) -> None:
    """Let this process, new threads included, and its children use the database *name*."""
    connection.close()
    connection.settings_dict["NAME"] = name
    os.environ["DATABASE_URL"] = url(name)


@contextlib.contextmanager
def pointed_at(name: str):
    """Like ``point_at``, and back afterwards."""
    before, before_url = connection.settings_dict["NAME"], os.environ.get("DATABASE_URL")
    point_at(name)
    try:
        yield name
    finally:
        connection.close()
        connection.settings_dict["NAME"] = before
        if before_url is None:
            os.environ.pop("DATABASE_URL", None)
        else:
            os.environ["DATABASE_URL"] = before_url


@contextlib.contextmanager
def fresh(label: str):
    """A new migrated database, in use inside the block and dropped after it."""
    name = copy(label)
    try:
        with pointed_at(name):
            yield name
    finally:
        drop(name)


def template() -> str:
    """The migrated, otherwise empty database of this state of the migrations; made when missing."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with LOCK.open("w") as lock:
        # Parallel test workers share one template: the first makes it, the others wait.
        fcntl.flock(lock, fcntl.LOCK_EX)
        name = f"{_stem()}{fingerprint()}"
        if VENDOR == "sqlite":
            name = str(FOLDER / f"{name}.sqlite3")
        if not _exists(name):
            building = f"{name}_building"
            drop(building)
            if VENDOR != "sqlite":
                _administer(f'CREATE DATABASE "{building}"')
            with pointed_at(building):
                call_command("migrate", verbosity=0, interactive=False)
                call_command("createcachetable", "website_cache", verbosity=0)
                if VENDOR == "sqlite":
                    with connection.cursor() as cursor:
                        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            for old in _templates():
                drop(old)
            _rename(building, name)
        return name


def copy(label: str) -> str:
    """A copy of the template under a name that no parallel run uses."""
    source = template()
    name = f"vuonxa_{label}_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}_{os.getpid()}"
    if VENDOR == "sqlite":
        name = str(FOLDER / f"{name}.sqlite3")
        drop(name)
        with (
            contextlib.closing(sqlite3.connect(source)) as old,
            contextlib.closing(sqlite3.connect(name)) as new,
        ):
            old.backup(new)
            new.execute("PRAGMA journal_mode=WAL")
        return name
    drop(name)
    # Copying waits for nobody: two workers may not copy at once, so they queue here.
    with LOCK.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        _administer(f'CREATE DATABASE "{name}" TEMPLATE "{source}"')
    return name


def drop(name: str) -> None:
    """Remove the database *name*, whoever is still connected."""
    if VENDOR == "sqlite":
        for suffix in ("", "-wal", "-shm", "-journal"):
            Path(name + suffix).unlink(missing_ok=True)
    else:
        _administer(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _exists(name: str) -> bool:
    if VENDOR == "sqlite":
        return Path(name).exists()
    return bool(_administer("SELECT 1 FROM pg_database WHERE datname = %s", [name]))


def digests() -> dict[str, tuple[int, str]]:
    """Rows and a digest of each table of the database in use: what changed and what did not."""
    found = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            rows = sorted(map(repr, cursor.fetchall()))
            found[table] = len(rows), hashlib.sha256("".join(rows).encode()).hexdigest()
    return found


def _templates() -> list[str]:
    """Templates of earlier states of the migrations, finished ones only."""
    if VENDOR == "sqlite":
        return [str(path) for path in FOLDER.glob(f"{_stem()}????????????.sqlite3")]
    rows = _administer("SELECT datname FROM pg_database WHERE datname LIKE %s", [f"{_stem()}%"])
    return [name for (name,) in rows if not name.endswith("_building")]


def _stem() -> str:
    """What the names of our templates begin with; a role of PostgreSQL may copy only its own."""
    return (
        f"vuonxa_template_{connection.settings_dict['USER']}_" if VENDOR != "sqlite" else "vuonxa_template_"
    )


def _rename(old: str, new: str) -> None:
    if VENDOR == "sqlite":
        # Only the main file: the log was just written back into it.
        for suffix in ("-wal", "-shm"):
            Path(old + suffix).unlink(missing_ok=True)
        os.replace(old, new)
    else:
        _administer(f'ALTER DATABASE "{old}" RENAME TO "{new}"')


def _administer(statement: str, values: list | None = None) -> list:
    """Run one statement on the server's maintenance database, outside any transaction."""
    with connection._nodb_cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall() if values is not None else []
