"""What the offices of the register did: batches that two people make, and a list that a verifier checked."""

import unicodedata
from datetime import datetime, timedelta

from certificates import signing
from certificates.actions import approve_batch, check_list, freeze_batch, make_key
from certificates.actions.batches import candidates
from certificates.models import Batch, BulkCheck, Certificate, SigningKey
from courses.models import Enrolment, Run
from lms import clock, names
from lms.models import Licence

from . import calendar, people

WAITING = "DQ-01.K1"
"""The class with a batch that nobody has approved yet."""
FIRST, LATE = 8, 2
"""How many of it were certified at first, and how many completed too late for the batch that waits."""
SHOWN = 12
"""How many valid certificates stand on the verifier's list."""


def load_keys() -> None:
    """A key for each purpose, also where the folder of a key that was made before is gone."""
    for purpose in SigningKey.Purpose:
        try:
            if key := SigningKey.objects.to_sign(purpose, clock.now()):
                signing.signer(key)
                continue
        except signing.SignerUnavailable:
            pass
        make_key(purpose)


def certify_class(run: Run) -> None:
    """Certify a class whose issuer does so in batches; of ``WAITING`` a part only, exceptions never."""
    if Batch.objects.filter(issuer__facility=run.release.course.facility, title__startswith=f"{run.code} ·"):
        return
    found = candidates(run)
    if run.code != WAITING:
        _batch(run, [one.enrolment for one in found if one.assessment.is_ready])
        return
    plain = sorted(
        (one.enrolment for one in found if not one.is_exception), key=lambda row: (row.completed_at, row.pk)
    )
    _batch(run, plain[:FIRST])
    _freeze(run, plain[FIRST:-LATE], calendar.at(-1, 15))


def _batch(run: Run, who: list[Enrolment]) -> None:
    moment = max(row.completed_at for row in who) + timedelta(days=1)
    batch = _freeze(run, who, moment)
    with clock.at(moment + timedelta(hours=2)):
        approve_batch(batch, by=people.user("kyten.bachmai"))


def _freeze(run: Run, who: list[Enrolment], moment: datetime) -> Batch:
    with clock.at(moment):
        return freeze_batch(run, by=people.user("daotao.bachmai"), enrolments=[row.pk for row in who])


def checked_list() -> None:
    """A list as hospitals send it for a renewal of licences: most of it right, and every kind of exception."""
    verifier = people.user("kiemtra.hoidong")
    if BulkCheck.objects.filter(by=verifier).exists():
        return
    valid = list(Certificate.objects.valid().order_by("pk")[: SHOWN + 3])
    bare, other, wrong_hours, *right = valid
    ended = Certificate.objects.filter(state__in=("revoked", "superseded")).order_by("pk")
    rows = [_row(one) for one in [*right, *ended]]
    rows += [
        _row(bare, name=names.fold(bare.said["holder"]["name"]).title()),
        _row(other, name="Trần Thị Hạnh"),
        _row(wrong_hours, hours="10"),
        "00999/2026/GCN-BVBM;Vừ A Dính;8",
        f"{_mistyped(right[0].code)};Lý Mẩy Pham;3",
    ]
    # As people sort their lists: neither by answer nor by number.
    rows.sort(key=lambda row: row.split(";")[1])
    with clock.at(calendar.at(-1, 10)):
        check_list(
            "\n".join(["Số giấy;Họ và tên;Giờ", *rows]),
            by=verifier,
            purpose="Hồ sơ gia hạn giấy phép hành nghề (minh họa)",
            title=f"Gia hạn đợt {calendar.day(-1):%m/%Y}",
        )


SAMPLE_ROWS = 500


def sample_list() -> list[list[str]]:
    """A list of 500 rows as a department would hand it in, made of what the site holds: codes are random.

    Most rows are right; every kind of exception is among them: revoked, replaced, unknown, mistyped,
    another name, missing diacritics, other hours, a birth date, repeated rows, licences in small
    letters and in decomposed Unicode.
    """
    rows: list[list[str]] = []
    for position, one in enumerate(Certificate.objects.order_by("pk")[:400]):
        said = one.said["holder"]
        name, hours, born = said["name"], f"{one.hours.normalize():f}", said["birth"]
        number = one.code if position % 7 == 3 else one.number
        if position % 19 == 5:
            name = names.fold(name).title()
        if position % 29 == 7:
            hours = "10"
        if position % 31 == 9:
            born = "01/01/1970"
        if position % 37 == 11:
            number = _mistyped(one.code)
        rows.append([number, name, born, "", hours])
    for position, one in enumerate(Licence.objects.select_related("person").order_by("pk")[:120]):
        number = one.number.lower() if position % 2 else unicodedata.normalize("NFD", one.number)
        rows.append(["", one.person.full_name, one.person.birth_text, number, ""])
    rows += rows[3:6]
    for position in range(max(0, SAMPLE_ROWS - len(rows))):
        rows.append([f"{90_000 + position:05d}/2026/GCN-BVBM", "Vừ A Dính", "", "", "8"])
    found = [["STT", "Họ và tên", "Ngày sinh", "Số giấy chứng nhận", "Số GPHN", "Giờ tín chỉ"]]
    for position, (number, name, born, licence, hours) in enumerate(rows[:SAMPLE_ROWS], start=1):
        found.append([str(position), name, born, number, licence, hours])
    return found


def _row(certificate: Certificate, *, name: str = "", hours: str = "") -> str:
    name = name or certificate.said["holder"]["name"]
    return f"{certificate.number};{name};{hours or f'{certificate.hours.normalize():f}'}"


def _mistyped(code: str) -> str:
    """The code with its last character read wrongly."""
    return code[:-1] + ("2" if code[-1] != "2" else "3")
