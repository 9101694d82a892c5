"""Two hospitals with two of everything, each full of its own canaries; and who tries every door."""

from functools import cached_property

from certificates.actions import issue_for
from courses.actions.attempts import start
from courses.models import Attempt
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

    def _certificate(self, programme: Programme, person):
        enrolment = programme.enrol(person)
        programme.complete(enrolment)
        return issue_for(enrolment)

    @cached_property
    def finished_attempt(self) -> Attempt:
        """Lan's passed post-test."""
        return Attempt.objects.get(enrolment__person=self.cast.lan, lesson=self.a.lessons["posttest"])

    def client(self, role: str):
        """A signed-in browser of *role*, second factor shown."""
        return self.cast.client(self.users.get(role))
