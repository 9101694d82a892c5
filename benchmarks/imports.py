"""A list of people checked, written and gone through again.

``make bench`` tells the rate of 2,000. By itself, ``python -m benchmarks.imports``, it goes through 1,000 and
then 10,000 in a database of its own and tells the seconds of each step, of the processor (the process that parses
the sheet counted in) and on the clock, and the most memory: ten times the rows need no more.
"""

import os
import resource
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context

MOST_SECONDS = 60
"""What a check or an import of 10,000 may take."""


def _office():
    """A hospital without people, and somebody who may hand lists in for it."""
    from django.contrib.auth import get_user_model

    from lms import clock
    from lms.actions import add_person, grant_role
    from lms.models import Facility

    facility = Facility.objects.create(name="Cơ sở đo nhập danh sách")
    user = get_user_model().objects.create(username=f"bench-import-{clock.now().timestamp():.0f}")
    add_person("Người Nhập Danh Sách", user=user)
    grant_role(user, role="org_admin", facility=facility)
    return facility, user


def sheet(count: int, *, first: int = 0) -> bytes:
    """An XLSX of *count* people, each with birth date, licence and phone."""
    from lms import spreadsheets
    from lms.people_import import PEOPLE

    header = [column.header for column in PEOPLE]

    def cells(number: int) -> list[str]:
        known = {
            "Họ và tên": f"Người Nhập {chr(97 + number % 26)}{chr(97 + number // 26 % 26)}",
            "Ngày sinh": f"{number % 28 + 1:02}/{number % 12 + 1:02}/{1960 + number % 40}",
            "Số GPHN/CCHN": f"{number:06}/DO-CCHN",
            "Điện thoại": f"08{number:08}",
        }
        return [known.get(title, "") for title in header]

    return spreadsheets.write_rows(header, map(cells, range(first, first + count)), title="x")


def _gone_through(data: bytes, office, count: int, timed) -> None:
    """Check and import *data* twice; the second time nobody may change."""
    from django.core.files.base import ContentFile

    from lms import actions

    facility, user = office
    for turn in ("", "_again"):
        row = actions.hand_in(facility, file=ContentFile(data, name="x.xlsx"), by=user)
        with timed(f"check{turn}"):
            row = actions.check_import(row)
        with timed(f"import{turn}"):
            row = actions.apply_import(actions.start_import(row, by=user))
    assert (row.unchanged, row.refused) == (count, 0), "the second run must change nothing"


def people_import(tell, count=2000) -> None:
    """Rows a second: checked, written, and gone through again, of one XLSX; beside them its cells alone."""
    from django.core.files.base import ContentFile

    from lms import spreadsheets

    data = sheet(count)
    began = time.perf_counter()
    with spreadsheets.rows_of(ContentFile(data)) as rows:
        read = sum(1 for _row in rows) / (time.perf_counter() - began)
    rates = {}

    @contextmanager
    def timed(step: str):
        began = time.perf_counter()
        yield
        rates[step] = count / (time.perf_counter() - began)

    _gone_through(data, _office(), count, timed)
    tell("people_import_check", rates["check"], "rows/s", read)
    tell("people_import", rates["import"], "rows/s", read)
    tell("people_import_again", rates["import_again"], "rows/s", read)


def _spent() -> float:
    """Seconds of processor of this process and of the ones it waited for."""
    own, others = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + others.ru_utime + others.ru_stime


def _most_memory() -> float:
    """The most memory so far of this process, in MB; the one that parses has a limit of its own."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main(tell) -> None:
    """1,000, then 10,000 other people."""
    folder = tempfile.TemporaryDirectory()
    os.environ["VUONXA_VAR"] = folder.name
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "benchmarks.settings")
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)
    call_command("createcachetable", verbosity=0)
    before = None
    for first, count in ((0, 1_000), (1_000, 10_000)):
        # Made apart, or the memory that writing it took would be measured.
        with ProcessPoolExecutor(1, get_context("fork")) as apart:
            data = apart.submit(sheet, count, first=first).result()
        name = f"people_import_{count}"

        @contextmanager
        def timed(step: str, name=name):
            began, started = _spent(), time.perf_counter()
            yield
            tell(f"{name}_{step}", _spent() - began, "s CPU", MOST_SECONDS)
            tell(f"{name}_{step}_wall", time.perf_counter() - started, "s", MOST_SECONDS)

        _gone_through(data, _office(), count, timed)
        memory = _most_memory()
        tell(f"{name}_memory", memory, "MB", before)
        before = memory
    folder.cleanup()


if __name__ == "__main__":
    from benchmarks.figures import tell

    main(tell)
