"""Learners of a class go on in a newer version: what is shown before, kept, refused and remembered."""

from decimal import Decimal

import pytest
from django.db.models import F
from django.urls import reverse

from courses import invariants, promised
from courses.actions import attempts, attendance, enrolments, moves, progress, settling, surveys
from courses.actions.moves import MoveRefused
from courses.facts import proved, result_of
from courses.models import (
    Attempt,
    Enrolment,
    EnrolmentMove,
    LessonProgress,
    Release,
    Run,
    SessionUse,
    WatchRecord,
)
from courses.moving import learning_in, preview
from courses.signals import enrolment_completed, enrolment_moved
from lms import clock
from lms.actions import erase_person, merge_persons
from lms.models import AccessLog
from tests.factories import cast as make
from tests.factories import courses, live
from tests.factories.live import moment
from tests.kept import repeated

REASON = "Hướng dẫn mới về thuốc tiêu sợi huyết"


def next_version(course, **rules) -> Release:
    """The course as it stands now, in force instead of the version before."""
    for name, value in rules.items():
        setattr(course, name, value)
    course.save()
    course.releases.filter(state=Release.State.ISSUED).update(state=Release.State.SUPERSEDED)
    return live.release(course)


def breaches() -> list[str]:
    checks = (
        invariants.completions_follow_from_evidence,
        invariants.nobody_is_left_waiting,
        invariants.seats_equal_learners,
        invariants.progress_follows_from_evidence,
        invariants.moves_lead_forward_and_take_nothing,
    )
    return [f"{breach.what} {breach.detail}" for check in checks for breach in check()]


class Reading:
    """A class of Bạch Mai with three readings of one period each; Lan has read two, Minh none."""

    def __init__(self, cast):
        self.cast = cast
        self.course = live.course(cast.bach_mai, require_survey=False)
        self.lessons = [live.lesson(self.course, "reading", periods="1") for _ in range(3)]
        self.run = live.run(self.course)
        self.lan = enrolments.enrol(self.run, person=cast.lan, by=cast.lan.user)
        self.minh = enrolments.enrol(self.run, person=cast.minh, by=cast.minh.user)
        for lesson in self.lessons[:2]:
            progress.mark_read(self.lan, lesson=lesson)

    def move(self, to=None, **values):
        values = {"by": self.cast.hang.user, "reason": REASON, "code": "DQ-01-K1-V2", **values}
        return moves.move(self.run, to=to or self.run.newer_release(), **values)


@pytest.fixture
@repeated
def reading(cast):
    return Reading(cast)


def met(enrolment) -> set[int]:
    rows = LessonProgress.objects.filter(enrolment=enrolment, met_at__isnull=False)
    return set(rows.values_list("lesson", flat=True))


# --- the effect, before anything is done


def test_the_effect_is_shown_and_nothing_is_done(reading):
    added = live.lesson(reading.course, "reading", periods="1")
    reading.course.lessons.filter(pk=reading.lessons[0].pk).update(is_open=False)
    to = next_version(reading.course)

    lan, minh = preview(list(learning_in(reading.run)), reading.run, to)

    assert [item["lesson"] for item in lan.effect.kept] == [reading.lessons[1].pk]
    assert [item["lesson"] for item in lan.effect.new] == [added.pk]
    assert [item["lesson"] for item in lan.effect.dropped] == [reading.lessons[0].pk]
    assert (lan.effect.left_before, lan.effect.left_after, lan.effect.outlook) == (1, 2, "more")
    assert (minh.effect.left_before, minh.effect.left_after, minh.effect.outlook) == (3, 3, "same")
    assert not EnrolmentMove.objects.exists()
    assert Enrolment.objects.filter(run=reading.run).count() == 2


def test_the_effect_names_who_would_have_completed(reading):
    reading.course.lessons.filter(pk=reading.lessons[2].pk).update(is_open=False)

    lan, minh = preview(list(learning_in(reading.run)), reading.run, next_version(reading.course))

    assert (lan.effect.outlook, minh.effect.outlook) == ("complete", "less")
    lan.enrolment.refresh_from_db()
    assert lan.enrolment.state == Enrolment.State.ACTIVE


def test_what_was_shown_is_what_happens(reading):
    live.lesson(reading.course, "reading", periods="1")
    to = next_version(reading.course)
    shown = {
        line.enrolment.pk: line.after for line in preview(list(learning_in(reading.run)), reading.run, to)
    }

    reading.move()

    for enrolment in (reading.lan, reading.minh):
        enrolment = Enrolment.objects.select_related("run__release").get(pk=enrolment.pk)
        assert result_of(enrolment) == shown[enrolment.pk]


def test_a_large_class_costs_no_more_queries_than_a_small_one(reading, cast, django_assert_max_num_queries):
    to = next_version(reading.course)
    rows = list(learning_in(reading.run))
    with django_assert_max_num_queries(12) as few:
        preview(rows, reading.run, to)
    for number in range(12):
        person = make.person(f"Nguyễn Văn Học {number}", works_at=cast.bac_ha)
        enrolments.enrol(reading.run, person=person, by=cast.hang.user)
    rows = list(learning_in(reading.run))

    with django_assert_max_num_queries(len(few)):
        preview(rows, reading.run, to)


# --- the move


def test_a_move_takes_everything_done_along_and_says_who_when_and_why(reading):
    live.lesson(reading.course, "reading", periods="1")
    to = next_version(reading.course)

    done = reading.move()

    lan = Enrolment.objects.select_related("run__release").get(pk=reading.lan.pk)
    assert lan.run.release == to
    assert (lan.state, lan.run) == (Enrolment.State.ACTIVE, done.run)
    assert met(lan) == {reading.lessons[0].pk, reading.lessons[1].pk}
    row = EnrolmentMove.objects.get(enrolment=lan)
    assert (row.from_run, row.to_run, row.by, row.reason) == (
        reading.run, done.run, reading.cast.hang.user, REASON
    )  # fmt: skip
    assert row.kept == met(lan)
    assert breaches() == []


def test_the_new_class_has_the_dates_the_seats_and_the_sessions_of_the_old(cast):
    with clock.at(moment("08:00")):
        class_ = live.Class(cast, kinds=("session", "survey"))
        Run.objects.filter(pk=class_.run.pk).update(
            seats=30, seats_taken=2, starts_on="2026-11-02", ends_on="2026-12-02", contact="P. Đào tạo"
        )
        next_version(class_.course, min_attendance_pct=70)

        done = moves.move(
            class_.run, to=class_.run.newer_release(), by=cast.hang.user, reason=REASON, code="DQ-01-K1-V2"
        )

    old, new = Run.objects.get(pk=class_.run.pk), Run.objects.get(pk=done.run.pk)
    assert (new.starts_on, new.ends_on, new.seats, new.contact) == (
        old.starts_on, old.ends_on, 30, "P. Đào tạo"
    )  # fmt: skip
    assert (old.seats_taken, new.seats_taken) == (0, 2)
    assert SessionUse.objects.filter(run=new).count() == 1


def test_only_those_chosen_are_moved(reading):
    next_version(reading.course)

    done = reading.move(chosen=[reading.minh.pk])

    assert [row.enrolment for row in done.moves] == [reading.minh]
    reading.lan.refresh_from_db()
    assert reading.lan.run == reading.run
    assert breaches() == []


def test_a_second_press_moves_nobody_again(reading):
    next_version(reading.course)
    reading.move()

    again = reading.move()

    assert (again.moves, again.stayed, again.run) == ([], [], None)
    assert EnrolmentMove.objects.count() == 2
    assert Run.objects.filter(code="DQ-01-K1-V2").count() == 1
    assert breaches() == []


def test_the_rest_joins_the_class_that_was_opened_for_the_first(reading):
    next_version(reading.course)
    first = reading.move(chosen=[reading.minh.pk])

    second = reading.move()

    assert second.run == first.run
    assert Run.objects.get(pk=first.run.pk).seats_taken == 2


def test_whoever_has_met_the_newer_rules_completes_at_the_move(reading):
    reading.course.lessons.filter(pk=reading.lessons[2].pk).update(is_open=False)
    to = next_version(reading.course)
    told = []
    enrolment_completed.connect(lambda sender, enrolment, **kw: told.append(enrolment.pk), weak=False)

    with clock.at(moment("10:00")):
        reading.move()

    lan = Enrolment.objects.select_related("run__release").get(pk=reading.lan.pk)
    assert (lan.state, lan.completed_at, lan.run.release) == (Enrolment.State.COMPLETED, moment("10:00"), to)
    assert {one["lesson"] for one in lan.completion["lessons"]} == {row.pk for row in reading.lessons[:2]}
    assert told == [lan.pk]
    assert breaches() == []


def test_a_completion_stays_with_its_version(reading):
    progress.mark_read(reading.lan, lesson=reading.lessons[2])
    reading.lan.refresh_from_db()
    before = (reading.lan.run, reading.lan.completed_at, reading.lan.completion)
    live.lesson(reading.course, "reading", periods="5")
    next_version(reading.course)

    done = reading.move(chosen=[reading.lan.pk, reading.minh.pk])

    assert [row.enrolment for row in done.moves] == [reading.minh]
    reading.lan.refresh_from_db()
    assert (reading.lan.run, reading.lan.completed_at, reading.lan.completion) == before
    assert breaches() == []


def test_a_lesson_once_met_is_never_lost_though_the_newer_version_lacks_it_or_asks_for_more(cast):
    with clock.at(moment("08:00")):
        class_ = class_with_test(cast)
        tried(class_, right=3)
        next_version(class_.course, pass_pct=80)

        moves.move(
            class_.run, to=class_.run.newer_release(), by=cast.hang.user, reason=REASON, code="DQ-01-K1-V2"
        )

        lan = Enrolment.objects.select_related("run__release").get(pk=class_.lan.pk)
        rule = proved(lan).rule("posttest")
        assert (rule.met, rule.value, rule.needed) == (True, Decimal(75), Decimal(80))
        assert rule.evidence["earlier"]
        survey(lan, class_)

    lan.refresh_from_db()
    assert lan.state == Enrolment.State.COMPLETED
    assert breaches() == []


def test_an_attempt_after_the_move_is_weighed_by_the_newer_version_alone(cast):
    with clock.at(moment("08:00")):
        class_ = class_with_test(cast)
        next_version(class_.course, pass_pct=80)
        moves.move(
            class_.run, to=class_.run.newer_release(), by=cast.hang.user, reason=REASON, code="DQ-01-K1-V2"
        )

        tried(class_, right=3)

    lan = Enrolment.objects.select_related("run__release").get(pk=class_.lan.pk)
    assert not proved(lan).rule("posttest").met
    assert Attempt.objects.get().pass_pct == 80


def class_with_test(cast) -> live.Class:
    """A class with a test and a survey, its seats counted."""
    made = live.Class(cast, kinds=("quiz", "survey"))
    Run.objects.filter(pk=made.run.pk).update(seats_taken=2)
    return made


def tried(class_, *, right: int) -> Attempt:
    """Lan hands in her test of four questions with *right* good answers."""
    row = attempts.start(class_.lan, lesson=class_.lessons["quiz"], by=class_.cast.lan.user)
    for item in row.frozen[:right]:
        attempts.save_answer(row, slot=item["slot"], value=item["key"])
    return attempts.submit(row, nonce=row.nonce)


def survey(enrolment, class_):
    lesson = class_.lessons["survey"]
    form = surveys.asked(enrolment, lesson)
    scale = next(one["id"] for one in form["questions"] if one["kind"] == "scale")
    surveys.respond(enrolment, lesson=lesson, answers={scale: "5"}, shown=promised.mark(form))


def test_a_lecture_with_a_new_recording_begins_again_and_one_that_was_seen_stays_done(cast):
    course = live.course(cast.bach_mai, require_survey=False)
    seen, begun = (
        live.lesson(course, "video", periods="1", video=courses.video(cast.bach_mai)) for _ in range(2)
    )
    run = live.run(course)
    lan = live.enrolment(run, cast.lan)
    Run.objects.filter(pk=run.pk).update(seats_taken=1)
    for lesson, credited in ((seen, 12), (begun, 6)):
        WatchRecord.objects.create(
            enrolment=lan,
            video=lesson.video,
            version=1,
            buckets=12,
            credited=credited,
            bits=((1 << credited) - 1).to_bytes(2, "little"),
            updated_at=clock.now(),
        )
    progress.refresh(lan)
    for lesson in (seen, begun):
        lesson.video.version = 2
        lesson.video.save()
    to = next_version(course)
    line = preview(list(learning_in(run)), run, to)[0]
    assert [item["lesson"] for item in line.effect.again] == [begun.pk]

    moves.move(run, to=to, by=cast.hang.user, reason=REASON, code="DQ-01-K1-V2")

    rows = {row.lesson_id: row for row in LessonProgress.objects.filter(enrolment=lan)}
    assert rows[seen.pk].met_at
    assert not rows[begun.pk].met_at
    assert rows[begun.pk].value == 0
    assert breaches() == []


# --- evidence before and after the move


@pytest.fixture
def session_class(cast):
    with clock.at(moment("13:50")):
        made = live.Class(cast, kinds=("session", "survey"))
        Run.objects.filter(pk=made.run.pk).update(seats_taken=2)
    return made


def move_class(class_, at="16:00", **rules):
    with clock.at(moment(at)):
        next_version(class_.course, **rules)
        return moves.move(
            class_.run,
            to=class_.run.newer_release(),
            by=class_.cast.hang.user,
            reason=REASON,
            code="DQ-01-K1-V2",
        )


def ticked(class_):
    with clock.at(moment("14:02")):
        return attendance.tick(class_.room, person=class_.cast.lan, by=class_.cast.ha.user)


def settled(class_, at="17:00"):
    with clock.at(moment(at)):
        settling.settle(class_.session, by=class_.cast.hang.user)


def test_a_session_attended_before_and_settled_after_the_move_counts(session_class):
    ticked(session_class)
    move_class(session_class)
    SessionUse.objects.exclude(run=session_class.run).delete()

    settled(session_class)

    assert met(session_class.lan) == {session_class.lessons["session"].pk}
    assert breaches() == []


def test_evidence_taken_back_after_the_move_opens_the_lesson_again(session_class):
    row = ticked(session_class)
    settled(session_class, at="15:45")
    move_class(session_class)
    assert met(session_class.lan)

    with clock.at(moment("18:00")):
        attendance.take_back(row, reason="Điểm danh hộ", by=session_class.cast.hang.user)

    assert met(session_class.lan) == set()
    assert breaches() == []


def test_evidence_taken_back_also_opens_a_lesson_that_the_newer_version_lacks(session_class):
    row = ticked(session_class)
    settled(session_class, at="15:45")
    session_class.course.lessons.filter(kind="session").update(is_open=False)
    live.lesson(session_class.course, "reading", periods="1")
    move_class(session_class)
    assert met(session_class.lan)

    with clock.at(moment("18:00")):
        attendance.take_back(row, reason="Điểm danh hộ", by=session_class.cast.hang.user)

    assert met(session_class.lan) == set()
    assert breaches() == []


# --- who stays, what is refused


def test_whoever_sits_a_test_stays_until_it_is_handed_in(cast):
    with clock.at(moment("08:00")):
        class_ = class_with_test(cast)
        row = attempts.start(class_.lan, lesson=class_.lessons["quiz"], by=cast.lan.user)
        to = next_version(class_.course)
        values = {"to": to, "by": cast.hang.user, "reason": REASON, "code": "DQ-01-K1-V2"}

        first = moves.move(class_.run, **values)
        attempts.submit(row, nonce=row.nonce)
        second = moves.move(class_.run, **values)

    assert [line.enrolment for line in first.stayed] == [class_.lan]
    assert "phải nộp bài" in first.stayed[0].stays
    assert [one.enrolment for one in second.moves] == [class_.lan]
    assert breaches() == []


def test_nobody_is_moved_out_of_their_last_attempt(cast):
    with clock.at(moment("08:00")):
        class_ = class_with_test(cast)
        for _ in range(2):
            tried(class_, right=0)
        to = next_version(class_.course, max_attempts=2)

        done = moves.move(class_.run, to=to, by=cast.hang.user, reason=REASON, code="DQ-01-K1-V2")

    assert [line.enrolment for line in done.stayed] == [class_.lan]
    assert [one.enrolment for one in done.moves] == [class_.minh]


def test_whoever_has_completed_the_newer_version_stays(reading):
    to = next_version(reading.course)
    target = live.run_of(to, "DQ-01-K2")
    done = live.enrolment(target, reading.cast.lan)
    Enrolment.objects.filter(pk=done.pk).update(
        state="completed", completed_at=clock.now(), completion={"v": 1}
    )

    moved = reading.move()

    assert [line.enrolment for line in moved.stayed] == [reading.lan]


def test_somebody_who_had_left_the_newer_class_comes_back_as_a_further_episode(reading):
    to = next_version(reading.course)
    target = live.run_of(to, "DQ-01-K2")
    earlier = live.enrolment(target, reading.cast.lan)
    Enrolment.objects.filter(pk=earlier.pk).update(state="withdrawn", withdrawn_at=clock.now())

    reading.move(target=target)

    reading.lan.refresh_from_db()
    assert (reading.lan.run, reading.lan.episode) == (target, 2)
    assert breaches() == []


def test_a_class_without_enough_seats_takes_nobody(reading):
    target = live.run_of(next_version(reading.course), "DQ-01-K2")
    Run.objects.filter(pk=target.pk).update(seats=1)
    target.refresh_from_db()

    with pytest.raises(MoveRefused, match="DQ-01-K2"):
        reading.move(target=target)

    assert Enrolment.objects.filter(run=reading.run).count() == 2
    assert not EnrolmentMove.objects.exists()
    assert breaches() == []


def test_a_move_needs_a_reason_in_words(reading):
    next_version(reading.course)

    with pytest.raises(MoveRefused):
        reading.move(reason="  x ")

    assert not EnrolmentMove.objects.exists()


def test_nobody_is_moved_to_a_version_that_was_replaced_meanwhile(reading):
    seen = next_version(reading.course)
    next_version(reading.course)

    with pytest.raises(MoveRefused):
        reading.move(to=seen)


def test_nobody_is_moved_back_or_into_another_course(reading, cast):
    other = live.release(live.course(cast.viet_duc, code="VD-01"))

    for to in (reading.run.release, other):
        with pytest.raises(MoveRefused):
            reading.move(to=to)

    assert not EnrolmentMove.objects.exists()


def test_a_class_that_is_only_written_over_is_found_by_the_verification(reading):
    """What a careless move would do: the class changes, nobody remembers what was met by the old version."""
    reading.course.lessons.filter(pk=reading.lessons[0].pk).update(is_open=False)
    target = live.run_of(next_version(reading.course), "DQ-01-K2")
    Enrolment.objects.filter(pk=reading.lan.pk).update(run=target)

    assert any("met without evidence" in text for text in breaches())


def test_a_move_that_led_back_or_took_a_lesson_away_is_found(reading):
    next_version(reading.course)
    reading.move()
    assert breaches() == []
    LessonProgress.objects.filter(enrolment=reading.lan, lesson=reading.lessons[0]).update(met_at=None)
    EnrolmentMove.objects.filter(enrolment=reading.minh).update(from_run=F("to_run"), to_run=F("from_run"))

    assert [text.partition(" ")[2].partition(" ")[2] for text in breaches()] == [
        "took lessons away that had been met",
        "does not lead to a newer version of the same course",
    ]


def test_the_fact_is_announced(reading):
    next_version(reading.course)
    told = []
    enrolment_moved.connect(lambda sender, move, **kw: told.append(move.enrolment_id), weak=False)

    reading.move()

    assert sorted(told) == sorted([reading.lan.pk, reading.minh.pk])


def test_with_the_person_the_record_of_the_move_is_erased(reading, cast):
    next_version(reading.course)
    reading.move()

    erase_person(cast.lan)

    assert [row.enrolment for row in EnrolmentMove.objects.all()] == [reading.minh]
    assert breaches() == []


def test_the_people_who_were_moved_are_merged_and_counted_once(reading, cast):
    """Two records of one nurse: one learnt here and was moved, the other never enrolled."""
    next_version(reading.course)
    reading.move()
    twin = make.person("Nguyễn Thị Lan", works_at=cast.bac_ha)

    merge_persons(cast.lan, into=twin, reason="Hai hồ sơ của một người", by=cast.phuc.user)

    assert EnrolmentMove.objects.count() == 2
    assert breaches() == []


# --- the screens


def url(run):
    return reverse("lms_courses_admin:newer", args=[run.pk])


def test_the_office_sees_the_effect_on_each_learner_and_that_is_noted(reading, cast):
    live.lesson(reading.course, "reading", periods="1", title_vi="Tenecteplase", title_en="Tenecteplase")
    next_version(reading.course)

    page = cast.client(cast.hang).get(url(reading.run))

    text = page.content.decode()
    assert "Nguyễn Thị Lan" in text
    assert "Tenecteplase" in text
    assert "2 / 3 → 2 / 4" in text
    assert AccessLog.objects.filter(user=cast.hang.user, person=cast.lan).exists()
    assert not EnrolmentMove.objects.exists()


def test_the_office_moves_the_ticked_and_the_others_stay(reading, cast):
    to = next_version(reading.course)

    answer = cast.client(cast.hang).post(
        url(reading.run),
        {
            "release": to.pk,
            "who": "ticked",
            "enrolment": [reading.minh.pk],
            "reason": REASON,
            "code": "K1-V2",
        },
    )

    assert answer.status_code == 302
    assert EnrolmentMove.objects.get().enrolment == reading.minh


@pytest.mark.parametrize(
    "values",
    [
        {"reason": ""},
        {"who": "ticked"},
        {"who": "nobody"},
        {"release": "x"},
        {"to": "999999"},
        {"code": ""},
        {"enrolment": "99999999999999999999999"},
    ],
)
def test_a_form_with_a_fault_is_shown_again_and_moves_nobody(reading, cast, values):
    to = next_version(reading.course)
    sent = {"release": to.pk, "who": "all", "reason": REASON, "code": "K1-V2", **values}
    if "enrolment" in values:
        sent["who"] = "ticked"

    answer = cast.client(cast.hang).post(url(reading.run), sent)

    assert answer.status_code == 422
    assert not EnrolmentMove.objects.exists()
    assert not Run.objects.exclude(pk=reading.run.pk).exists()


@pytest.mark.parametrize("who", ["ung", "trong", "dao", "thang"])
def test_whoever_does_not_open_classes_finds_nothing(reading, cast, who):
    to = next_version(reading.course)
    client = cast.client(getattr(cast, who))

    assert client.get(url(reading.run)).status_code == 404
    sent = {"release": to.pk, "who": "all", "reason": REASON, "code": "K1-V2"}
    assert client.post(url(reading.run), sent).status_code == 404
    assert not EnrolmentMove.objects.exists()


def test_a_class_of_the_version_in_force_has_nothing_to_move_to(reading, cast):
    client = cast.client(cast.hang)

    assert client.get(url(reading.run)).status_code == 200
    answer = client.post(
        url(reading.run), {"release": reading.run.release_id, "who": "all", "reason": REASON}
    )
    assert answer.status_code == 302
    assert not EnrolmentMove.objects.exists()


def test_the_learner_reads_on_the_course_page_what_happened_and_why(cast):
    page = courses.course_page(cast.bach_mai)
    run = courses.run(cast, page=page)
    lan = enrolments.enrol(run, person=cast.lan, by=cast.lan.user)
    courses.lesson_page(page, "Thuốc tiêu sợi huyết mới", "reading")
    courses.issued(cast, page)
    client = cast.client(cast.lan)
    assert REASON not in client.get(page.url).content.decode()

    moves.move(run, to=run.newer_release(), by=cast.hang.user, reason=REASON, code="K1-V2")

    text = client.get(page.url).content.decode()
    assert REASON in text
    assert "Thuốc tiêu sợi huyết mới" in text
    assert Enrolment.objects.get(pk=lan.pk).run.code == "K1-V2"
