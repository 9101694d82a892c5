"""One whole course of a hospital, from its page to an open class, made as people make it."""

import datetime
import hashlib
import uuid
from dataclasses import dataclass, field
from functools import cached_property

from django.core.files.base import ContentFile
from wagtail.models import Locale, Page, Site

from certificates.models import Issuer, Rule, RuleSet
from content.actions import add_question, approve_question
from content.models import (
    Checklist,
    ChecklistItem,
    Quiz,
    QuizSlot,
    Rendition,
    Survey,
    SurveyQuestion,
    Video,
)
from courses.actions.attempts import save_answer, start, submit
from courses.actions.attendance import tick
from courses.actions.enrolments import enrol
from courses.actions.progress import mark_read, refresh
from courses.actions.releases import appraise, issue_release, submit_release
from courses.actions.runs import open_run
from courses.actions.sessions import join_site, open_session, schedule, use
from courses.actions.settling import settle
from courses.actions.skills import frozen_checklist, observe
from courses.actions.staff import assign
from courses.actions.surveys import asked, respond
from courses.actions.watching import beat, token_for
from courses.models import (
    CatalogPage,
    Course,
    CoursePage,
    CourseStaff,
    Enrolment,
    Lesson,
    LessonPage,
    ProviderPage,
    SessionSite,
)
from courses.promised import mark
from lms import clock, media
from lms.models import Facility, Person, TeleSite
from tests.factories.pages import synced_once
from tests.kept import kept
from website.models import HomePage

RIGHT = "b"
"""The option that is right in every question made here."""


def home() -> HomePage:
    """The Vietnamese front page, root of the site; the same one when asked again."""
    found = HomePage.objects.filter(locale__language_code="vi").first()
    if found:
        return found
    locale, _made = Locale.objects.get_or_create(language_code="vi")
    root = Page.objects.get(depth=1)
    page = root.add_child(instance=HomePage(title="Vươn Xa", slug="vuon-xa", locale=locale, lead="Vươn Xa"))
    page.save_revision().publish()
    site = Site.objects.filter(is_default_site=True).first() or Site(is_default_site=True)
    site.hostname, site.port, site.root_page, site.site_name = "localhost", 80, page, "Vươn Xa"
    site.save()
    Site.clear_site_root_paths_cache()
    return page


def catalog() -> CatalogPage:
    """The catalogue below the front page."""
    return CatalogPage.objects.first() or _publish(home(), CatalogPage(title="Khóa học", slug="khoa-hoc"))


def provider_page(facility: Facility) -> ProviderPage:
    """The page of a providing hospital."""
    found = ProviderPage.objects.filter(facility=facility).first()
    page = ProviderPage(title=facility.name, slug=f"co-so-{facility.pk}", facility=facility)
    return found or _publish(catalog(), page)


def _publish(parent: Page, page: Page) -> Page:
    page.locale = parent.locale
    parent.add_child(instance=page)
    page.save_revision().publish()
    return page


def question(facility: Facility, code: str, *, author, reviewer, canary="", tags=()):
    """A reviewed question whose right option is ``RIGHT``; *canary* marks key and explanation."""
    body = {
        "kind": "single",
        "stem": {
            "vi": f"Câu hỏi {code}: dấu hiệu nào cần gọi cấp cứu ngay? {canary}".strip(),
            "en": f"Question {code}?",
        },
        "options": [
            {"id": "a", "vi": "Chờ đến sáng mai", "en": "Wait until tomorrow"},
            {"id": "b", "vi": "Méo miệng, yếu tay, nói khó", "en": "Face, arm, speech"},
            {"id": "c", "vi": "Uống thuốc hạ áp tại nhà", "en": "Take a tablet at home"},
        ],
        "why": {"vi": f"Giải thích {canary or code}", "en": f"Explanation {canary or code}"},
    }
    made = add_question(facility, code=code, body=body, key=[RIGHT], tags=tags, by=author)
    return approve_question(made, version=made.latest.number, by=reviewer)


def quiz(facility: Facility, title: str, questions, **values) -> Quiz:
    """A test of fixed questions."""
    made = Quiz.objects.create(facility=facility, title_vi=title, title_en=f"{title} (en)", **values)
    for position, one in enumerate(questions):
        QuizSlot.objects.create(quiz=made, position=position, question=one)
    return made


def checklist(facility: Facility, *, canary="") -> Checklist:
    """A skill in three steps, one critical."""
    title = f"Rửa tay {canary}".strip()
    made = Checklist.objects.create(facility=facility, title_vi=title, title_en="Hand hygiene")
    steps = ["Tháo trang sức", "Chà đủ sáu bước", "Lau khô"]
    for position, text in enumerate(steps):
        ChecklistItem.objects.create(
            checklist=made, position=position, text_vi=text, text_en=text, is_critical=position == 1
        )
    return made


def survey(facility: Facility, *, canary="") -> Survey:
    """One scale and one optional comment, anonymous."""
    title = f"Khảo sát {canary}".strip()
    made = Survey.objects.create(facility=facility, title_vi=title, title_en="Survey")
    SurveyQuestion.objects.create(survey=made, position=0, text_vi="Khóa học có ích?", text_en="Useful?")
    SurveyQuestion.objects.create(
        survey=made, position=1, kind="text", text_vi="Góp ý", text_en="Comments", is_required=False
    )
    return made


def ready_video(facility: Facility, *, title="Nhận biết đột quỵ", seconds=50) -> Video:
    """A lecture that is ready to watch; its bytes are none that a player could show."""
    made = Video.objects.create(
        facility=facility,
        title=title,
        state=Video.State.READY,
        duration_ms=seconds * 1000,
        width=640,
        height=360,
    )
    forms = [("240p", "video/mp4"), ("360p", "video/mp4"), ("audio", "audio/mp4"), ("poster", "image/jpeg")]
    suffixes = {"video/mp4": ".mp4", "audio/mp4": ".m4a", "image/jpeg": ".jpg"}
    for kind, content_type in forms:
        # A real poster weighs 12 kB at most.
        data = f"{made.uuid} {kind} ".encode() * (200 if kind == "poster" else 5000)
        name, size, sha256 = media.save(
            f"video/{made.uuid}/1/{kind}{suffixes[content_type]}", ContentFile(data)
        )
        assert sha256 == hashlib.sha256(data).hexdigest()
        form = Rendition.objects.create(
            video=made, version=1, kind=kind, name=name, size=size, sha256=sha256, content_type=content_type
        )
        if kind == "240p":
            pieces = [(0, 0, 100), (seconds, 100, size - 100)]
            parts = [(0, 30, 100), (30, seconds - 30, 200)]
            Rendition.objects.filter(pk=form.pk).update(
                pieces=pieces, pieces_name=name, pieces_size=size, parts=parts, parts_size=300
            )
            for number, (_start, _seconds, weight) in enumerate(parts, start=1):
                media.save(form.part_name(number), ContentFile(data[:weight]))
    return made


@dataclass
class Programme:
    """A course of *facility* with one lesson of each kind, issued, with an open class and a session.

    ``canary`` is a word that stands in everything of this hospital which others must not see;
    ``without`` names the lessons that are left out.
    """

    cast: object
    facility: Facility
    author: Person
    office: Person
    appraiser: Person
    observer: Person
    site: TeleSite
    coordinator: Person
    code: str = "DQ-01"
    title: str = "Xử trí đột quỵ não cấp"
    canary: str = ""
    seats: int | None = None
    video: Video | None = None
    without: tuple[str, ...] = ()
    lessons: dict[str, Lesson] = field(default_factory=dict)

    def __post_init__(self):
        """Build everything, page by page."""
        self.video = self.video or ready_video(
            self.facility, title=f"Bài giảng {self.code} {self.canary}".strip()
        )
        self.page = _publish(
            provider_page(self.facility),
            CoursePage(title=self.title, slug=self.code.lower(), summary="Nhận biết sớm, chuyển đúng nơi."),
        )
        keys = {}
        with synced_once(self.page.translation_key):
            for name, values in self._lesson_pages():
                if name not in self.without:
                    keys[name] = _publish(self.page, LessonPage(slug=name, **values)).translation_key
        self.lessons |= {name: Lesson.objects.get(key=key) for name, key in keys.items()}
        for name, periods in {"reading": 1, "video": 2, "session": 2, "checklist": 1}.items():
            self._set(name, periods=periods)
        for name in ("pretest", "posttest"):
            self._set(name, purpose=name)
        Course.objects.filter(key=self.page.translation_key).update(
            code=self.code,
            form="blended",
            attendance_check="Mã điểm danh và danh sách của điểm cầu",
            require_checklist=True,
        )
        self.course = Course.objects.get(key=self.page.translation_key)
        assign(self.course, self.author, role=CourseStaff.Role.TRAINER, by=self.office.user)
        assign(self.course, self.observer, role=CourseStaff.Role.OBSERVER, by=self.office.user)

    def _set(self, name: str, **values) -> None:
        if name not in self.without:
            Lesson.objects.filter(pk=self.lessons[name].pk).update(**values)

    def _lesson_pages(self):
        people = {"author": self.author.user, "reviewer": self.appraiser.user, "canary": self.canary}
        self.questions = [question(self.facility, f"{self.code}-{n}", **people) for n in range(1, 6)]
        mark = f"{self.code} {self.canary}".strip()
        self.pretest = quiz(self.facility, f"Kiểm tra đầu vào {mark}", self.questions[:2])
        self.posttest = quiz(self.facility, f"Kiểm tra cuối khóa {mark}", self.questions, time_limit_s=1200)
        self.checklist = checklist(self.facility, canary=self.canary)
        self.survey = survey(self.facility, canary=self.canary)
        yield "pretest", {"title": "Kiểm tra đầu vào", "activity": "quiz", "quiz": self.pretest}
        yield "reading", {"title": "Đọc trước", "activity": "reading"}
        yield "video", {"title": "Bài giảng", "activity": "video", "video": self.video}
        yield "session", {"title": "Hội chẩn trực tuyến", "activity": "session"}
        yield "checklist", {"title": "Rửa tay", "activity": "checklist", "checklist": self.checklist}
        yield "posttest", {"title": "Kiểm tra cuối khóa", "activity": "quiz", "quiz": self.posttest}
        yield "survey", {"title": "Khảo sát", "activity": "survey", "survey": self.survey}

    @cached_property
    def release(self):
        """The release in force, appraised by a second person."""
        return kept(("release", self.code), self._issue, self.cast, self)

    def _issue(self):
        release = submit_release(self.course, by=self.author.user)
        release = appraise(release, by=self.appraiser.user)
        return issue_release(
            release,
            by=self.office.user,
            decision_number=f"{self.course.pk}/QĐ-{self.facility.abbreviation}",
            decision_date=datetime.date(2026, 9, 1),
            decision_signatory="Giám đốc",
        )

    @cached_property
    def run(self):
        """A class anybody may join."""
        return kept(("run", self.code), self._open, self.cast, self)

    def _open(self):
        return open_run(self.release, code=f"{self.code}-2026A", by=self.office.user, seats=self.seats)

    @cached_property
    def session(self):
        """A live session of one hour that began ten minutes ago, used by the class."""
        now = clock.now()
        session = schedule(
            self.facility,
            title_vi=f"Hội chẩn {self.code}",
            join_url=f"https://meet.example.vn/{self.canary or self.code}",
            starts_at=now - datetime.timedelta(minutes=10),
            ends_at=now + datetime.timedelta(minutes=50),
            by=self.office.user,
        )
        use(session, run=self.run, lesson=self.lessons["session"])
        open_session(session, by=self.office.user)
        return session

    @cached_property
    def room(self):
        """The room of its site in the session."""
        return join_site(self.session, site=self.site, expected=3)

    @cached_property
    def issuer(self) -> Issuer:
        """The hospital as an issuer of certificates, with the credit rule its courses name."""
        rules, _made = RuleSet.objects.get_or_create(
            code="tt32-2023",
            defaults={
                "name": "Phụ lục V",
                "legal_basis": "Thông tư 32/2023/TT-BYT",
                "effective_from": datetime.date(2024, 1, 1),
            },
        )
        Rule.objects.get_or_create(
            ruleset=rules, code=self.course.rule_code, defaults={"mode": "per_period", "value": 1}
        )
        return Issuer.objects.create(
            facility=self.facility,
            abbreviation=self.facility.abbreviation,
            governing_body="BỘ Y TẾ",
            signatory_name="Nguyễn Quang Đạo",
            issues_automatically=True,
        )

    def enrol(self, person: Person) -> Enrolment:
        """Let *person* enrol by their own login, or by the office's where they have none."""
        return enrol(self.run, person=person, by=person.user or self.office.user)

    def complete(self, enrolment: Enrolment) -> Enrolment:
        """Let the learner do everything that the rules ask, through the actions."""
        return self.complete_all([enrolment])[0]

    def complete_all(self, enrolments: list[Enrolment]) -> list[Enrolment]:
        """The same for several, who sat in one session that ended a quarter of an hour ago."""
        self._attend(enrolments)
        for enrolment in enrolments:
            self._pass(enrolment)
            self.answer_survey(enrolment)
            enrolment.refresh_from_db()
        return enrolments

    def do_all_but_the_survey(self, enrolment: Enrolment) -> None:
        """Let the learner do everything that the rules ask but answer the survey."""
        self._attend([enrolment])
        self._pass(enrolment)

    def answer_survey(self, enrolment: Enrolment) -> None:
        """Let the learner answer what must be answered, with the best mark."""
        form = asked(enrolment, self.lessons["survey"])
        answers = {one["id"]: 5 for one in form["questions"] if one["required"]}
        respond(enrolment, lesson=self.lessons["survey"], answers=answers, shown=mark(form))
        refresh(enrolment)

    def _attend(self, enrolments: list[Enrolment]) -> None:
        room = self.held_session()
        for enrolment in enrolments:
            mark_read(enrolment, lesson=self.lessons["reading"])
            self.watch(enrolment)
            with clock.at(room.session.starts_at + datetime.timedelta(minutes=5)):
                tick(room, person=enrolment.person, by=self.coordinator.user)
        settle(room.session, by=self.office.user)

    def held_session(self) -> SessionSite:
        """The room of a session that ended a quarter of an hour ago."""
        now = clock.now()
        session = schedule(
            self.facility,
            title_vi=f"Hội chẩn đã diễn ra {self.code}",
            starts_at=now - datetime.timedelta(minutes=75),
            ends_at=now - datetime.timedelta(minutes=15),
            by=self.office.user,
        )
        use(session, run=self.run, lesson=self.lessons["session"])
        return join_site(session, site=self.site)

    def watch(self, enrolment: Enrolment) -> None:
        """Report the whole lecture as played, as long ago as it lasts."""
        item = next(i for i in self.release.outline if i["kind"] == "video")
        with clock.at(clock.now() - datetime.timedelta(seconds=self.video.seconds)):
            token = token_for(enrolment, item)
        beat(token, ranges=[[0, self.video.seconds]], position=self.video.seconds)

    def observe(self, enrolment: Enrolment) -> None:
        """Let the observer find every step of the skill done."""
        steps = frozen_checklist(enrolment, self.lessons["checklist"])["items"]
        observe(
            enrolment,
            lesson=self.lessons["checklist"],
            ratings={step["id"]: True for step in steps},
            by=self.observer.user,
            client_id=uuid.uuid4(),
        )

    def _pass(self, enrolment: Enrolment) -> None:
        by = enrolment.person.user or self.office.user
        self.observe(enrolment)
        attempt = start(enrolment, lesson=self.lessons["posttest"], by=by)
        for slot in attempt.frozen:
            save_answer(attempt, slot=slot["slot"], value=slot["key"])
        submit(attempt, nonce=attempt.nonce)


def programme_a(cast, **values) -> Programme:
    """The course of Bạch Mai."""

    def build() -> Programme:
        people = {"author": cast.ung, "office": cast.hang, "appraiser": cast.thang, "observer": cast.xuan}
        people |= {"site": cast.site_bac_ha, "coordinator": cast.ha}
        return Programme(cast, cast.bach_mai, **{**people, **values})

    return _kept(cast, "programme_a", values, build)


def programme_b(cast, **values) -> Programme:
    """The course of Việt Đức."""
    values = {"code": "CC-01", "title": "Cấp cứu chấn thương", **values}

    def build() -> Programme:
        people = {"author": cast.hoa, "office": cast.trong, "appraiser": cast.viet, "observer": cast.po}
        people |= {"site": cast.site_luc_yen, "coordinator": cast.po}
        return Programme(cast, cast.viet_duc, **{**people, **values})

    return _kept(cast, "programme_b", values, build)


def _kept(cast, name: str, values: dict, build) -> Programme:
    if any(not isinstance(one, (str, int, tuple)) for one in values.values()):
        return build()
    return kept((name, *sorted(values.items())), build, cast)
