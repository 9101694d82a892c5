"""The paper: what is printed, that it is printed literally, and that it is printed the same again."""

import io
import random
import shutil
import subprocess
import sys

import pikepdf
import pytest
import zxingcpp
from pikepdf import pdfa
from pypdf import PdfReader

from certificates import drawing, samples, wording
from certificates.facts import mark_of, new_code
from certificates.pictures import KEPT_BYTES, Picture
from lms import fonts

CODE = new_code(bytes(range(10)))
HOSTILE = [
    "<font color=red>Lan</font>",
    "<img src='/etc/passwd'/>",
    '<para><unichar code="65"/></para>',
    "Lan & Minh < Hoa > ' \"",
    "[__import__('os').system('x')]",
    "\\(Lan\\) %s {name} ${x}",
    "(Lan) Tj ET BT /F1 1 Tf",
    "-- '); DROP TABLE lan; --",
]


def facts(**values) -> dict:
    """The facts of a certificate of one activity."""
    activity = {
        "form": "Khóa cập nhật kiến thức trực tiếp kết hợp trực tuyến",
        "form_en": "Blended course",
        "content": "Kiểm soát nhiễm khuẩn cơ bản tại trạm y tế và phòng khám khu vực",
        "content_en": "Basic infection control at commune stations",
        "responsible": "Bệnh viện Hữu nghị Việt Đức",
        "time": "05/10/2026 – 12/11/2026",
        "hours": "6.50",
    }
    said = {
        "v": 1,
        "template": 1,
        "kind": "CNKTYKLT",
        "language": "vi",
        "number": "00127/2026/GCN-BVVĐ",
        "code": CODE,
        "url": f"HTTPS://DAOTAO.EXAMPLE.VN/V/{CODE}",
        "governing_body": "Bộ Y tế",
        "facility": "Bệnh viện Hữu nghị Việt Đức",
        "holder": {
            "name": "Giàng Thị Mỷ",
            "birth": "05/03/1990",
            "workplace": "Trạm Y tế xã Bản Hồ, tỉnh Lào Cai",
        },
        "activities": [activity] * values.pop("count", 1),
        "total": "6.50",
        "place": "Hà Nội",
        "date": "2026-02-05",
        "issued_at": "2026-02-05T09:31:00+07:00",
        "signatory": {"prefix": "KT. Giám đốc", "title": "Phó Giám đốc", "name": "Nguyễn Quang Đạo"},
        "legal_basis": "Căn cứ: Thông tư số 32/2023/TT-BYT.",
        "sample": False,
    }
    if "name" in values:
        said["holder"] = said["holder"] | {"name": values.pop("name")}
    return said | values


def words(data: bytes) -> str:
    """The text of a PDF, spaces made single."""
    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(data)).pages).split())


def test_the_paper_shows_every_field_of_the_form():
    text = words(drawing.render(facts()))

    for part in (
        "BỘ Y TẾ",
        "BỆNH VIỆN HỮU NGHỊ VIỆT ĐỨC",
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập - Tự do - Hạnh phúc",
        "Số: 00127/2026/GCN-BVVĐ",
        "GIẤY CHỨNG NHẬN",
        "THAM GIA CẬP NHẬT KIẾN THỨC Y KHOA LIÊN TỤC",
        "TRONG KHÁM BỆNH, CHỮA BỆNH",
        "Giàng Thị Mỷ",
        "Sinh ngày: 05/03/1990",
        "Trạm Y tế xã Bản Hồ, tỉnh Lào Cai",
        "Hình thức",
        "Tổng cộng",
        "6,5",
        "Hà Nội, ngày 05 tháng 02 năm 2026",
        "KT. GIÁM ĐỐC",
        "PHÓ GIÁM ĐỐC",
        "Nguyễn Quang Đạo",
        wording.NOT_A_LICENCE,
        "000G40-R40M30-E209ZT",
        "https://daotao.example.vn/V",
    ):
        assert part in text, part
    assert wording.SAMPLE not in text


def test_the_paper_is_one_upright_a4_sheet():
    [page] = PdfReader(io.BytesIO(drawing.render(facts()))).pages

    assert [round(float(side) * 25.4 / 72) for side in page.mediabox[2:]] == [210, 297]
    assert page.rotation == 0


def test_a_sample_says_so_across_every_page():
    pages = PdfReader(io.BytesIO(drawing.render(facts(sample=True, count=16)))).pages

    assert len(pages) > 1
    assert all(wording.SAMPLE in page.extract_text() for page in pages)


def test_two_renders_are_equal_byte_for_byte():
    assert drawing.render(facts()) == drawing.render(facts())


@pytest.mark.slow
def test_another_process_on_another_day_draws_the_same_bytes():
    code = (
        "import sys; from tests.certificates.test_drawing import *; "
        "from certificates.facts import sha256; sys.stdout.write(sha256(drawing.render(facts())))"
    )
    env = {"PYTHONHASHSEED": "7", "SOURCE_DATE_EPOCH": "1", "TZ": "America/Lima"}
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=env)

    from certificates.facts import sha256

    assert out.stdout == sha256(drawing.render(facts()))


def test_the_dates_of_the_file_are_those_of_the_facts():
    info = PdfReader(io.BytesIO(drawing.render(facts()))).metadata

    assert info.creation_date_raw == "D:20260205093100+07'00'"


DESIGN = {
    "version": 1,
    "heading": "Trung tâm Đào tạo và Chỉ đạo tuyến Bệnh viện Hữu nghị Việt Đức",
    "heading_en": "Training and Direction Centre, Viet Duc University Hospital",
    "governing_body_en": "Ministry of Health",
    "closing": "Giấy này có giá trị trong toàn quốc và được tra cứu tại cổng của bệnh viện.",
    "closing_en": "This certificate is valid nationwide and can be verified on the site of the hospital.",
    "signatory_title_en": "Deputy Director",
}
"""Every text of its own that an issuer may put on the form of the law."""


SUBJECTS = {
    "vi": "Kiểm soát nhiễm khuẩn / nhận biết sớm đột quỵ não / cấp cứu phản vệ / chuyển tuyến an toàn / hội chẩn từ xa / "
    "chăm sóc sơ sinh / truyền máu / kháng sinh hợp lý / dinh dưỡng lâm sàng / phục hồi chức năng / sức khỏe tâm thần / "
    "ngoại chấn thương / lọc máu / thở máy / tăng huyết áp / đái tháo đường",
    "en": "Infection control / early recognition of stroke / anaphylaxis / safe referral / joint teleconsultation / "
    "newborn care / transfusion / antibiotic stewardship / clinical nutrition / rehabilitation / mental health / "
    "trauma surgery / dialysis / mechanical ventilation / hypertension / diabetes",
}
HOSPITALS = ["Bệnh viện Hữu nghị Việt Đức", "Bệnh viện Đa khoa tỉnh Lào Cai", "Trường Đại học Y Hà Nội"]


def long_activities(language: str, count: int, chance) -> list[dict]:
    """Activities of which no two are alike, named in some 130 letters of each language that is printed."""

    def name(tongue):
        subjects = SUBJECTS[tongue].split(" / ")
        chance.shuffle(subjects)
        return ", ".join(subjects)[:130]

    return [
        {
            "form": chance.choice(list(wording.FORMS.values()))[0],
            "form_en": chance.choice(list(wording.FORMS.values()))[1],
            "content": name("vi"),
            "content_en": name("en") if language == "en" else "",
            "responsible": chance.choice(HOSPITALS),
            "time": f"{chance.randint(1, 28):02d}/10/2026 – {chance.randint(1, 28):02d}/12/2026",
            "hours": f"{chance.randint(1, 40) / 2:.2f}",
        }
        for _ in range(count)
    ]


def full_logo(chance) -> Picture:
    """As many bytes as a logo may have, none of which can be made smaller."""
    head = b"<</Type/XObject/Subtype/Image/Width 50/Height 55/ColorSpace/DeviceGray/BitsPerComponent 8/Length 2750>>"
    data = head + b"stream\n" + chance.randbytes(2750) + b"\nendstream"
    return Picture(50, 55, data.ljust(KEPT_BYTES))


def longest(language: str, count: int) -> dict:
    """The facts of a certificate with the longest words, every option and a full logo."""
    chance = random.Random(48)
    code, logo = new_code(chance.randbytes(10)), full_logo(chance)
    words = {name: facts()[name] for name in ("governing_body", "facility", "place", "signatory")}
    said = samples.sample(kind="CNKTYKLT", language=language, length="long", count=0, words=words)
    return said | {
        "code": code,
        "url": f"HTTPS://DAOTAO.EXAMPLE.VN/V/{code}",
        "sample": False,
        "design": DESIGN | {"logo": {"sha256": logo.sha256, "width": 50, "height": 55}},
        "activities": long_activities(language, count, chance),
        "mark": mark_of(1, chance.randbytes(64)),
        "picture": logo,
    }


def test_a_typical_file_is_light_and_brings_its_fonts():
    data = drawing.render(facts(sample=True))
    with pikepdf.open(io.BytesIO(data)) as pdf:
        dictionaries = [one for one in pdf.objects if isinstance(one, pikepdf.Dictionary)]
        names = {str(one.BaseFont) for one in dictionaries if "/BaseFont" in one}

    assert len(data) <= 34_000
    assert len(names) == 2
    assert all("SourceSerifPro" in name for name in names)


def test_all_134_vietnamese_letters_can_be_printed():
    assert len(fonts.VIETNAMESE) == 134
    assert fonts.load().missing("".join(fonts.VIETNAMESE)) == ""
    assert fonts.load().missing("Lan 😀 山") == "山😀"


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_printed_letter_by_letter(name):
    assert "".join(name.split()) in "".join(words(drawing.render(facts(name=name))).split())


def test_a_name_of_82_letters_wraps_and_stays_on_the_paper():
    name = "Nguyễn Thị Phương " * 4 + "Công Tằng Tôn Nữ Hương Giang"[:10]
    face, width = fonts.embedded("bold"), drawing.RIGHT - drawing.LEFT - 120
    lines = drawing.wrap(name, face, 14, width)

    assert len(lines) > 1
    assert all(face.width(line, 14) <= width for line in lines)
    assert " ".join(name.split()) in words(drawing.render(facts(name=name)))


def test_a_word_wider_than_its_cell_is_cut_and_nothing_is_lost():
    lines = drawing.wrap("Ă" * 200, fonts.embedded("regular"), 10.5, 60)

    assert "".join(lines) == "Ă" * 200


def test_an_activity_stays_on_one_page_with_every_option_and_a_logo():
    logo = full_logo(random.Random(1))
    design = DESIGN | {"logo": {"sha256": logo.sha256, "width": 50, "height": 55}}
    [page] = PdfReader(
        io.BytesIO(drawing.render(facts(language="en", design=design) | {"picture": logo}))
    ).pages

    assert "Total" in page.extract_text()


def test_the_heading_of_the_table_never_stands_without_a_row():
    first, second = PdfReader(io.BytesIO(drawing.render({**longest("en", 1), "mark": ""}))).pages

    assert "Hình thức" not in first.extract_text()
    assert "Hình thức" in second.extract_text()


def test_a_long_table_breaks_between_rows_and_repeats_its_header():
    pages = [p.extract_text() for p in PdfReader(io.BytesIO(drawing.render(facts(count=40)))).pages]

    assert len(pages) >= 3
    assert all("Hình thức" in page for page in pages)
    assert "trang 2/" in " ".join(pages[1].split())
    assert "Tổng cộng" in pages[-1]
    assert "Tổng cộng" not in pages[0]


def test_the_english_edition_keeps_the_vietnamese_form_and_adds_english():
    text = words(drawing.render(facts(language="en")))

    assert "THAM GIA CẬP NHẬT KIẾN THỨC Y KHOA LIÊN TỤC" in text
    assert "Certificate of participation in continuing medical education" in text
    assert "Basic infection control at commune stations" in text


@pytest.mark.parametrize("kind", ["CNKTYKLT", "COMPLETION", "ATTENDANCE", "TOT"])
def test_every_kind_has_a_title_of_its_own(kind):
    assert wording.TITLES[kind][0][0] in words(drawing.render(facts(kind=kind)))


def test_the_days_and_months_of_a_document_are_written_the_official_way():
    assert wording.date_line("Hà Nội", 2026, 7, 5) == "Hà Nội, ngày 05 tháng 7 năm 2026"
    assert wording.date_line("Huế", 2026, 2, 15) == "Huế, ngày 15 tháng 02 năm 2026"


@pytest.mark.parametrize(("hours", "text"), [("8.00", "8"), ("1.50", "1,5"), ("10", "10"), ("0.25", "0,25")])
def test_hours_are_printed_with_a_comma_and_without_idle_zeros(hours, text):
    assert wording.hours_text(hours) == text


MARK = "001" + "7" * 155
needs_poppler = pytest.mark.skipif(not shutil.which("pdftoppm"), reason="poppler-utils are not installed")


def page(tmp_path, data: bytes, resolution=150):
    """The first page of a PDF as a picture."""
    from PIL import Image

    pdf = tmp_path / "one.pdf"
    pdf.write_bytes(data)
    subprocess.run(
        ["pdftoppm", "-r", str(resolution), "-l", "1", "-png", "-gray", pdf, tmp_path / "page"], check=True
    )
    return Image.open(next(tmp_path.glob("page*.png")))


@needs_poppler
@pytest.mark.parametrize(("language", "mark"), [("vi", MARK), ("en", "")])
def test_the_qr_code_reads_back_from_the_drawn_page(tmp_path, language, mark):
    picture = page(tmp_path, drawing.render(facts(sample=True, language=language, mark=mark)))

    assert [code.text for code in zxingcpp.read_barcodes(picture)] == [
        facts()["url"] + ("#" + mark) * bool(mark)
    ]


@needs_poppler
@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("zbarimg"), reason="zbar-tools are not installed")
def test_an_independent_reader_finds_the_same_code(tmp_path):
    page(tmp_path, drawing.render(facts(mark=MARK))).save(tmp_path / "code.png")
    out = subprocess.run(["zbarimg", "-q", "--raw", tmp_path / "code.png"], capture_output=True, text=True)

    assert out.stdout.strip() == f"{facts()['url']}#{MARK}"


@needs_poppler
def test_four_modules_around_the_code_stay_white(tmp_path):
    picture = page(tmp_path, drawing.render(facts(mark=MARK)), resolution=200)
    module = drawing.QR_SIZE / 49 * 200 / 72
    corner = zxingcpp.read_barcodes(picture)[0].position
    left, top = corner.top_left.x, corner.top_left.y
    right, bottom = corner.bottom_right.x, corner.bottom_right.y
    zone = round(3.7 * module)
    for box in (
        (left - zone, top - zone, left - 3, bottom + zone),
        (right + 3, top - zone, right + zone, bottom + zone),
        (left - zone, top - zone, right + zone, top - 3),
        (left - zone, bottom + 3, right + zone, bottom + zone),
    ):
        assert picture.convert("L").crop(box).getextrema()[0] > 250


@pytest.mark.parametrize(
    "values", [{}, {"language": "en", "sample": True, "count": 30}, {"name": "Øystein Ağa"}]
)
def test_the_file_is_pdf_a_by_an_independent_validator(values):
    report = pdfa.validate_written(io.BytesIO(drawing.render(facts(mark=MARK, **values))), "2b")

    assert report.findings == []


def test_the_validator_would_see_a_missing_colour_profile():
    broken = drawing.render(facts()).replace(b"/OutputIntents[", b"/OutputIntentz[")

    assert pdfa.validate_written(io.BytesIO(broken), "2b").findings


def test_the_structure_says_what_is_heading_table_and_figure():
    with pikepdf.open(io.BytesIO(drawing.render(facts(count=2)))) as pdf:
        root = pdf.Root.StructTreeRoot.K
        kinds = [str(kid.S) for kid in root.K]
        table = next(kid for kid in root.K if kid.S == "/Table")
        rows = [[str(cell.S) for cell in row.K] for row in table.K]
        figure = next(kid for kid in root.K if kid.S == "/Figure")

        assert str(pdf.Root.Lang) == "vi-VN"
        assert kinds.count("/H1") == 1
        assert rows == [["/TH"] * 6, ["/TD"] * 6, ["/TD"] * 6, ["/TD"] * 2]
        assert facts()["url"] in str(figure.Alt)


def test_letters_beyond_the_usual_bring_their_own_part_of_the_face():
    assert "Øystein Ağa" in words(drawing.render(facts(name="Øystein Ağa")))
    with pytest.raises(fonts.Unprintable):
        drawing.render(facts(name="山田"))


def test_names_of_any_length_and_alphabet_stay_whole():
    letters = "".join(sorted(fonts.VIETNAMESE)) + "abcXYZ-'()\\ "
    chance = random.Random(7)
    for _ in range(10):
        name = " ".join("".join(chance.choices(letters, k=chance.randint(1, 150))).split()) or "Lan"
        assert "".join(name.split()) in "".join(words(drawing.render(facts(name=name))).split())
