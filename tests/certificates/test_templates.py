"""What an issuer decides about its documents: versions, logo, signatory; and that no old file ever changes."""

import io

import pytest
from django.db import IntegrityError, transaction
from pikepdf import pdfa
from PIL import Image, ImageDraw
from pypdf import PdfReader

from certificates import drawing, pictures, samples, wording
from certificates.actions import issue_for, seal
from certificates.actions.assessing import assess
from certificates.actions.readiness import designed
from certificates.actions.templates import TemplateFixed, new_version, put_in_force, save_draft
from certificates.invariants import facts_are_untouched, files_are_untouched
from certificates.models import Authority, Certificate, Issuer, Logo, TemplateVersion
from certificates.permissions import NotAllowed
from lms import media
from tests.certificates.test_drawing import facts, words
from tests.factories import certificates as make
from tests.factories.certificates import supersede
from tests.kept import repeated

TEMPLATES = "/admin/lms-templates/"
WORDS = {
    "governing_body": "Bộ Y tế",
    "heading": "Bệnh viện Bạch Mai – Trung tâm Đào tạo và Chỉ đạo tuyến",
    "closing": "Giấy chứng nhận được lưu tại sổ cấp của Bệnh viện.",
    "place": "Hà Nội",
    "authority": "TUQ.",
    "represented": "Giám đốc",
    "signatory_title": "Giám đốc Trung tâm Đào tạo",
    "signatory_name": "Vũ Đình Hợp",
}


def drawn_logo(colour="#0a5c8f", **save) -> bytes:
    image = Image.new("RGBA", (800, 600), (0, 0, 0, 0))
    ImageDraw.Draw(image).ellipse((40, 40, 760, 560), fill=colour)
    out = io.BytesIO()
    image.save(out, "PNG", **save)
    return out.getvalue()


@pytest.fixture
@repeated
def ready(cast):
    """A class at Bạch Mai that can be certified, and its issuer."""
    cast.run = make.ready(cast.bach_mai)
    cast.issuer = Issuer.objects.get(facility=cast.bach_mai)
    return cast


def in_force(cast, *, kind="", values=WORDS, logo: bytes | None = None) -> TemplateVersion:
    draft = new_version(cast.issuer, kind=kind, by=cast.hang.user)
    picture = pictures.prepare(logo) if logo else None
    save_draft(draft, by=cast.hang.user, values=values, picture=picture)
    return put_in_force(draft, by=cast.dao.user)


def stored(certificate) -> bytes:
    with media.storage().open(certificate.file) as file:
        return file.read()


def test_change_template_logo_and_name_after_issue_every_old_file_keeps_its_sha256(ready):
    plain = seal(issue_for(make.completed(ready.lan, ready.run)))
    first = in_force(ready, logo=drawn_logo())
    designed = seal(issue_for(make.completed(ready.minh, ready.run)))
    before = {one.pk: (one.file_sha256, stored(one)) for one in (plain, designed)}

    in_force(ready, values=WORDS | {"signatory_name": "Đặng Thu Trà"}, logo=drawn_logo("#aa2200"))
    Issuer.objects.update(signatory_name="Người khác", place="Huế")
    type(ready.minh).objects.filter(pk=ready.minh.pk).update(full_name="Tên đã đổi")
    ready.bach_mai.name = "Bệnh viện đã đổi tên"
    ready.bach_mai.save()

    for pk, (digest, data) in before.items():
        row = seal(Certificate.objects.get(pk=pk))
        assert (row.file_sha256, stored(row)) == (digest, data)
    assert not list(files_are_untouched())  # each would be drawn byte for byte the same again
    assert not list(facts_are_untouched())
    designed.refresh_from_db()
    assert designed.issued_with == first
    assert designed.said["design"]["version"] == 1
    assert "Vũ Đình Hợp" in words(stored(designed))
    assert "Đặng Thu Trà" not in words(stored(designed))
    new = seal(supersede(plain, by=ready.dao.user, reason="Đổi mẫu của đơn vị."))
    assert "Đặng Thu Trà" in words(stored(new))
    assert new.said["design"]["version"] == 2


def test_a_paper_shows_the_issuers_words_and_keeps_the_laws(ready):
    in_force(ready, logo=drawn_logo())
    data = seal(issue_for(make.completed(ready.lan, ready.run)))
    text = words(stored(data))

    for part in (
        "TRUNG TÂM ĐÀO TẠO VÀ CHỈ ĐẠO TUYẾN",
        "được lưu tại sổ cấp",
        "TUQ. GIÁM ĐỐC",
        "GIÁM ĐỐC TRUNG TÂM ĐÀO TẠO",
        "THAM GIA CẬP NHẬT KIẾN THỨC Y KHOA LIÊN TỤC",
        wording.NOT_A_LICENCE,
    ):
        assert part in text, part
    images = [image for page in PdfReader(io.BytesIO(stored(data))).pages for image in page.images]
    assert len(images) == 1


def test_a_version_is_put_in_force_by_a_second_person_and_then_fixed(ready):
    draft = new_version(ready.issuer, kind="", by=ready.dao.user)
    assert new_version(ready.issuer, kind="", by=ready.hang.user) == draft
    save_draft(draft, by=ready.dao.user, values=WORDS)
    with pytest.raises(NotAllowed):
        put_in_force(draft, by=ready.dao.user)
    with pytest.raises(NotAllowed):
        put_in_force(draft, by=ready.hang.user)
    with pytest.raises(IntegrityError), transaction.atomic():
        TemplateVersion.objects.filter(pk=draft.pk).update(
            state="in_force", in_force_by=ready.dao.user, in_force_at=make.NOON
        )
    save_draft(draft, by=ready.hang.user, values=WORDS)

    row = put_in_force(draft, by=ready.dao.user)

    assert put_in_force(row, by=ready.dao.user).in_force_at == row.in_force_at
    with pytest.raises(TemplateFixed):
        save_draft(row, by=ready.hang.user, values={"closing": "khác"})
    second = new_version(ready.issuer, kind="", by=ready.hang.user)
    assert (second.number, second.closing) == (2, WORDS["closing"])
    put_in_force(second, by=ready.dao.user)
    row.refresh_from_db()
    assert row.state == TemplateVersion.State.RETIRED


def test_a_kind_of_its_own_comes_before_the_one_for_all(ready):
    in_force(ready)
    own = in_force(ready, kind="COMPLETION", values=WORDS | {"title": "Hoàn thành chương trình định hướng"})

    with_credit = assess(make.completed(ready.lan, ready.run)).draft
    without = assess(make.completed(ready.minh, make.run(ready.bach_mai, rule_code="", periods="0"))).draft

    assert with_credit.template.kind == ""
    assert without.template == own
    assert "title" not in with_credit.words["design"]
    assert without.words["design"]["title"] == "Hoàn thành chương trình định hướng"


@pytest.mark.parametrize(
    ("kind", "values", "field"),
    [
        ("", {"heading": "Bệnh viện 病院"}, "heading"),
        ("", {"heading": "Bệnh viện " * 15}, "heading"),
        ("", {"place": "thành phố trực thuộc trung ương rất xa và rất dài"}, "place"),
        ("", {"authority": "KT.", "represented": ""}, "represented"),
        ("", {"authority": "", "represented": "Giám đốc"}, "represented"),
        ("COMPLETION", {"title": "Tham gia cap nhat kien thuc y khoa lien tuc"}, "title"),
        ("ATTENDANCE", {"title": "Chứng chỉ đào tạo"}, "title"),
        ("", {"logo": b"<svg xmlns='http://www.w3.org/2000/svg'/>"}, "logo_file"),
        ("", {"logo": drawn_logo()[:200]}, "logo_file"),
    ],
)
def test_what_cannot_be_printed_or_belongs_elsewhere_is_refused_at_saving(ready, kind, values, field):
    draft = new_version(ready.issuer, kind=kind, by=ready.hang.user)
    client = ready.client(ready.hang)
    values = {"mode": "digital", **WORDS, **values}
    if data := values.pop("logo", None):
        values["logo_file"] = io.BytesIO(data)
        values["logo_file"].name = "logo.png"

    answer = client.post(f"{TEMPLATES}{draft.pk}/", values)
    sample = client.post(f"{TEMPLATES}{draft.pk}/sample/", {**values, "logo_file": ""} if data else values)

    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert sample.status_code == (200 if data else 422)
    assert Logo.objects.count() == 0


def test_the_office_makes_a_draft_looks_at_it_and_a_signer_puts_it_in_force(ready):
    hang, dao = ready.client(ready.hang), ready.client(ready.dao)
    page = hang.post(TEMPLATES, {"issuer": ready.issuer.pk, "kind": ""}, follow=True)
    draft = TemplateVersion.objects.get()
    assert b"KT" in page.content
    assert "title" not in page.context["form"].fields
    logo = io.BytesIO(drawn_logo(exif=b"Exif\0\0chup tai Ha Noi"))
    logo.name = "logo.png"

    form = {"mode": "wet", **WORDS, "count": "30", "length": "long"}
    sample = hang.post(f"{TEMPLATES}{draft.pk}/sample/", form)
    assert len(PdfReader(io.BytesIO(sample.content)).pages) > 2
    assert wording.SAMPLE in words(sample.content)
    assert TemplateVersion.objects.get().closing == ""  # looking saves nothing
    saved = hang.post(f"{TEMPLATES}{draft.pk}/", {**form, "logo_file": logo}, follow=True)
    assert saved.status_code == 200, saved.context["form"].errors
    assert b"Ha Noi" not in bytes(Logo.objects.get().data)
    hang.post(f"{TEMPLATES}{draft.pk}/put-in-force/")
    assert TemplateVersion.objects.get().is_draft
    dao.post(f"{TEMPLATES}{draft.pk}/put-in-force/")

    row = TemplateVersion.objects.get()
    assert (row.state, row.mode, row.in_force_by) == ("in_force", "wet", ready.dao.user)
    assert hang.get(f"{TEMPLATES}{row.pk}/sample/").status_code == 200
    assert WORDS["closing"] in hang.get(f"{TEMPLATES}{row.pk}/").content.decode()
    certificate = issue_for(make.completed(ready.lan, ready.run))
    assert certificate.is_signed_by_hand
    assert certificate.said["mode"] == "wet"


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("count", [1, 4, 5, 40])
def test_a_sample_with_the_longest_words_and_a_logo_is_pdf_a_and_nothing_overlaps(language, count):
    picture = pictures.prepare(drawn_logo())
    said = samples.sample(
        kind="CNKTYKLT",
        language=language,
        length="long",
        count=count,
        words={
            "governing_body": "Bộ Y tế",
            "facility": "Bệnh viện Bạch Mai",
            "place": "Hà Nội",
            "signatory": {"prefix": "KT. Giám đốc " * 2, "title": "Phó Giám đốc", "name": "Vũ Đình Hợp"},
            "design": {
                "version": 1,
                "closing": "Một câu kết dài " * 14,
                "closing_en": "A long closing " * 14,
                "signatory_title_en": "Deputy director",
                "heading_en": "Bach Mai Hospital",
                "logo": {"sha256": picture.sha256, "width": picture.width, "height": picture.height},
            },
        },
    )
    data = drawing.render(said | {"picture": picture})

    assert data == drawing.render(said | {"picture": picture})
    assert pdfa.validate_written(io.BytesIO(data), "2b").findings == []
    lines = lower(data)
    name = lines["Vũ Đình Hợp"]
    assert all(abs(name - y) > 10 for text, y in lines.items() if wording.NOT_A_LICENCE[:20] in text)
    assert name > drawing.BOTTOM + 11


def lower(data: bytes) -> dict[str, float]:
    """Each line of the last page and how high it stands."""
    found = {}
    page = PdfReader(io.BytesIO(data)).pages[-1]
    page.extract_text(visitor_text=lambda text, _cm, tm, _font, _size: found.setdefault(text.strip(), tm[5]))
    return found


def test_a_signed_certificate_with_a_logo_stays_below_48_kb(ready):
    picture = pictures.prepare(drawn_logo())
    design = {"version": 1, "logo": {"sha256": picture.sha256, "width": 1, "height": 1}}
    data = drawing.render(facts(mark="1" * 158, design=design) | {"picture": picture})

    assert len(data) + 5_100 <= 42_000  # what a signature of RSA takes with its place
    with pytest.raises(ValueError, match="picture"):
        drawing.render(facts(design=design))
    with pytest.raises(pictures.Unusable, match="too small"):
        pictures.prepare(small())


def small() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (20, 20)).save(out, "JPEG")
    return out.getvalue()


@pytest.mark.parametrize("who", ["lan", "mo", "ung"])
def test_nobody_else_makes_templates(ready, who):
    draft = new_version(ready.issuer, kind="", by=ready.hang.user)
    client = ready.client(getattr(ready, who))

    for address in (TEMPLATES, f"{TEMPLATES}{draft.pk}/", f"{TEMPLATES}{draft.pk}/sample/"):
        assert client.get(address).status_code in {302, 403, 404}
    client.post(f"{TEMPLATES}{draft.pk}/drop/")
    assert TemplateVersion.objects.exists()


def test_an_office_lists_the_versions_of_its_own_issuers_only(ready):
    in_force(ready)

    assert "Vũ Đình Hợp" in ready.client(ready.hang).get(TEMPLATES).text
    make.issuer(ready.viet_duc)
    other = ready.client(ready.trong).get(TEMPLATES)
    assert other.status_code == 200
    assert "Vũ Đình Hợp" not in other.text


def test_who_signs_is_written_as_the_decree_says():
    for authority, represented, prefix, title in (
        (Authority.OWN, "", "", "Giám đốc"),
        (Authority.ACTING, "", "", "Q. Giám đốc"),
        (Authority.DEPUTY, "Giám đốc", "KT. Giám đốc", "Giám đốc"),
        (Authority.COLLECTIVE, "Hội đồng", "TM. Hội đồng", "Giám đốc"),
    ):
        row = TemplateVersion(
            authority=authority, represented=represented, signatory_title="Giám đốc", signatory_name="A"
        )
        assert designed({"governing_body": "", "place": ""}, row)["signatory"] == {
            "prefix": prefix,
            "title": title,
            "name": "A",
        }
