"""The public list of courses: counts of filters, search, order, pages, languages, and what it costs."""

import datetime
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from benchmarks.many import add_courses
from courses.actions.enrolments import enrol
from courses.models import Course, Run
from lms import clock
from lms.models import Specialty
from tests.factories import cast as people
from tests.factories import certificates as credit
from tests.factories import courses as make
from tests.kept import repeated


@pytest.fixture
@repeated
def shelf(cast):
    """Four courses: three of Bạch Mai (one for nurses, one full, one without a class), one of Việt Đức."""
    doctor, nurse = people.profession("bac_sy"), people.profession("dieu_duong")
    neuro = Specialty.objects.create(code="than-kinh", name_vi="Thần kinh")
    first = make.course_page(cast.bach_mai, "Đột quỵ não")
    make.run(
        cast, page=first, seats=5, rules={"audience": [doctor, nurse], "specialty": neuro, "code": "ĐQ-01"}
    )
    full = make.course_page(cast.bach_mai, "Điện tâm đồ")
    run = make.run(cast, page=full, seats=1, rules={"audience": [nurse], "form": "blended", "code": "TM-02"})
    enrol(run, person=cast.lan, by=cast.lan.user)
    make.issued(cast, make.course_page(cast.bach_mai, "Sốc phản vệ"), code="HS-03")
    other = make.course_page(cast.viet_duc, "Chấn thương sọ não")
    make.run(cast, page=other, rules={"audience": [doctor], "periods": "5", "code": "CT-04"})


def ask(client, **state):
    return client.get(make.catalogue().url, state).context["listing"]


def titles(client, **state):
    return [entry.title for entry in ask(client, **state).entries]


def counts(listing, facet):
    return {choice.code: choice.count for choice in listing.facets[facet]}


# --- filters ---------------------------------------------------------------------------------------


def test_each_filter_counts_what_the_other_filters_and_the_search_leave(cast, client, shelf):
    bach_mai, viet_duc = str(cast.bach_mai.pk), str(cast.viet_duc.pk)

    everything, doctors = ask(client), ask(client, profession="bac_sy")

    # The course without an audience is meant for everybody.
    assert counts(everything, "profession") == {"bac_sy": 3, "dieu_duong": 3}
    assert counts(everything, "provider") == {bach_mai: 3, viet_duc: 1}
    assert counts(doctors, "profession") == {"bac_sy": 3, "dieu_duong": 3}
    assert counts(doctors, "provider") == {bach_mai: 2, viet_duc: 1}
    assert counts(doctors, "form") == {"self_paced": 3, "blended": 0}
    assert counts(ask(client, q="nao"), "provider") == {bach_mai: 1, viet_duc: 1}


def test_every_count_is_what_choosing_it_lists(client, shelf):
    for state in ({}, {"profession": "dieu_duong"}, {"open": "1"}, {"q": "nao", "form": "self_paced"}):
        for facet, choices in ask(client, **state).facets.items():
            for choice in choices:
                assert ask(client, **{**state, facet: choice.code}).total == choice.count, (state, facet)


def test_a_value_that_would_leave_nothing_cannot_be_chosen(client, shelf):
    html = client.get(make.catalogue().url, {"profession": "bac_sy"}).content.decode()

    assert re.search(r'<option value="blended" disabled>[^<]* \(0\)</option>', html)
    assert re.search(r'<option value="self_paced">[^<]* \(3\)</option>', html)
    # What is chosen stays in the form, or sending it again would lose it.
    html = client.get(make.catalogue().url, {"profession": "bac_sy", "form": "blended"}).content.decode()
    assert re.search(r'<option value="blended" selected>[^<]* \(0\)</option>', html)


def test_open_now_means_a_class_that_takes_people_and_has_a_seat(cast, client, shelf):
    assert sorted(titles(client, open="1")) == ["Chấn thương sọ não", "Đột quỵ não"]

    Run.objects.filter(release__course__code="CT-04").update(
        enrol_until=clock.now() - datetime.timedelta(hours=1)
    )
    assert titles(client, open="1") == ["Đột quỵ não"]
    assert counts(ask(client), "open") == {"1": 1}


def test_a_full_class_beside_one_with_seats_leaves_the_course_open(cast, client, shelf):
    from courses.actions.runs import open_run

    release = Run.objects.get(release__course__code="TM-02").release
    open_run(release, by=cast.hang.user, code="TM-02.K2", seats=7)

    entry = next(one for one in ask(client, open="1").entries if one.title == "Điện tâm đồ")

    assert (entry.seats, entry.seats_left) == (8, 7)


def test_each_filter_is_removed_by_a_link_that_keeps_the_rest(client, shelf):
    listing = ask(client, q="não", profession="bac_sy", open="1", sort="title")

    assert {one.label: one.without for one in listing.chosen} == {
        "“não”": "?profession=bac_sy&open=1&sort=title",
        "Bác sỹ": "?q=n%C3%A3o&open=1&sort=title",
        "đang mở ghi danh": "?q=n%C3%A3o&profession=bac_sy&sort=title",
    }
    html = client.get(make.catalogue().url, {"profession": "bac_sy", "q": "não"}).content.decode()
    assert 'href="?profession=bac_sy"' in html
    assert 'href="?q=n%C3%A3o"' in html


def test_an_unknown_value_leaves_nothing_and_can_be_taken_out(client, shelf):
    html = client.get(
        make.catalogue().url, {"form": '"><script>', "sort": "nonsense", "p": "x"}
    ).content.decode()

    assert "<script>" not in html
    assert 'class="empty"' in html
    assert "bỏ bớt bộ lọc" in html
    assert 'href="?"' in html


# --- search and order ------------------------------------------------------------------------------


def test_words_of_title_code_hospital_and_specialty_find_a_course(client, shelf, subtests):
    for query in ("dot quy", "ĐỘT QUỴ", "DQ-01", "đq 01", "quy bach mai", "than kinh"):
        with subtests.test(query=query):
            assert titles(client, q=query) == ["Đột quỵ não"]


def test_the_middle_of_a_word_finds_nothing(client, shelf):
    assert titles(client, q="uy nao") == []


def test_what_takes_people_comes_first_then_the_newest_unless_asked_otherwise(client, shelf):
    assert titles(client) == ["Chấn thương sọ não", "Đột quỵ não", "Sốc phản vệ", "Điện tâm đồ"]
    assert titles(client, sort="title") == ["Chấn thương sọ não", "Điện tâm đồ", "Đột quỵ não", "Sốc phản vệ"]
    assert titles(client, sort="hours")[0] == "Chấn thương sọ não"


# --- the box of a course ---------------------------------------------------------------------------


def test_the_box_says_hours_rule_certificate_seats_deadline_and_sizes(cast, client):
    page = make.course_page(cast.bach_mai, "Đột quỵ não", kinds=("video", "quiz", "checklist", "survey"))
    until = clock.now() + datetime.timedelta(days=9)
    make.run(cast, page=page, seats=24, enrol_until=until, rules={"periods": "2"})

    html = " ".join(re.sub(r"<[^>]+>", " ", client.get(make.catalogue().url).content.decode()).split())

    for words in (
        "4 giờ cho học viên",
        "Dự ≥ 80 %, kiểm tra ≥ 70 %, bảng kiểm kỹ năng, khảo sát",
        "32/2023/TT-BYT",
        "còn 24/24 chỗ",
        f"đến {timezone.localtime(until):%d/%m/%Y}",
        "0,7 MB (Chỉ nghe), 1,4 MB (240p), 2,6 MB (360p)",
    ):
        assert words in html, words


def test_the_box_says_what_each_role_earns_by_the_rules_in_force(cast, client):
    page = make.course_page(cast.bach_mai, "Đột quỵ não", kinds=("reading", "session"))
    make.run(cast, page=page, rules={"periods": "2"})
    make.run(cast, page=make.course_page(cast.bach_mai, "Sốc phản vệ"), rules={"periods": "2"})
    worth = {
        "COURSE_LEARNER": ("per_period", "1.5"),
        "COURSE_TRAINER": ("per_period", "1"),
        "CONF_CHAIR": ("fixed", "2"),
    }
    credit.rules(values={**worth, "CONF_CHAIR": ("fixed", "9")}, code="TT22-2013")
    credit.rules(values=worth, start=datetime.date(2025, 1, 1))
    credit.rules(values={"CONF_CHAIR": ("fixed", "7")}, code="CHUA", start=datetime.date(2099, 1, 1))

    def box(url):
        text = " ".join(re.sub(r"<[^>]+>", " ", client.get(url).content.decode()).split())
        return re.findall(r"[\d,]+ giờ cho [^\d<]+", text)

    for found in (" ".join(box(page.url)), " ".join(box(make.catalogue().url + "?q=quy"))):
        assert "6 giờ cho học viên" in found
        assert "1 giờ cho giảng viên với mỗi tiết giảng" in found
        assert "2 giờ cho chủ tọa với mỗi buổi" in found
    assert "mỗi buổi" not in " ".join(box(make.catalogue().url + "?q=soc"))


# --- languages -------------------------------------------------------------------------------------


def test_a_course_without_a_page_in_the_readers_language_is_listed_with_a_label(cast, client):
    page = make.course_page(cast.bach_mai, "Đột quỵ não")
    make.run(cast, page=page)
    make.run(cast, page=make.course_page(cast.bach_mai, "Sốc phản vệ"))
    english = page.copy_for_translation(make.english(), copy_parents=True)
    english.title = "Stroke"
    make.publish(english)
    catalogue = make.catalogue().get_translation(make.english())

    with translation.override("en"):
        answer = client.get(catalogue.url)
    found = {entry.title: entry.language_name for entry in answer.context["listing"].entries}

    assert found == {"Stroke": "", "Sốc phản vệ": "Tiếng Việt"}
    assert '<span class="tag warn" lang="vi">Tiếng Việt</span>' in answer.content.decode()
    assert counts(answer.context["listing"], "language") == {"vi": 2, "en": 1}
    assert [entry.language for entry in ask(client).entries] == ["", ""]


def test_a_course_only_in_english_says_so_on_the_vietnamese_list(cast, client):
    page = make.course_page(cast.bach_mai, "Đột quỵ não")
    make.run(cast, page=page)
    english = page.copy_for_translation(make.english(), copy_parents=True)
    english.title = "Stroke"
    make.publish(english)
    page.unpublish()

    entry = ask(client).entries[0]

    assert (entry.title, entry.language_name, entry.url) == ("Stroke", "English", english.url)


def test_a_mirror_of_the_vietnamese_page_is_no_translation(cast, client):
    page = make.course_page(cast.bach_mai, "Đột quỵ não")
    make.run(cast, page=page)
    page.copy_for_translation(make.english(), copy_parents=True, alias=True)

    assert counts(ask(client), "language") == {"vi": 1}


# --- many courses ----------------------------------------------------------------------------------


def cost(client, **state):
    ask(client, **state)
    with CaptureQueriesContext(connection) as queries:
        client.get(make.catalogue().url, state)
    return len(queries)


@pytest.mark.parametrize("seconds", [0, 30])
def test_two_hundred_courses_cost_the_queries_of_twenty(cast, client, settings, monkeypatch, seconds):
    settings.LMS_REMEMBER_SECONDS = seconds
    monkeypatch.setattr("lms.memory._kept", {})
    for code in ("bac_sy", "dieu_duong"):
        people.profession(code)
    states = ({}, {"q": "khoa"}, {"form": "blended", "profession": "bac_sy", "open": "1"}, {"sort": "title"})

    add_courses(20, under=make.provider(cast.bach_mai))
    with_twenty = [cost(client, **state) for state in states]
    add_courses(180, under=make.provider(cast.bach_mai))

    assert ask(client).total == 200
    assert [cost(client, **state) for state in states] == with_twenty


def test_a_long_list_is_turned_page_by_page_and_keeps_what_was_asked(cast, client):
    add_courses(40, under=make.provider(cast.bach_mai))
    pages = [titles(client, q="khóa", sort="title", p=number) for number in (1, 2, 3)]

    html = client.get(make.catalogue().url, {"q": "khóa", "sort": "title", "p": 2}).content.decode()

    assert [len(page) for page in pages] == [18, 18, 4]
    assert len({title for page in pages for title in page}) == 40
    assert 'href="?q=kh%C3%B3a&amp;sort=title&amp;p=3"' in html
    assert ask(client, p=99).page.number == 3


def test_what_is_remembered_is_neither_seats_nor_a_course_that_is_gone(
    cast, client, shelf, settings, monkeypatch
):
    settings.LMS_REMEMBER_SECONDS = 30
    monkeypatch.setattr("lms.memory._kept", {})
    ask(client)
    Run.objects.filter(release__course__code="ĐQ-01").update(seats_taken=5)
    Course.objects.filter(code="CT-04").update(is_open=False)
    Run.objects.filter(release__course__code="TM-02").update(seats_taken=0)

    listing = ask(client)

    assert "Chấn thương sọ não" not in [entry.title for entry in listing.entries]
    assert {one.title: one.seats_left for one in listing.entries if one.runs} == {
        "Đột quỵ não": 0,
        "Điện tâm đồ": 1,
    }
    assert titles(client, open="1") == ["Điện tâm đồ"]
