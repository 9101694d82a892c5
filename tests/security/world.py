"""Two hospitals with two of everything, each full of its own canaries; and who tries every door."""

import time
import uuid
from datetime import UTC, date, timedelta
from functools import cached_property

from django.conf import settings
from django.core.files.base import ContentFile
from django.test import Client
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.models import Site, Workflow

from certificates.actions import check_list, find_people, freeze_batch, issue_for, make_key, make_token, seal
from certificates.actions.register import take_checkpoint
from certificates.actions.templates import new_version, save_draft
from certificates.models import ApiToken, Batch, BulkCheck, PersonCheck, RuleSet, TemplateVersion
from content.actions import open_upload
from content.models import Guideline, Upload
from courses.actions import case_pictures, cases, sheets, skills, talk
from courses.actions.applications import apply_for, name_deputy
from courses.actions.appraisal import release_workflow
from courses.actions.attempts import start
from courses.actions.attendance import tick
from courses.actions.class_codes import make_code
from courses.actions.excuses import say
from courses.actions.judgements import propose_make_up
from courses.actions.making_up import add_recording
from courses.actions.packs import write_pack
from courses.actions.pathways import publish_pathway, save_pathway
from courses.actions.programme import add_material
from courses.actions.releases import attach_decision, submit_release
from courses.actions.reports import hand_in as hand_in_report
from courses.actions.reviews import reconsider
from courses.actions.runs import change_run, set_quota
from courses.actions.series import renew_feed
from courses.actions.session_roles import name_role
from courses.actions.sessions import end_session, schedule, use
from courses.actions.settling import settle
from courses.actions.staying import declare_outage
from courses.codes import poster_token
from courses.models import (
    Application,
    Attempt,
    CalendarFeed,
    Case,
    CasePicture,
    ClassCode,
    CompletionReview,
    Deputy,
    Enrolment,
    Excuse,
    LessonPage,
    MakeUp,
    MeetingReport,
    Observation,
    Pathway,
    Post,
    Presence,
    ProviderPage,
    Release,
    Run,
    RunQuota,
    SessionMaterial,
    SessionOutage,
    SessionPack,
    SessionRecording,
    SessionRole,
    SheetScan,
    SignInSheet,
)
from courses.page_permissions import grant_pages
from lms import clock
from lms.actions import ask, check_import, hand_in, merge_persons, provider_collection
from lms.messages import queue_message, stop_token
from lms.models import AccessLog, DataRequest, Job, Message, PeopleImport, Person, PersonMerge
from lms.paper_tables import as_pdf
from tests.cast import Cast
from tests.factories import archives, live
from tests.factories import content as stuff
from tests.factories.cast import person, province
from tests.factories.programme import Programme, programme_a, programme_b, ready_video
from website.accounts.middleware import SEEN

CANARY_A = "CHIMYENBACHMAI"
CANARY_B = "CHIMYENVIETDUC"
PIXEL = bytes.fromhex(
    "47494638396101000100800000ffffff00000021f90401000000002c00000000010001000002024401003b"
)

ROLES = {
    "an": "anonymous",
    "le": "learner of A at site 1, whose rows are asked for",
    "ot": "learner of B at site 2",
    "tA": "trainer of A",
    "tB": "trainer of B",
    "oA": "training office of A",
    "oB": "training office of B",
    "aA": "appraiser of A",
    "aB": "appraiser of B",
    "sA": "signer of A",
    "sB": "signer of B",
    "gA": "administrator of hospital A",
    "gB": "administrator of hospital B",
    "eA": "evaluator of A",
    "eB": "evaluator of B",
    "dA": "data protection officer of A",
    "dB": "data protection officer of B",
    "yA": "system administrator of A",
    "yB": "system administrator of B",
    "ob": "observer in the course of A",
    "c1": "coordinator of site 1",
    "c2": "coordinator of site 2",
    "u1": "head of a unit at site 1",
    "u2": "head of a unit at site 2",
    "ve": "verifier of the province",
    "of": "officer of the province",
    "su": "superuser",
}
"""Everybody of domain §3.9, each with a counterpart in the other hospital or at the other site."""

SIDES = {
    "a": {"le", "tA", "oA", "aA", "sA", "gA", "dA", "yA", "ob", "c1", "u1", "ve", "of", "su"},
    "b": {"ot", "tB", "oB", "aB", "sB", "gB", "dB", "yB", "c2", "u2", "ve", "of", "su"},
}
"""Who may ever be shown a secret of A, site 1 or Lan ("a"), of B, site 2 or Minh ("b"); evaluators read no names."""

INSIDERS = {
    "le",
    "tA",
    "tB",
    "oA",
    "oB",
    "aA",
    "aB",
    "sA",
    "sB",
    "gA",
    "gB",
    "c1",
    "c2",
    "u1",
    "u2",
    "of",
    "su",
}
"""Roles whose own screens are full of what others must not see: nothing found there would prove nothing."""


class World:
    """Everything that addresses may name, all of it belonging to hospital A, site 1 or the learner Lan.

    Hospital B is the mirror image, so that whoever belongs there is the stranger here.
    """

    def __init__(self):
        """Build both hospitals and a completed learner in each."""
        self._clients: dict[str, Client] = {}
        self.cast = cast = Cast()
        # Names and numbers that stand in no example, so that finding them proves a leak.
        for learner, name, phone in [
            (cast.lan, "Nguyễn Thị Tuyết Lan", "0977123451"),
            (cast.minh, "Trần Văn Quang Minh", "0977123452"),
        ]:
            learner.full_name, learner.phone = name, phone
            learner.save()
        self.users = {
            "le": cast.lan,
            "ot": cast.minh,
            "tA": cast.ung,
            "tB": cast.hoa,
            "oA": cast.hang,
            "oB": cast.trong,
            "aA": cast.thang,
            "aB": cast.viet,
            "sA": cast.dao,
            "sB": cast.son,
            "gA": cast.phuc,
            "gB": cast.tam,
            "eA": cast.nga,
            "eB": cast.khoi,
            "dA": cast.hien,
            "dB": cast.loc,
            "yA": cast.duc,
            "yB": cast.bao,
            "ob": cast.xuan,
            "c1": cast.ha,
            "c2": cast.po,
            "u1": cast.sau,
            "u2": cast.lu,
            "ve": cast.mo,
            "of": cast.sen,
            "su": cast.admin,
        }
        self.a = programme_a(cast, canary=CANARY_A)
        self.b = programme_b(cast, canary=CANARY_B)
        for programme in (self.a, self.b):
            assert programme.issuer
            assert programme.room
            grant_pages(programme.facility.pk)
            stuff.slides(programme.video)
        self.certificate = self._certificate(self.a, cast.lan)
        self.certificate_b = self._certificate(self.b, cast.minh)
        make_key("checkpoints")
        assert take_checkpoint()
        # Lan learns a second course of A, with everything still open.
        self.open = programme_a(cast, canary=CANARY_A, code="DQ-02", title="Phục hồi chức năng sau đột quỵ")
        assert self.open.room
        self.enrolment = self.open.enrol(cast.lan)
        self.attempt = start(self.enrolment, lesson=self.open.lessons["pretest"], by=cast.lan.user)
        # Everything now: what a request makes is rolled back after it, and no row shall rest on one before it.
        scan = ContentFile(b"\x89PNG\r\n\x1a\n", name="qd.png")
        self.made = [attach_decision(self.a.release, file=scan, by=cast.hang.user)]
        self.made += [archives.exported(self.a.course, by=cast.hang.user)]
        self.made += [
            getattr(self, name) for name, one in vars(World).items() if isinstance(one, cached_property)
        ]
        self.marks = {
            "a": self._marks(CANARY_A, cast.lan, self.certificate),
            "b": self._marks(CANARY_B, cast.minh, self.certificate_b),
        }

    def _certificate(self, programme: Programme, person):
        enrolment = programme.enrol(person)
        programme.complete(enrolment)
        return seal(issue_for(enrolment))

    @cached_property
    def guideline(self) -> Guideline:
        """A guideline that everybody cites."""
        return Guideline.objects.create(
            key="qd-5331",
            number="5331/QĐ-BYT",
            issued_on=date(2020, 12, 23),
            issuer="BYT",
            title="Đột quỵ não",
        )

    @cached_property
    def submitted(self) -> Release:
        """The next version of the first course, waiting for appraisal."""
        course = self.a.course
        course.min_attendance_pct = 90
        course.save(update_fields=["min_attendance_pct"])
        return submit_release(course, by=self.cast.ung.user)

    @cached_property
    def message(self) -> Message:
        """What Lan was told of her class, not read yet."""
        text = f"Bài hội chẩn {CANARY_A} đã có câu trả lời."
        return queue_message(self.cast.lan, event="enrolled", key="world:1", subject="Hỏi đáp", text=text)

    @cached_property
    def told(self) -> Message:
        """What everybody who signs in was told and has not read yet; the last of these messages."""
        people = Person.objects.filter(user__isnull=False).order_by("pk")
        word = {"subject": "Hỏi đáp", "text": "Bài hội chẩn đã có câu trả lời."}
        return [queue_message(one, event="enrolled", key=f"world:to:{one.pk}", **word) for one in people][-1]

    @cached_property
    def question(self) -> Post:
        """What Lan asked about a lesson of the open course."""
        text = f"Có nên chờ kết quả xét nghiệm {CANARY_A} không ạ?"
        lesson = self.open.lessons["pretest"]
        return talk.ask(self.enrolment, lesson=lesson, text=text, token=uuid.uuid4())

    @cached_property
    def reply(self) -> Post:
        """What the trainer of A answered."""
        text = f"Không nên chờ {CANARY_A}."
        return talk.answer(self.question, text=text, token=uuid.uuid4(), by=self.cast.ung.user)

    @cached_property
    def stop_token(self) -> str:
        """The link by which Lan stops reminders."""
        return stop_token(self.cast.lan, "reminder")

    @cached_property
    def approved_run(self) -> Run:
        """A class of A that needs approvals, of a course without pages."""
        course = live.course(self.a.facility, code="XD-01", title_vi="Khóa cần duyệt")
        live.lesson(course, "reading", periods="1")
        run = live.run(course, "XD-01.K1")
        return change_run(run, by=self.cast.hang.user, mode=Run.Mode.APPROVAL, seats=9)

    @cached_property
    def application(self) -> Application:
        """Lan's, which waits for the head of her unit."""
        assert self.cast.sau.user
        return apply_for(self.approved_run, person=self.cast.lan, by=self.cast.lan.user)

    @cached_property
    def code(self) -> ClassCode:
        """An invitation to that class."""
        return make_code(
            self.approved_run, by=self.cast.hang.user, expires_at=clock.now() + timedelta(days=9)
        )

    @cached_property
    def quota(self) -> RunQuota:
        """The seats of a province in that class."""
        return set_quota(self.approved_run, province=province(), seats=3, by=self.cast.hang.user)

    @cached_property
    def deputy(self) -> Deputy:
        """Somebody who will decide instead of the head of the unit, next week."""
        day = clock.today() + timedelta(days=7)
        return name_deputy(self.cast.sau.user, deputy=self.cast.lan.user, valid_from=day, valid_to=day)

    @cached_property
    def pathway(self) -> Pathway:
        """A pathway of A that is not published."""
        row = Pathway(facility=self.cast.bach_mai, title_vi="Lộ trình cấp cứu")
        return save_pathway(row, required=[self.a.course], electives=[])

    @cached_property
    def offered(self) -> Pathway:
        """A published pathway of A."""
        row = Pathway(facility=self.cast.bach_mai, title_vi="Lộ trình đột quỵ")
        return publish_pathway(save_pathway(row, required=[self.a.course], electives=[]))

    @cached_property
    def class_list(self) -> PeopleImport:
        """A list for a class that the coordinator of site 1 sent in, checked, with a row that is not taken."""
        file = ContentFile(f"Họ và tên,Ngày sinh\nNguyễn Thị {CANARY_A},01/01/1990\n".encode(), "lop.csv")
        site = self.cast.bac_ha
        subject, kind = str(self.open.run.pk), PeopleImport.Kind.CLASS
        return check_import(hand_in(site, file=file, kind=kind, by=self.cast.ha.user, subject=subject))

    @cached_property
    def make_up(self) -> MakeUp:
        """What Lan's trainer proposes to count instead of the session of her open class."""
        lesson = self.open.lessons["session"]
        return propose_make_up(self.enrolment, lesson=lesson, reason="Đã xem ghi hình", by=self.cast.ung.user)

    @cached_property
    def upload(self) -> Upload:
        """A recording that the trainer of A is sending."""
        return open_upload(self.a.facility, by=self.cast.ung.user, name="bai-giang.mp4", length=1000)

    @cached_property
    def sent_in(self) -> str:
        """A course that the office of A has sent in, checked."""
        data = archives.written(f"Khóa gửi đến {CANARY_A}")
        return archives.sent_in(self.a.facility, data, by=self.cast.hang.user)

    @cached_property
    def ruleset(self) -> RuleSet:
        """The credit rules in force."""
        return RuleSet.objects.get()

    @cached_property
    def drafted(self) -> Enrolment:
        """The completion of A that waits for the signer."""
        return self.a.complete(self.a.enrol(self.cast.my))

    @cached_property
    def batch(self) -> Batch:
        """Completions of A waiting for the signer."""
        return freeze_batch(self.a.run, by=self.cast.hang.user, enrolments=[self.drafted.pk])

    @cached_property
    def design(self) -> TemplateVersion:
        """A draft of what documents of A look like, made by its office; its closing line is a secret of A."""
        draft = new_version(self.a.issuer, kind="", by=self.cast.hang.user)
        return save_draft(draft, by=self.cast.hang.user, values={"closing": CANARY_A})

    @cached_property
    def review(self) -> CompletionReview:
        """A completion of A whose evidence is gone: the training office is to decide."""
        done = self.a.complete(self.a.enrol(self.cast.khanh))
        seen = Observation.objects.get(enrolment=done)
        skills.take_back(seen, reason="Chấm nhầm người", by=self.cast.hang.user)
        return reconsider(done)

    @property
    def observation(self) -> Observation:
        """What an observer of A has just seen of Lan in the class that she completed."""
        return Observation.objects.get(enrolment__run=self.a.run, enrolment__person=self.cast.lan)

    @cached_property
    def token(self) -> ApiToken:
        """A token with which the department's own system asks."""
        said = {"name": "Sở Y tế", "purpose": "kiểm tra", "scopes": ApiToken.Scope.values, "days": 30}
        return make_token(self.cast.mo.user, by=self.cast.admin.user, **said)[0]

    @cached_property
    def looked_up(self) -> PersonCheck:
        """The learner of A, looked up by the verifier."""
        lan = self.cast.lan
        return find_people(by=self.cast.mo.user, purpose="kiểm tra", name=lan.full_name, born=lan.birth_date)[
            0
        ]

    @cached_property
    def checked(self) -> BulkCheck:
        """A list that the verifier has checked."""
        return check_list(
            f"{self.certificate.code}\n", by=self.cast.mo.user, purpose="kiểm tra", title="Đợt 1"
        )

    @cached_property
    def job(self) -> Job:
        """Some job."""
        return Job.objects.first()

    @cached_property
    def twins(self) -> list[Person]:
        """Two records of somebody of A that may be one person."""
        return [self._somebody("Lý Seo Chúng") for _number in range(2)]

    @cached_property
    def merge(self) -> PersonMerge:
        """Two records of A that became one."""
        one, two = (self._somebody("Sùng A Páo") for _number in range(2))
        return merge_persons(one, into=two, by=self.cast.hang.user, reason="cùng người")

    def _somebody(self, full_name: str) -> Person:
        return person(full_name, works_at=self.a.facility, birth_date=date(1979, 5, 4))

    @cached_property
    def handed_in(self) -> PeopleImport:
        """A list that the office of A handed in, with a row that is not taken."""
        file = ContentFile(f"Họ và tên;Ngày sinh\n{CANARY_A};hôm qua\n".encode(), name="ds.csv")
        return check_import(hand_in(self.a.facility, file=file, by=self.cast.hang.user))

    @cached_property
    def request(self) -> DataRequest:
        """What Lan asks about her data."""
        return ask(self.cast.lan, kind="correct", details="Ngày sinh sai")

    @cached_property
    def request_a(self) -> DataRequest:
        """What somebody who works at hospital A asks."""
        return ask(self.cast.thang, kind="correct", details="Sai họ tên")

    @cached_property
    def presence(self) -> Presence:
        """Lan's tick in the room of the live session."""
        return tick(self.open.room, person=self.cast.lan, by=self.cast.ha.user)

    @cached_property
    def outage(self) -> SessionOutage:
        """The line of the room was cut for ten minutes of the live session."""
        since = self.open.session.starts_at + timedelta(minutes=10)
        until, reason = since + timedelta(minutes=10), "Mất điện"
        by, room = self.cast.hang.user, self.open.room
        return declare_outage(
            self.open.session, site=room, since=since, until=until, reason=reason, by=by, at_hub=True
        )

    @cached_property
    def recorded(self) -> SessionRecording:
        """A recording of a session of A that is settled; Lan's class learnt with it and may make up for it."""
        now, by = clock.now(), self.cast.hang.user
        hours = {"starts_at": now - timedelta(hours=5), "ends_at": now - timedelta(hours=4)}
        session = schedule(self.a.facility, title_vi="Buổi có bản ghi", makeup_days=14, **hours, by=by)
        use(session, run=self.open.run, lesson=self.open.lessons["session"])
        settle(session, by=by)
        video = ready_video(self.a.facility, title="Bản ghi", seconds=3600)
        return add_recording(session, video=video, begins_at=hours["starts_at"], by=by)

    @cached_property
    def material(self) -> SessionMaterial:
        """Something to read before the live session."""
        drawn = as_pdf([], author="A", title="Bài đọc trước", made="", made_at=clock.now())
        file, by = ContentFile(drawn, name="doc.pdf"), self.cast.hang.user
        return add_material(self.open.session, title="Bài đọc trước", file=file, shown="always", by=by)

    @cached_property
    def excuse(self) -> Excuse:
        """Lan's excuse for the live session, with a paper; it waits for the hub."""
        drawn = as_pdf([], author="A", title="Lịch trực", made="", made_at=clock.now())
        paper = ContentFile(drawn, name="truc.pdf")
        by, person = self.cast.lan.user, self.cast.lan
        return say(self.open.session, person=person, kind="duty", text="Trực cấp cứu", file=paper, by=by)

    @cached_property
    def printed(self) -> SignInSheet:
        """The paper list of the room of the live session, printed."""
        assert self.cast.lan
        return sheets.print_sheet(self.open.room, by=self.cast.ha.user)

    @cached_property
    def sheet_token(self) -> str:
        """What the QR code on its first page says."""
        return sheets.token_of(self.printed, 1)

    @cached_property
    def scan(self) -> SheetScan:
        """A photograph of that page whose QR code was not read."""
        file = ContentFile(archives.png(91), name="bang.png")
        [filed] = sheets.file_scans(file, room=self.printed.room, by=self.cast.ha.user)
        return filed.scan

    @cached_property
    def poster_token(self) -> str:
        """What the poster in the room of the live session says."""
        return poster_token(settings.SECRET_KEY, self.open.room.site_id)

    @cached_property
    def report(self) -> MeetingReport:
        """A report of the meeting, handed in by the hub's office: it names Lan."""
        begins = self.open.session.starts_at.astimezone(UTC)
        text = f"Nguyễn Thị Lan,,{begins:%Y-%m-%d %H:%M}Z,{begins + timedelta(hours=1):%Y-%m-%d %H:%M}Z\n"
        file = ContentFile(f"Name,User Email,Join Time,Leave Time\n{text}".encode(), name="zoom.csv")
        return hand_in_report(self.open.session, file=file, name="zoom.csv", by=self.cast.hang.user)

    @cached_property
    def session_role(self) -> SessionRole:
        """Lan presented a case in the live session."""
        by = self.cast.hang.user
        return name_role(self.open.session, person=self.cast.lan, role="presenter", by=by)

    def _case(self, complaint: str) -> Case:
        values = {
            "age_band": "old",
            "sex": "female",
            "complaint": complaint,
            "history": f"Yếu tay phải ba giờ, {CANARY_A}",
            "question": "Có chuyển tuyến ngay không?",
        }
        by = self.cast.ha.user
        return cases.submit(self.open.room, presenter=self.cast.lan, values=values, by=by)

    @cached_property
    def case(self) -> Case:
        """A case that site 1 has sent for the live session; Lan presents it."""
        return self._case("Yếu nửa người phải")

    @cached_property
    def case_picture(self) -> CasePicture:
        """A picture of it."""
        file = ContentFile(archives.png(90), name="ct.png")
        return case_pictures.add(self.case, file=file, by=self.cast.ha.user)

    @cached_property
    def concluded(self) -> Case:
        """Another one, on which the hub has concluded."""
        case = cases.accept(self._case("Đau ngực trái"), by=self.cast.ung.user)
        said = {"conclusion": "Nhồi máu não", "recommendation": "Chuyển tuyến", "referral": "refer"}
        return cases.conclude(case, **said, by=self.cast.ung.user)

    @cached_property
    def packed(self) -> SessionPack:
        """What the hub gave the sites after the session of A that is over, with slides."""
        now, by = clock.now(), self.cast.hang.user
        hours = {"starts_at": now - timedelta(hours=3), "ends_at": now - timedelta(hours=2)}
        session = schedule(self.a.facility, title_vi="Buổi đã xong", **hours, by=by)
        name_role(session, person=self.cast.lan, role="presenter", by=by)
        end_session(session, by=by)
        slides = as_pdf([], author="A", title="Bài trình chiếu", made="", made_at=now)
        file = ContentFile(slides, name="slides.pdf")
        return write_pack(session, key_points="Gọi sớm", slides=file, by=by)

    @cached_property
    def feed(self) -> CalendarFeed:
        """The secret address of Lan's calendar."""
        return renew_feed(self.cast.lan)

    @cached_property
    def finished_attempt(self) -> Attempt:
        """Lan's passed post-test."""
        return Attempt.objects.get(enrolment__person=self.cast.lan, lesson=self.a.lessons["posttest"])

    @staticmethod
    def _marks(canary: str, learner, certificate) -> tuple[str, ...]:
        """What must reach nobody of the other side: words in its drafts and tests, and who learns there."""
        born = f"{learner.birth_date:%d/%m/%Y}"
        return (
            canary,
            learner.full_name,
            learner.phone,
            learner.licences.get().number,
            born,
            str(certificate.uuid),
        )

    def has_recorded(self, role: str) -> bool:
        """Whether the access log says that *role* looked at Lan; nobody's look at oneself counts."""
        user = self.users[role].user if role in self.users else None
        return role in {"an", "le"} or AccessLog.objects.filter(user=user, person=self.cast.lan).exists()

    def side(self, text: str) -> str:
        """Whose secrets stand in *text*: "a", "b", "*" for both, "." for neither."""
        found = "".join(side for side, marks in self.marks.items() if any(mark in text for mark in marks))
        return {"": ".", "ab": "*"}.get(found, found)

    def strange(self, role: str, offered: list[str]) -> set[str]:
        """Which of the facilities *offered* in a form belong to the side on which *role* has no business."""
        cast = self.cast
        houses = {
            "a": {cast.bach_mai.name, cast.bac_ha.name},
            "b": {cast.viet_duc.name, cast.luc_yen.name},
        }
        words = {text.strip() for text in offered}
        return {name for side, names in houses.items() if role not in SIDES[side] for name in names & words}

    def _drafts(self, programme: Programme) -> LessonPage:
        page = LessonPage(title=f"Bản nháp {programme.canary}", slug="ban-nhap", live=False)
        page.locale = programme.page.locale
        programme.page.add_child(instance=page)
        page.save_revision(user=programme.author.user, log_action=True)
        return page

    @cached_property
    def draft(self) -> LessonPage:
        """A lesson of A that its trainer has not published."""
        self.draft_b = self._drafts(self.b)
        return self._drafts(self.a)

    @cached_property
    def house(self) -> ProviderPage:
        """The page of A, below which its courses stand."""
        return self.a.page.get_parent().specific

    @cached_property
    def workflow(self) -> Workflow:
        """Wagtail's own, which no hospital uses."""
        return Workflow.objects.exclude(pk=release_workflow().pk).get()

    @cached_property
    def group(self):
        """The role group of A's trainers."""
        return self.cast.ung.user.groups.get()

    @cached_property
    def site(self) -> Site:
        """The one site."""
        return Site.objects.get(is_default_site=True)

    def _file(self, model, programme: Programme, content, **values):
        return model.objects.create(
            title=f"Tệp {programme.canary}",
            file=content,
            collection=provider_collection(programme.facility),
            uploaded_by_user=programme.author.user,
            **values,
        )

    @cached_property
    def document(self):
        """A document in the private collection of A; B has one too."""
        self.document_b = self._file(
            get_document_model(), self.b, ContentFile(CANARY_B.encode(), "noi-bo-b.pdf")
        )
        return self._file(get_document_model(), self.a, ContentFile(CANARY_A.encode(), "noi-bo-a.pdf"))

    @cached_property
    def image(self):
        """A picture in the private collection of A; B has one too."""
        self.image_b = self._file(get_image_model(), self.b, ContentFile(PIXEL, "hinh-b.gif"))
        return self._file(get_image_model(), self.a, ContentFile(PIXEL, "hinh-a.gif"))

    def client(self, role: str):
        """A signed-in browser of *role*, second factor shown; the same one when asked again."""
        if role not in self._clients:
            client = self._clients[role] = self.cast.client(self.users.get(role))
            client.raise_request_exception = False
            if role in self.users:
                # Seen a moment ago: what a request notes is rolled back after it, and each would note it anew.
                session = client.session
                session[SEEN] = time.time()
                session.save()
        return self._clients[role]
