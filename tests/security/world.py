"""Two hospitals with two of everything, each full of its own canaries; and who tries every door."""

from datetime import date
from functools import cached_property

from certificates.actions import check_list, freeze_batch, issue_for, seal
from certificates.models import Batch, BulkCheck, RuleSet
from content.models import Guideline
from courses.actions.attempts import start
from courses.actions.attendance import tick
from courses.actions.releases import submit_release
from courses.models import Attempt, Presence, Release
from lms.models import Job
from tests.cast import Cast
from tests.factories.programme import Programme, programme_a, programme_b

CANARY_A = "CHIMYENBACHMAI"
CANARY_B = "CHIMYENVIETDUC"

ROLES = {
    "an": "anonymous",
    "le": "learner of A at site 1, whose rows are asked for",
    "ot": "learner of B at site 2",
    "tA": "trainer of A",
    "tB": "trainer of B",
    "oA": "training office of A",
    "oB": "training office of B",
    "aA": "appraiser of A",
    "ob": "observer in the course of A",
    "c1": "coordinator of site 1",
    "c2": "coordinator of site 2",
    "sA": "signer of A",
    "sB": "signer of B",
    "ve": "verifier of the province",
    "of": "officer of the province",
    "su": "superuser",
}


class World:
    """Everything that addresses may name, all of it belonging to hospital A, site 1 or the learner Lan.

    Hospital B is the mirror image, so that whoever belongs there is the stranger here.
    """

    def __init__(self):
        """Build both hospitals and a completed learner in each."""
        self.cast = cast = Cast()
        self.users = {
            "le": cast.lan,
            "ot": cast.minh,
            "tA": cast.ung,
            "tB": cast.hoa,
            "oA": cast.hang,
            "oB": cast.trong,
            "aA": cast.thang,
            "ob": cast.xuan,
            "c1": cast.ha,
            "c2": cast.po,
            "sA": cast.dao,
            "sB": cast.son,
            "ve": cast.mo,
            "of": cast.sen,
            "su": cast.admin,
        }
        self.a = programme_a(cast, canary=CANARY_A)
        self.b = programme_b(cast, canary=CANARY_B)
        for programme in (self.a, self.b):
            assert programme.issuer
            assert programme.room
        self.certificate = self._certificate(self.a, cast.lan)
        self.certificate_b = self._certificate(self.b, cast.minh)
        # Lan learns a second course of A, with everything still open.
        self.open = programme_a(cast, canary=CANARY_A, code="DQ-02", title="Phục hồi chức năng sau đột quỵ")
        assert self.open.room
        self.enrolment = self.open.enrol(cast.lan)
        self.attempt = start(self.enrolment, lesson=self.open.lessons["pretest"], by=cast.lan.user)
        # Made now, because what a request makes is rolled back after it.
        self.made = [self.guideline, self.submitted, self.batch, self.checked, self.job, self.presence]

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
    def ruleset(self) -> RuleSet:
        """The credit rules in force."""
        return RuleSet.objects.get()

    @cached_property
    def batch(self) -> Batch:
        """Completions of A waiting for the signer."""
        done = self.a.complete(self.a.enrol(self.cast.my))
        return freeze_batch(self.a.run, by=self.cast.hang.user, enrolments=[done.pk])

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
    def presence(self) -> Presence:
        """Lan's tick in the room of the live session."""
        return tick(self.open.room, person=self.cast.lan, by=self.cast.ha.user)

    @cached_property
    def finished_attempt(self) -> Attempt:
        """Lan's passed post-test."""
        return Attempt.objects.get(enrolment__person=self.cast.lan, lesson=self.a.lessons["posttest"])

    def client(self, role: str):
        """A signed-in browser of *role*, second factor shown."""
        return self.cast.client(self.users.get(role))
