"""What a lesson's body becomes on the page."""

import io

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from PIL import Image as Picture
from wagtail.documents.models import Document
from wagtail.images.models import Image

from content.blocks import LessonBody

CASE = {"title": "Ca số 1", "story": "<p>Nữ, 62 tuổi.</p>", "question": "Xử trí?", "is_deidentified": True}


def body(*blocks):
    return LessonBody().to_python(
        [{"type": kind, "value": value, "id": str(n)} for n, (kind, value) in enumerate(blocks)]
    )


def rendered(*blocks):
    return LessonBody().render(body(*blocks))


@pytest.fixture
def media(settings, tmp_path):
    """A media folder of this test alone."""
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def image(db, media):
    data = io.BytesIO()
    Picture.effect_noise((2400, 1200), 60).save(data, "PNG")
    return Image.objects.create(title="ct", file=ContentFile(data.getvalue(), "ct.png"))


def test_headings_and_titles_are_escaped():
    page = rendered(("heading", "<script>x</script> Đột quỵ"), ("case", {**CASE, "title": "<b>t</b>"}))

    assert "<h2>&lt;script&gt;x&lt;/script&gt; Đột quỵ</h2>" in page
    assert "&lt;b&gt;t&lt;/b&gt;" in page


def test_a_figure_is_small_late_and_described(image):
    page = rendered(("figure", {"image": image.pk, "alt": 'CT "sọ" <não>', "caption": "Hình 1"}))

    assert 'loading="lazy"' in page
    assert 'width="640" height="320"' in page
    assert 'alt="CT &quot;sọ&quot; &lt;não&gt;"' in page
    assert f'src="/figure/{image.renditions.get().pk}/"' in page
    assert image.renditions.get().file.name.endswith(".webp")
    assert "<figcaption" in page
    assert "style=" not in page
    assert image.renditions.get().file.size < 60_000


def test_a_document_says_its_kind_and_weight(db, media):
    document = Document.objects.create(
        title="pd", file=ContentFile(b"%PDF-" + bytes(1_500_000), "phac-do.pdf")
    )

    page = rendered(("document", {"document": document.pk, "title": "Phác đồ"}))

    assert f'href="/document/{document.pk}/"' in page
    assert "PDF, 1,6 MB" in page


def test_a_sound_is_fetched_on_a_tap_and_has_its_words_below(db, media):
    sound = Document.objects.create(title="tim", file=ContentFile(b"ID3" + bytes(1_200_000), "tieng-tim.mp3"))
    value = {"sound": sound.pk, "title": "Tiếng tim <3>", "words": "Tiếng thổi tâm thu ở mỏm."}

    page = rendered(("audio", value))

    assert f'<audio controls preload="none" src="/document/{sound.pk}/">' in page
    assert "Tiếng tim &lt;3&gt;" in page
    assert "MP3, 1,3 MB" in page
    assert "Tiếng thổi tâm thu ở mỏm." in page


@pytest.mark.parametrize(("name", "words"), [("phac-do.pdf", "x"), ("tieng-tim.mp3", "")])
def test_a_sound_is_a_sound_and_never_without_its_words(db, media, name, words):
    file = Document.objects.create(title="x", file=ContentFile(b"ID3", name))

    with pytest.raises(ValidationError):
        LessonBody().clean(body(("audio", {"sound": file.pk, "title": "Tim", "words": words})))


def test_a_download_says_what_it_is_for(db, media):
    form = Document.objects.create(title="f", file=ContentFile(b"%PDF-" + bytes(300_000), "bieu-mau.pdf"))

    page = rendered(("download", {"document": form.pk, "title": "Phiếu bàn giao", "use": "In cho khoa"}))

    assert f'<a href="/document/{form.pk}/" download>' in page
    assert "In cho khoa" in page


@pytest.mark.parametrize(
    ("kind", "css"), [("note", 'class="note"'), ("warn", "note warn"), ("bad", "note bad")]
)
def test_a_callout_has_the_colour_of_its_meaning(kind, css):
    assert css in rendered(("callout", {"kind": kind, "title": "Nhớ", "text": "<p>Không cho aspirin</p>"}))


def test_a_case_vignette_needs_the_promise_that_nobody_can_be_recognised(db):
    block = LessonBody()
    good, bad = body(("case", CASE)), body(("case", {**CASE, "is_deidentified": False}))

    assert "Nữ, 62 tuổi" in block.render(block.clean(good))
    with pytest.raises(ValidationError):
        block.clean(bad)


@pytest.mark.parametrize(
    ("field", "text", "kind"),
    [
        ("story", "<p>Bà Nguyễn Thị Hoa, 62 tuổi.</p>", "tên riêng"),
        ("story", "<p>ông <b>Tuấn</b> đau ngực.</p>", "tên riêng"),
        ("title", "Bệnh nhân Vàng Thị Sau", "tên riêng"),
        ("story", "<p>Liên hệ người nhà 0912 345 678.</p>", "số điện thoại"),
        ("question", "Gọi +84912345678?", "số điện thoại"),
        ("story", "<p>CCCD 001162003456.</p>", "giấy tờ"),
        ("story", "<p>Thẻ GD4010112345678.</p>", "giấy tờ"),
        ("story", "<p>Mã bệnh nhân: 24.001234</p>", "hồ sơ"),
        ("story", "<p>Số vào viện 12345/26.</p>", "hồ sơ"),
        ("story", "<p>Nhập viện 14/03/2026.</p>", "ngày cụ thể"),
        ("story", "<p>Ngày 3 tháng 5 năm 2026 vào viện.</p>", "ngày cụ thể"),
        ("story", "<p>Nữ, sinh năm 1962.</p>", "ngày cụ thể"),
    ],
)
def test_what_may_tell_who_the_patient_is_is_refused_by_name(db, field, text, kind):
    block = LessonBody()

    with pytest.raises(ValidationError) as refused:
        block.clean(body(("case", {**CASE, field: text})))

    told = refused.value.block_errors[0].block_errors
    assert set(told) == {field}
    assert kind in str(told[field])


@pytest.mark.parametrize(
    "text",
    [
        "<p>Bệnh nhân Nam, 62 tuổi, ở vùng núi phía Bắc. Huyết áp 180/100 mmHg.</p>",
        "<p>Người bệnh COPD nhiều năm, chuyển từ Bà Rịa; đường huyết 12,5 mmol/l.</p>",
        "<p>Ngày thứ 3, bạch cầu 12.000; bà tự đi lại, anh trai đưa đến lúc 14 giờ 30.</p>",
        "<p>Chị ấy uống 2-3 viên 500 mg, 10-15 phút sau khó thở; SpO2 88–92 %.</p>",
    ],
)
def test_what_tells_nobody_is_taken(db, text):
    block = LessonBody()

    assert block.clean(body(("case", {**CASE, "story": text})))


def test_no_block_carries_a_script_or_a_style(db, image):
    page = rendered(
        ("heading", "a"),
        ("text", "<p>b</p>"),
        ("figure", {"image": image.pk, "alt": "c", "caption": ""}),
        ("callout", {"kind": "bad", "title": "", "text": "<p>d</p>"}),
        ("case", CASE),
    )

    for forbidden in ("<script", "<style", "style=", "onclick", "http://", "https://"):
        assert forbidden not in page
