"""The trainers' screens: what they can make there, and that another hospital does not exist for them."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation
from wagtail.test.utils.form_data import nested_form_data, rich_text

from content import captions
from content.actions import revise_question, set_captions
from content.forms.videos import VideoForm
from content.models import Checklist, Guideline, Question, Quiz, Survey, Video
from content.models.videos import TRANSCODE
from lms import queue
from lms.models import Job
from tests.content.test_videos import private  # noqa: F401
from tests.factories import content as make

State = Question.State


WORDS = {"vi", "text_vi", "question", "tag"}


def rows(*forms, initial=0):
    return {
        "TOTAL_FORMS": len(forms),
        "INITIAL_FORMS": initial,
        "MIN_NUM_FORMS": 0,
        "MAX_NUM_FORMS": 1000,
        # A browser sends no order for a row that nobody has touched.
        **{str(n): {"ORDER": n + 1 if WORDS & form.keys() else "", **form} for n, form in enumerate(forms)},
    }


def form(**values):
    return nested_form_data(values)


def question_form(cast, **values):
    words = {
        "facility": cast.bach_mai.pk,
        "code": "DQ-99",
        "kind": "single",
        "stem_vi": rich_text("<p>Mốc nào <b>đúng</b>?</p>"),
        "stem_en": rich_text("<p>Which time?</p>"),
        "why_vi": rich_text("<p>Vì vậy.</p>"),
        "why_en": rich_text(""),
        "tag_words": "Đột quỵ, cấp cứu",
        "rows": rows(
            {"vi": "SpO2 < 94 %", "en": "", "id": ""},
            {"vi": "Giờ cuối còn bình thường", "en": "Last known well", "is_right": "on", "id": ""},
            {"vi": "", "en": "", "id": ""},
        ),
        **values,
    }
    return form(**words)


# --- lists and doors


LISTS = ["videos", "questions", "quizzes", "checklists", "surveys"]


@pytest.fixture
def world(cast, private):  # noqa: F811
    """One of everything at each of two hospitals."""
    made = {}
    for name, at in (("a", cast.bach_mai), ("b", cast.viet_duc)):
        question = make.question(at, f"CODE-{name}", stem=f"Câu của {name}")
        made[name] = {
            "videos": make.video(at, title=f"Bài giảng của {name}", ready=False),
            "questions": question,
            "quizzes": make.quiz(at, [question], title=f"Bài kiểm tra của {name}"),
            "checklists": make.checklist(at, title=f"Bảng kiểm của {name}"),
            "surveys": make.survey(at, title=f"Khảo sát của {name}"),
        }
    return made


@pytest.mark.parametrize("kind", LISTS)
@pytest.mark.parametrize("who", ["ung", "hang", "admin"])
def test_a_list_shows_the_own_hospitals_rows(world, cast, kind, who):
    page = cast.client(getattr(cast, who)).get(reverse(f"lms_content_{kind}:index"))

    text = page.content.decode()
    assert page.status_code == 200
    assert str(world["a"][kind]) in text
    assert (str(world["b"][kind]) in text) == (who == "admin")


@pytest.mark.parametrize("kind", LISTS)
def test_a_list_asks_no_more_for_many_rows_than_for_few(cast, private, kind, django_assert_num_queries):  # noqa: F811
    client, url = cast.client(cast.ung), reverse(f"lms_content_{kind}:index")

    def more(first, last):
        for n in range(first, last):
            question = make.question(cast.bach_mai, f"Q{n}", stem=f"Câu {n}")
            make.video(cast.bach_mai, title=f"Bài {n}", ready=False)
            make.quiz(cast.bach_mai, [question], title=f"Đề {n}")
            make.checklist(cast.bach_mai, title=f"Bảng {n}")
            make.survey(cast.bach_mai, title=f"Ý kiến {n}")

    more(0, 2)
    client.get(url)
    with CaptureQueriesContext(connection) as few:
        client.get(url)
    more(2, 12)
    with django_assert_num_queries(len(few)):
        client.get(url)


def test_search_in_the_bank_folds_diacritics(world, cast):
    make.question(cast.bach_mai, "TIM", stem="Nhận biết đột quỵ", tags=["cấp cứu"])
    client, url = cast.client(cast.ung), reverse("lms_content_questions:index_results")

    for words in ("nhan biet dot quy", "Nhận biết", "cap cuu tim"):
        page = client.get(url, {"q": words}).content.decode()
        assert "TIM" in page
        assert "CODE-a" not in page
    assert "CODE-b" not in client.get(url, {"q": "cau cua"}).content.decode()


@pytest.mark.parametrize("kind", LISTS)
def test_another_hospitals_row_cannot_be_opened_or_written(world, cast, kind):
    client = cast.client(cast.ung)
    own, foreign = (reverse(f"lms_content_{kind}:edit", args=[world[k][kind].pk]) for k in "ab")

    assert client.get(own).status_code == 200
    assert client.get(foreign).status_code == 404
    assert client.post(foreign, {"title": "x", "title_vi": "x"}).status_code == 404


@pytest.mark.parametrize("kind", LISTS)
@pytest.mark.parametrize("who", ["lan", "ha", "mo", "dao"])
def test_those_who_make_nothing_see_no_list(world, cast, kind, who):
    answer = cast.client(getattr(cast, who)).get(reverse(f"lms_content_{kind}:index"))

    assert answer.status_code in {302, 403}
    assert str(world["a"][kind]).encode() not in answer.content


def test_the_appraiser_reads_and_cannot_write(world, cast):
    client = cast.client(cast.thang)

    assert client.get(reverse("lms_content_questions:index")).status_code == 200
    show = reverse("lms_content_questions:show", args=[world["a"]["questions"].pk])
    assert client.get(show).status_code == 200
    assert (
        client.get(reverse("lms_content_questions:edit", args=[world["a"]["questions"].pk])).status_code
        == 302
    )
    assert client.post(
        reverse("lms_content_questions:retire", args=[world["a"]["questions"].pk])
    ).status_code in {
        302,
        404,
    }
    assert Question.objects.get(code="CODE-a").state == State.REVIEW


@pytest.mark.parametrize("kind", ["video", "quiz", "checklist", "survey"])
def test_choosers_offer_only_the_own_hospitals_rows(world, cast, kind):
    plural = {"video": "videos", "quiz": "quizzes", "checklist": "checklists", "survey": "surveys"}[kind]
    client = cast.client(cast.ung)
    name = f"lms_content_choose_{kind}"

    listed = client.get(reverse(f"{name}:choose")).json()["html"]
    found = client.get(reverse(f"{name}:choose_results"), {"q": "của"}).content.decode()

    for text in (listed, found):
        assert "của a" in text
        assert "của b" not in text
    assert client.get(reverse(f"{name}:chosen", args=[world["a"][plural].pk])).status_code == 200
    assert client.get(reverse(f"{name}:chosen", args=[world["b"][plural].pk])).status_code == 404
    several = client.get(reverse(f"{name}:chosen_multiple"), {"id": [world["b"][plural].pk]})
    assert "của b" not in several.content.decode()


def test_the_menu_shows_teaching_content_to_those_who_make_it(world, cast):
    with translation.override("en"):
        menu = reverse("lms_content_videos:index")
    assert menu in cast.client(cast.ung).get(reverse("wagtailadmin_home")).content.decode()
    assert menu not in cast.client(cast.ha).get(reverse("wagtailadmin_home")).content.decode()


# --- lectures


def test_a_trainer_uploads_a_lecture_and_follows_it_until_it_plays(cast, private):  # noqa: F811
    client = cast.client(cast.ung)
    page = client.get(reverse("lms_content_videos:add"))
    assert cast.bach_mai.name in page.content.decode()
    assert cast.viet_duc.name not in page.content.decode()

    answer = client.post(
        reverse("lms_content_videos:add"),
        {
            "facility": cast.bach_mai.pk,
            "title": "Thời gian vàng",
            "transcript": "",
            "shows_patient": "no",
            "file": make.upload(make.clip()),
        },
    )

    video = Video.objects.get()
    assert answer.url == reverse("lms_content_videos:show", args=[video.pk])
    assert (video.title, video.created_by, video.facility) == ("Thời gian vàng", cast.ung.user, cast.bach_mai)
    progress = reverse("lms_content_videos:progress", args=[video.pk])
    Job.objects.filter(kind=TRANSCODE).update(progress=43)
    told = client.get(progress).json()
    assert [form.pop("label") for form in told["forms"]]
    assert told | {"label": ""} == {
        "state": "uploaded",
        "label": "",
        "waiting": True,
        "stuck": False,
        "progress": 43,
        "forms": [
            {"kind": "audio", "progress": 100},
            {"kind": "240p", "progress": 100},
            {"kind": "360p", "progress": 7},
            {"kind": "slides", "progress": 0},
        ],
        "note": "",
        "reason": "",
    }
    assert "43 %" in client.get(reverse("lms_content_videos:index")).content.decode()
    queue.run_due(queues=["video"])
    assert client.get(progress).json()["state"] == "ready"
    page = client.get(answer.url).content.decode()
    for rendition in Video.objects.get().renditions.exclude(kind="slides"):
        assert rendition.url in page
    assert "MB" in page


@pytest.mark.parametrize("data", [b"", b"<svg/>", b"\x7fELF"])
def test_a_refused_file_says_why_on_the_form_and_keeps_the_title(cast, private, data):  # noqa: F811
    answer = cast.client(cast.ung).post(
        reverse("lms_content_videos:add"),
        {"facility": cast.bach_mai.pk, "title": "Giữ lại tôi", "file": make.upload(data)},
    )

    assert answer.status_code == 200
    assert "Giữ lại tôi" in answer.content.decode()
    assert answer.context["form"].errors["file"]
    assert not Video.objects.exists()


def test_a_lecture_cannot_be_put_into_another_hospital(cast, private):  # noqa: F811
    answer = cast.client(cast.ung).post(
        reverse("lms_content_videos:add"),
        {"facility": cast.viet_duc.pk, "title": "x", "file": make.upload(make.clip())},
    )

    assert "facility" in answer.context["form"].errors
    assert not Video.objects.exists()


def test_a_failed_lecture_says_why_and_is_processed_again_by_post(cast, private, settings):  # noqa: F811
    settings.LMS_CONTENT_FFMPEG = "/nowhere/ffmpeg"
    video = make.video(cast.bach_mai)
    settings.LMS_CONTENT_FFMPEG = ""
    client, again = cast.client(cast.ung), reverse("lms_content_videos:again", args=[video.pk])
    page = client.get(reverse("lms_content_videos:show", args=[video.pk])).content.decode()
    assert "LMS_CONTENT_FFMPEG" in page
    assert again in page

    assert client.get(again).status_code == 405
    assert cast.client(cast.hoa).post(again).status_code == 404
    client.post(again)
    queue.run_due(queues=["video"])

    assert Video.objects.get().state == Video.State.READY


def test_processing_is_shown_form_by_form_and_cancelled_by_post(cast, private):  # noqa: F811
    video = make.video(cast.bach_mai, ready=False)
    Job.objects.filter(kind=TRANSCODE).update(state=Job.State.RUNNING, progress=50)
    client, cancel = cast.client(cast.ung), reverse("lms_content_videos:cancel", args=[video.pk])
    page = client.get(reverse("lms_content_videos:show", args=[video.pk])).content.decode()
    told = client.get(reverse("lms_content_videos:progress", args=[video.pk])).json()
    assert cancel in page
    assert [(form["kind"], form["progress"]) for form in told["forms"]] == [
        ("audio", 100),
        ("240p", 100),
        ("360p", 23),
        ("slides", 0),
    ]

    assert client.get(cancel).status_code == 405
    assert cast.client(cast.hoa).post(cancel).status_code == 404
    client.post(cancel)

    video.refresh_from_db()
    assert video.state == Video.State.FAILED
    page = client.get(reverse("lms_content_videos:show", args=[video.pk])).content.decode()
    assert cancel not in page
    assert reverse("lms_content_videos:again", args=[video.pk]) in page


def test_a_title_mended_while_the_worker_finishes_leaves_the_lecture_ready(cast, private):  # noqa: F811
    video = make.video(cast.bach_mai, ready=False)
    Video.objects.update(state=Video.State.PROCESSING)
    said = {"title": "Thời gian vàng", "transcript": "Lời giảng", "shows_patient": "no"}
    form = VideoForm(said, instance=Video.objects.get(), for_user=cast.ung.user)
    assert form.is_valid(), form.errors
    queue.run_due(queues=["video"])

    form.write(cast.ung.user)

    video.refresh_from_db()
    assert (video.title, video.transcript, video.shows_patient) == ("Thời gian vàng", "Lời giảng", False)
    assert video.playable


def test_captions_are_uploaded_with_a_lecture_and_bad_ones_refused(cast, private):  # noqa: F811
    video = make.video(cast.bach_mai, ready=False)
    client, edit = cast.client(cast.ung), reverse("lms_content_videos:edit", args=[video.pk])

    bad = client.post(
        edit, {"title": "Mới", "shows_patient": "no", "captions_vi": make.upload(b"no captions", "a.vtt")}
    )
    good = client.post(
        edit, {"title": "Mới", "shows_patient": "no", "captions_vi": make.upload(b"WEBVTT\n\nx", "a.vtt")}
    )

    assert "captions_vi" in bad.context["form"].errors
    assert good.status_code == 302
    assert video.captions.get().vtt == "WEBVTT\n\nx\n"
    assert Video.objects.get().title == "Mới"


VTT = """WEBVTT

00:00:00.500 --> 00:00:01.500
Kính chào anh chị

00:00:02.000 --> 00:00:03.000
Bài hôm nay
"""


def caption_page(cast, video, who=None):
    """The editor's address and what its form would send unchanged."""
    url = reverse("lms_content_videos:captions", args=[video.pk])
    context = cast.client(who or cast.ung).get(url).context
    rows = context["rows"]
    sent = {"seen": context["seen"], "which": "all"}
    sent |= {f"cue-{name}": value for name, value in rows.management_form.initial.items()}
    for number, row in enumerate(rows):
        for name in ("start", "end", "text"):
            sent[f"cue-{number}-{name}"] = row.initial.get(name, "")
    return url, sent


@pytest.fixture
def captioned(cast, private):  # noqa: F811
    video = make.video(cast.bach_mai, ready=False)
    Video.objects.update(duration_ms=4000)
    set_captions(video, language="vi", vtt=VTT.encode())
    return video


def stored_cues(video):
    return captions.parse(video.captions.get().vtt)


def test_captions_are_changed_added_and_removed_in_rows(cast, captioned):
    url, sent = caption_page(cast, captioned)
    sent |= {
        "cue-0-DELETE": "on",
        "cue-1-text": "Bài <b>hôm nay</b>\n--> đột quỵ",
        "cue-2-start": "3,2",
        "cue-2-end": "00:03.9",
        "cue-2-text": "Xin cảm ơn",
    }

    answer = cast.client(cast.ung).post(url, sent)

    assert answer.status_code == 302
    assert stored_cues(captioned) == [
        captions.Cue(2000, 3000, "Bài <b>hôm nay</b>\n→ đột quỵ"),
        captions.Cue(3200, 3900, "Xin cảm ơn"),
    ]
    assert captioned.captions.get().transcript == "Bài hôm nay → đột quỵ Xin cảm ơn"


@pytest.mark.parametrize(
    ("changed", "row"),
    [
        ({"cue-1-start": "1.2"}, 1),
        ({"cue-1-start": "0"}, 1),
        ({"cue-0-end": "0.1"}, 0),
        ({"cue-0-text": " "}, 0),
        ({"cue-0-text": "a" * 201}, 0),
        ({"cue-1-end": "9"}, 1),
        ({"cue-1-end": "chín"}, 1),
    ],
)
def test_captions_that_overlap_run_backwards_or_past_the_end_are_marked(cast, captioned, changed, row):
    url, sent = caption_page(cast, captioned)

    answer = cast.client(cast.ung).post(url, sent | changed)

    assert answer.status_code == 200
    assert [bool(form.errors) for form in answer.context["rows"]][:2] == [row == 0, row == 1]
    assert captioned.captions.get().vtt == VTT


def test_captions_are_moved_all_together_or_one_alone(cast, captioned):
    client = cast.client(cast.ung)
    url, sent = caption_page(cast, captioned)
    client.post(url, sent | {"nudge": "500"})
    assert [(cue.start, cue.end) for cue in stored_cues(captioned)] == [(1000, 2000), (2500, 3500)]

    url, sent = caption_page(cast, captioned)
    client.post(url, sent | {"nudge": "-100", "which": "1"})
    assert [(cue.start, cue.end) for cue in stored_cues(captioned)] == [(1000, 2000), (2400, 3400)]

    url, sent = caption_page(cast, captioned)
    client.post(url, sent | {"nudge": "-1000", "which": "1"})
    assert stored_cues(captioned)[1].start == 2400


def test_of_two_who_edit_captions_the_second_looks_again(cast, captioned):
    url, sent = caption_page(cast, captioned)
    client = cast.client(cast.ung)
    client.post(url, sent | {"cue-0-text": "Lần đầu"})

    client.post(url, sent | {"cue-0-text": "Lần sau"})

    assert stored_cues(captioned)[0].text == "Lần đầu"


def test_long_captions_come_fifty_to_a_page_and_a_page_keeps_the_others(cast, captioned):
    cues = [captions.Cue(n * 10, n * 10 + 10, f"Câu {n}") for n in range(120)]
    set_captions(captioned, language="vi", vtt=captions.render(cues).encode())
    url = reverse("lms_content_videos:captions", args=[captioned.pk])
    client = cast.client(cast.ung)
    context = client.get(url, {"p": "2"}).context
    sent = {"seen": context["seen"], "cue-TOTAL_FORMS": 50, "cue-INITIAL_FORMS": 50}
    for number, row in enumerate(context["rows"]):
        sent |= {f"cue-{number}-{name}": row.initial[name] for name in ("start", "end", "text")}

    client.post(f"{url}?language=vi&p=2", sent | {"cue-7-text": "Câu đã sửa"})

    assert [cue.text for cue in stored_cues(captioned)] == [
        "Câu đã sửa" if n == 57 else f"Câu {n}" for n in range(120)
    ]


@pytest.mark.parametrize("who", ["hoa", "lan", "thang"])
def test_captions_are_edited_by_makers_of_the_hospital_alone(cast, captioned, who):
    url, sent = caption_page(cast, captioned)

    answer = cast.client(getattr(cast, who)).post(url, sent | {"cue-0-text": "Khác"})

    assert answer.status_code in {302, 403, 404}
    assert captioned.captions.get().vtt == VTT


# --- questions


def test_a_question_is_written_in_a_form_without_any_json(cast):
    answer = cast.client(cast.ung).post(reverse("lms_content_questions:add"), question_form(cast))

    question = Question.objects.get()
    assert answer.url == reverse("lms_content_questions:show", args=[question.pk])
    assert question.latest.body["stem"]["vi"] == "Mốc nào <b>đúng</b>?"
    assert [o["vi"] for o in question.latest.body["options"]] == [
        "SpO2 &lt; 94 %",
        "Giờ cuối còn bình thường",
    ]
    assert question.latest.key == [question.latest.body["options"][1]["id"]]
    assert (question.tags, question.latest.author) == (["đột quỵ", "cấp cứu"], cast.ung.user)


@pytest.mark.parametrize(
    "change",
    [
        {"stem_vi": rich_text(""), "stem_en": rich_text("")},
        {"rows": rows({"vi": "một", "is_right": "on"})},
        {"rows": rows({"vi": "một"}, {"vi": "hai"})},
        {"rows": rows({"vi": "một", "is_right": "on"}, {"vi": "hai", "is_right": "on"})},
        {"kind": "nonsense"},
        {"code": ""},
    ],
)
def test_an_incomplete_question_comes_back_with_what_was_typed(cast, change):
    answer = cast.client(cast.ung).post(reverse("lms_content_questions:add"), question_form(cast, **change))

    assert answer.status_code == 200
    assert answer.context["form"].errors
    assert "cấp cứu" in answer.content.decode()
    assert not Question.objects.exists()


def test_a_code_that_is_taken_is_said_on_the_form(cast):
    make.question(cast.bach_mai, "DQ-99")

    answer = cast.client(cast.ung).post(reverse("lms_content_questions:add"), question_form(cast))

    assert answer.status_code == 200
    assert answer.context["form"].non_field_errors()
    assert Question.objects.count() == 1


def test_editing_keeps_option_ids_and_writes_the_next_version(cast):
    question = make.question(cast.bach_mai, by=cast.ung.user, options=3)
    client, edit = cast.client(cast.ung), reverse("lms_content_questions:edit", args=[question.pk])
    page = client.get(edit).content.decode()
    assert "Phương án A" in page

    client.post(
        edit,
        question_form(
            cast,
            rows=rows(
                {"id": "a", "vi": "Phương án A, sửa", "ORDER": 2, "is_right": "on"},
                {"id": "b", "vi": "Phương án B", "ORDER": 1},
                {"id": "c", "vi": "Phương án C", "DELETE": "on"},
                {"id": "zz", "vi": "Thêm mới", "ORDER": 4},
                initial=3,
            ),
        ),
    )

    question.refresh_from_db()
    assert question.latest.number == 2
    assert [(o["id"], o["vi"]) for o in question.latest.body["options"]] == [
        ("b", "Phương án B"),
        ("a", "Phương án A, sửa"),
        ("d", "Thêm mới"),
    ]
    assert question.latest.key == ["a"]


def test_script_in_a_question_is_gone_from_every_page(cast):
    bad = "<script>window.__xss=1</script><img src=x onerror=window.__xss=1>"
    question = make.question(cast.bach_mai, stem=f"Hỏi {bad}")
    make.quiz(cast.bach_mai, [question], title=bad)
    client = cast.client(cast.ung)

    for url in [
        reverse("lms_content_questions:index"),
        reverse("lms_content_questions:show", args=[question.pk]),
        reverse("lms_content_quizzes:index"),
        reverse("lms_content_quizzes:add"),
    ]:
        page = client.get(url).content.decode()
        assert "<script>window.__xss" not in page
        assert "<img src=x" not in page


def seen_on(page: str) -> dict:
    """What the button that approves sends from *page*."""
    return {"version": re.search(r'name="version" value="(\d+)"', page)[1]}


def test_words_that_came_while_a_reviewer_read_are_shown_before_they_can_be_approved(cast):
    question = make.question(cast.bach_mai, by=cast.ung.user)
    approve = reverse("lms_content_questions:approve", args=[question.pk])
    reviewer = cast.client(cast.thang)
    read = reviewer.get(reverse("lms_content_questions:show", args=[question.pk])).content.decode()
    revise_question(question, body=make.body("Câu hỏi vừa sửa"), key=["b"], by=cast.ung.user)

    shown = reviewer.post(approve, seen_on(read), follow=True).content.decode()

    assert not Question.objects.get().is_reviewed
    assert "Câu hỏi vừa sửa" in shown
    reviewer.post(approve, seen_on(shown))
    assert Question.objects.get().latest.reviewed_by == cast.thang.user


@pytest.mark.parametrize("version", [None, "", "x", "²", "9" * 400])
def test_an_approval_that_does_not_say_of_which_version_approves_nothing(cast, version):
    question = make.question(cast.bach_mai, by=cast.ung.user)
    approve = reverse("lms_content_questions:approve", args=[question.pk])

    answer = cast.client(cast.thang).post(approve, {} if version is None else {"version": version})

    assert answer.status_code == 302
    assert not Question.objects.get().is_reviewed


def test_a_colleague_approves_by_post_and_the_author_is_told_why_not(cast):
    question = make.question(cast.bach_mai, by=cast.ung.user)
    approve = reverse("lms_content_questions:approve", args=[question.pk])
    show = reverse("lms_content_questions:show", args=[question.pk])
    said = "chưa được chuyên gia duyệt"
    assert said in cast.client(cast.ung).get(show).content.decode()
    with translation.override("en"):
        assert cast.client(cast.hang).get(approve).status_code == 405
        assert cast.client(cast.hoa).post(approve).status_code == 404

        author = cast.client(cast.ung)
        assert approve not in author.get(show).content.decode()
        author.post(approve, {"version": 1})
        assert not Question.objects.get().is_reviewed

        page = cast.client(cast.thang).get(show).content.decode()
        assert approve in page
        cast.client(cast.thang).post(approve, seen_on(page))

    assert Question.objects.get().is_reviewed
    page = cast.client(cast.hang).get(show).content.decode()
    assert approve not in page
    assert said not in page


def test_no_list_or_preview_tells_which_option_is_right(cast):
    one = make.question(cast.bach_mai, "Q1", key=["a"], by=cast.ung.user)
    client = cast.client(cast.ung)
    index = reverse("lms_content_questions:index")
    before = client.get(index).content

    revise = reverse("lms_content_questions:edit", args=[one.pk])
    client.post(
        revise,
        question_form(
            cast,
            rows=rows(
                *({"id": i, "vi": f"Phương án {i}", "is_right": "on" if i == "c" else ""} for i in "abcd")
            ),
        ),
    )

    assert "cuối còn bình thường" not in before.decode()
    page = client.get(reverse("lms_content_questions:show", args=[one.pk])).content.decode()
    preview = page[page.index('class="lms-preview"') : page.index('class="lms-answers"')]
    for word in ("checked", "is_right", "right", '"c"', "Vì vậy"):
        assert word not in preview


def test_a_reader_without_review_gets_no_key(cast):
    """The facility's administrator may see the bank but neither makes nor reviews."""
    from lms.models import RoleAssignment
    from tests.factories import cast as people

    quyen = people.person("Đinh Thị Quyên", login="quyen", works_at=cast.bach_mai)
    people.role(quyen, RoleAssignment.Role.ORG_ADMIN, cast.bach_mai)
    question = make.question(cast.bach_mai, by=cast.ung.user)

    show = reverse("lms_content_questions:show", args=[question.pk])
    for who, sees in ((quyen, False), (cast.thang, True)):
        page = cast.client(who).get(show)
        assert page.status_code == 200
        assert ("cuối còn bình thường" in page.content.decode()) == sees


# --- tests, checklists, surveys, guidelines


def quiz_form(cast, *places, **values):
    return form(
        facility=cast.bach_mai.pk,
        title_vi="Bài kiểm tra cuối khóa",
        title_en="Post-test",
        minutes="20",
        review="passed",
        rows=rows(*places),
        **values,
    )


def test_a_test_is_built_of_a_question_and_a_draw(cast):
    fixed = make.question(cast.bach_mai, "Q1", tags=["mở đầu"])
    make.question(cast.bach_mai, "Q2", stem="Câu hai")

    answer = cast.client(cast.ung).post(
        reverse("lms_content_quizzes:add"),
        quiz_form(cast, {"question": fixed.pk, "count": 1}, {"tag": "Đột  Quỵ", "count": 1}, {"count": 1}),
    )

    assert answer.status_code == 302, answer.context["form"].rows.errors
    quiz = Quiz.objects.get()
    assert quiz.time_limit_s == 1200
    assert [(s.question, s.tag, s.count) for s in quiz.slots.all()] == [(fixed, "", 1), (None, "đột quỵ", 1)]


@pytest.mark.parametrize(
    "place",
    [
        {"tag": "không có", "count": 1},
        {"tag": "đột quỵ", "count": 2},
        {"tag": "đột quỵ", "question": "own", "count": 1},
        {"question": "own", "count": 2},
        {"question": "foreign", "count": 1},
        {"tag": "đột quỵ", "count": 0},
    ],
)
def test_a_test_that_cannot_be_asked_is_refused(cast, place):
    own, foreign = make.question(cast.bach_mai), make.question(cast.viet_duc)
    place = place | (
        {"question": {"own": own, "foreign": foreign}[place["question"]].pk} if "question" in place else {}
    )

    answer = cast.client(cast.ung).post(reverse("lms_content_quizzes:add"), quiz_form(cast, place))

    assert answer.status_code == 200
    assert not Quiz.objects.exists()


def test_a_test_without_questions_is_refused(cast):
    answer = cast.client(cast.ung).post(reverse("lms_content_quizzes:add"), quiz_form(cast, {"count": 1}))

    assert answer.status_code == 200
    assert answer.context["form"].rows.non_form_errors()


def test_a_checklist_is_written_and_its_steps_put_in_another_order(cast):
    client = cast.client(cast.ung)
    words = {"facility": cast.bach_mai.pk, "title_vi": "Bảng kiểm", "pass_pct": 80}
    client.post(
        reverse("lms_content_checklists:add"),
        form(
            **words,
            rows=rows({"text_vi": "Hai", "weight": 1}, {"text_vi": "Một", "weight": 2, "is_critical": "on"}),
        ),
    )
    made = Checklist.objects.get()
    assert [i["vi"] for i in made.freeze()["items"]] == ["Hai", "Một"]
    two, one = made.items.all()

    client.post(
        reverse("lms_content_checklists:edit", args=[made.pk]),
        form(
            **words,
            rows=rows(
                {"id": two.pk, "text_vi": "Hai", "weight": 1, "ORDER": 2},
                {"id": one.pk, "text_vi": "Một", "weight": 2, "is_critical": "on", "ORDER": 1},
                {"text_vi": "Ba", "weight": 1, "ORDER": 3},
                initial=2,
            ),
        ),
    )

    frozen = Checklist.objects.get().freeze()
    assert [(i["vi"], i["critical"]) for i in frozen["items"]] == [
        ("Một", True),
        ("Hai", False),
        ("Ba", False),
    ]
    assert frozen["pass_pct"] == 80


def test_a_survey_needs_a_question(cast):
    client, add = cast.client(cast.ung), reverse("lms_content_surveys:add")
    words = {"facility": cast.bach_mai.pk, "title_vi": "Khảo sát", "is_anonymous": "on"}

    assert client.post(add, form(**words, rows=rows({"kind": "scale"}))).status_code == 200
    assert client.post(add, form(**words, rows=rows({"kind": "text", "text_vi": "Góp ý"}))).status_code == 302

    assert [q["kind"] for q in Survey.objects.get().freeze()["questions"]] == ["text"]


def test_the_training_office_keeps_the_registry_of_guidelines_and_a_trainer_reads_it(cast):
    add = reverse("lms_content_guidelines:add")
    words = {
        "key": "TT51-2017",
        "number": "51/2017/TT-BYT",
        "issued_on": "2017-12-29",
        "issuer": "Bộ Y tế",
        "title": "Phản vệ",
        "status": "in_force",
    }

    assert cast.client(cast.ung).post(add, words).status_code == 302
    assert not Guideline.objects.exists()
    assert cast.client(cast.hang).post(add, words).status_code == 302
    assert Guideline.objects.get().number == "51/2017/TT-BYT"
    assert "51/2017" in cast.client(cast.ung).get(reverse("lms_content_guidelines:index")).content.decode()
