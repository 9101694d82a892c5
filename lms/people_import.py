"""Pure: what the rows of a list of people or facilities say, and what is wrong with each."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from lms import names


@dataclass(frozen=True)
class Column:
    """One column: its key, its header in the template, an example, further headers it goes by, how long it may be."""

    key: str
    header: str
    hint: str
    others: tuple[str, ...] = ()
    most: int = 120
    required: bool = False


PEOPLE = (
    Column("name", "Họ và tên", "Ví dụ: Lê Thị Hoa Mai", ("Họ tên", "Full name", "Name"), 120, True),
    Column("born", "Ngày sinh", "21/06/1987 hoặc chỉ năm 1987", ("Năm sinh", "Birth date", "Born"), 40),
    Column("sex", "Giới tính", "Nữ hoặc Nam", ("Giới", "Sex"), 10),
    Column("profession", "Chức danh chuyên môn", "Điều dưỡng", ("Chức danh", "Profession"), 120),
    Column("title", "Học hàm, học vị", "ThS. hoặc BSCKI.", ("Học vị", "Academic title"), 40),
    Column("licence", "Số GPHN/CCHN", "008071/LCA-CCHN", ("Số GPHN", "Số CCHN", "Licence"), 60),
    Column("phone", "Điện thoại", "0900000000", ("Số điện thoại", "SĐT", "Phone"), 30),
    Column("email", "Email", "ten@example.vn", ("E-mail", "Thư điện tử"), 254),
    Column("facility_code", "Mã cơ sở", "Để trống nếu là cơ sở của anh/chị", ("Facility code",), 20),
    Column(
        "facility",
        "Cơ sở làm việc",
        "Tên cơ sở, nếu không có mã",
        ("Nơi làm việc", "Đơn vị", "Facility"),
        200,
    ),
    Column("unit", "Khoa/phòng", "Khoa Nội", ("Khoa", "Khoa phòng", "Department"), 120),
    Column("since", "Làm việc từ ngày", "01/09/2020", ("Từ ngày", "From"), 40),
    Column("until", "Đến ngày", "Để trống nếu đang làm việc", ("Until",), 40),
)
FACILITIES = (
    Column("name", "Tên cơ sở", "Ví dụ: Trạm Y tế xã Hoa Mận", ("Tên", "Name"), 200, True),
    Column("abbreviation", "Tên viết tắt", "TYT Hoa Mận", ("Viết tắt", "Abbreviation"), 20),
    Column("code", "Mã cơ sở", "10123", ("Mã", "Code"), 20),
    Column("kind", "Loại hình", "trạm y tế xã", ("Loại", "Kind"), 80),
    Column("parent_code", "Mã cơ quan cấp trên", "10000", ("Parent code",), 20),
    Column("parent", "Cơ quan cấp trên", "Để trống nếu là cơ sở của anh/chị", ("Thuộc", "Part of"), 200),
    Column("province", "Tỉnh, thành phố", "Lào Cai", ("Tỉnh", "Province"), 60),
    Column("governing_body", "Cơ quan chủ quản", "Sở Y tế tỉnh Lào Cai", ("Governing body",), 200),
    Column("level", "Cấp chuyên môn kỹ thuật", "cấp cơ bản", ("Cấp", "Technical level"), 40),
    Column("tier", "Tuyến trước đây", "tuyến huyện", ("Tuyến", "Former tier"), 40),
    Column("former", "Tên cũ", "Trạm Y tế xã Bản Phùng", ("Former name",), 200),
    Column("since", "Có hiệu lực từ ngày", "01/07/2025", ("Từ ngày", "From"), 40),
)


@dataclass
class Row:
    """One row: its number in the sheet, its cells as sent, the values read, and what is wrong: (code, words)."""

    number: int
    cells: list[str]
    values: dict = field(default_factory=dict)
    errors: list[tuple[str, dict]] = field(default_factory=list)

    def refuse(self, code: str, **words) -> None:
        """Note one reason why this row is not taken."""
        self.errors.append((code, words))


class NoHeader(Exception):
    """The first row names too few columns; ``missing`` holds the headers that were looked for."""

    def __init__(self, missing: list[str]):
        super().__init__(", ".join(missing))
        self.missing = missing


def find_columns(header: list[str], columns: tuple[Column, ...]) -> dict[int, Column]:
    """Return which position holds which column; case, accents and a star at the end do not count."""
    known = {
        _plain(text): column for column in columns for text in (column.header, *column.others, column.key)
    }
    found: dict[int, Column] = {}
    for position, text in enumerate(header):
        column = known.get(_plain(text))
        if column is not None and column not in found.values():
            found[position] = column
    if missing := [one.header for one in columns if one.required and one not in found.values()]:
        raise NoHeader(missing)
    return found


def _plain(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", " ", names.fold(names.clean(text))).strip()


def read_people(rows: Iterable[list[str]]) -> Iterator[Row]:
    """Yield what each row of a list of people says; the hint row of the template and empty rows are skipped."""
    for row in _rows(rows, PEOPLE):
        _read_name(row)
        _read_born(row)
        _read_sex(row)
        _read_reach(row)
        for name in ("since", "until"):
            row.values[name] = _read_day(row, name)
        if row.values["since"] and row.values["until"] and row.values["until"] < row.values["since"]:
            row.refuse("until_before_since")
        yield row


def read_facilities(rows: Iterable[list[str]]) -> Iterator[Row]:
    """Yield what each row of a list of facilities says."""
    for row in _rows(rows, FACILITIES):
        if not row.values["name"]:
            row.refuse("no_name")
        elif _is_markup(row.values["name"]):
            row.refuse("odd_name", text=row.values["name"])
        row.values["since"] = _read_day(row, "since")
        yield row


def _rows(rows: Iterable[list[str]], columns: tuple[Column, ...]) -> Iterator[Row]:
    rows = iter(rows)
    places = find_columns(next(rows, []), columns)
    hints = {names.clean(column.hint) for column in columns}
    for number, cells in enumerate(rows, 2):
        texts = {
            column.key: names.clean(cells[at]) if at < len(cells) and cells[at] else ""
            for at, column in places.items()
        }
        if not any(texts.values()) or texts["name"] in hints:
            continue
        row = Row(number, cells, {column.key: texts.get(column.key, "") for column in columns})
        for column in places.values():
            if len(texts[column.key]) > column.most:
                row.refuse("too_long", header=column.header, most=column.most)
                row.values[column.key] = ""
        yield row


def _read_name(row: Row) -> None:
    name = row.values["name"]
    if not name:
        if not row.errors:
            row.refuse("no_name")
    elif len(name.split()) < 2:
        row.refuse("short_name", text=name)
    elif not names.is_of_letters(name):
        row.refuse("odd_name", text=name)


def _is_markup(text: str) -> bool:
    return any(sign in "<>{}=@\\|" for sign in text)


_DAY = re.compile(r"^(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})$")
_ISO = re.compile(r"^(\d{4})-(\d{1,2})-(\d{1,2})([ T].*)?$")
_EPOCH = date(1899, 12, 30)


def read_day(text: str) -> date | int | None:
    """Return the day that *text* means, or only its year; None where it means none.

    ``21/06/1987``, ``1987-06-21``, the serial number of a day in Excel, or ``1987``.
    """
    text = text.strip()
    try:
        if match := _DAY.match(text):
            day, month, year = map(int, match.groups())
            return date(year, month, day)
        if match := _ISO.match(text):
            return date(*map(int, match.groups()[:3]))
        if text.isascii() and text.isdigit():
            number = int(text)
            if 1900 <= number <= 2100:
                return number
            return _EPOCH + timedelta(days=number) if 3_000 <= number <= 80_000 else None
    except ValueError:
        return None
    return None


def _read_born(row: Row) -> None:
    text = row.values["born"]
    found = read_day(text) if text else None
    year = found.year if isinstance(found, date) else found
    if text and (year is None or not 1900 <= year <= date.today().year - 14):
        row.refuse("born", text=text)
        found = None
    row.values["birth_date"] = found if isinstance(found, date) else None
    row.values["birth_year"] = year if found is not None else None


def _read_day(row: Row, name: str) -> date | None:
    text = row.values[name]
    found = read_day(text) if text else None
    if text and found is None:
        row.refuse("day", text=text)
    return date(found, 1, 1) if isinstance(found, int) else found


_SEX = {"nu": "f", "f": "f", "female": "f", "nam": "m", "m": "m", "male": "m"}


def _read_sex(row: Row) -> None:
    text = row.values["sex"]
    row.values["sex"] = _SEX.get(names.fold(text), "")
    if text and not row.values["sex"]:
        row.refuse("sex", text=text)


_EMAIL = re.compile(r"^[^@\s<>\"'(),;:]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$")


def _read_reach(row: Row) -> None:
    phone, email = row.values["phone"], row.values["email"].lower()
    row.values["phone"], row.values["email"] = names.normal_phone(phone), email
    if phone and not row.values["phone"]:
        row.refuse("phone", text=phone)
    if email and not _EMAIL.match(email):
        row.refuse("email", text=email)
    licence = row.values["licence"]
    row.values["number"] = _number(licence)
    if licence and not row.values["number"]:
        row.refuse("licence", text=licence)


def _number(text: str) -> str:
    """The normal form of a licence number of any shape; what holds no digit, or markup, is none."""
    if not any(c.isdecimal() for c in text) or _is_markup(text):
        return ""
    parsed = names.parse_licence(text)
    return parsed.number if parsed else names.normal_licence(text)
