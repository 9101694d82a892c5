"""Words planted in what must not leak, looked for in everything that anybody is shown."""

import pytest
from django.urls import reverse

from courses.models import LessonPage
from tests.security.doors import arguments
from tests.security.matrix import MATRIX
from tests.security.world import CANARY_A, CANARY_B, ROLES

pytestmark = pytest.mark.slow

OF_A = {"tA", "oA", "aA", "sA", "su"}
OF_B = {"tB", "oB", "sB", "su"}


def everything_shown(world, clients, role):
    """Yield (address, text) of every address of the matrix and of every public page, as *role*."""
    client = clients.setdefault(role, world.client(role))
    position = list(ROLES).index(role)
    addresses = [
        reverse(name, kwargs=arguments(world, row.arguments))
        for name, row in MATRIX.items()
        if row.get[position] == "."
    ]
    addresses += ["/", "/khoa-hoc/", "/khoa-hoc/?q=CHIMYEN", "/sitemap.xml"]
    addresses += [page.get_url() for page in LessonPage.objects.all()]
    for address in addresses:
        response = client.get(address, follow=True)
        body = b"".join(response.streaming_content) if response.streaming else response.content
        yield address, body.decode(errors="replace")


def test_the_secrets_of_one_hospital_are_shown_to_nobody_of_the_other(world, clients):
    for role in ROLES:
        for address, text in everything_shown(world, clients, role):
            if role not in OF_B | {"ot", "c2"}:
                assert CANARY_B not in text, f"{role} reads B's canary at {address}"
            if role not in OF_A | {"le", "ob", "c1"}:
                assert CANARY_A not in text, f"{role} reads A's canary at {address}"


def test_a_learner_sees_no_answer_key_before_the_result(world, clients):
    # The keys of the open attempt are option ids made for it alone: their order must not tell.
    secret = f"Giải thích {CANARY_A}"
    client = clients.setdefault("le", world.client("le"))
    for page in LessonPage.objects.filter(slug__in=["pretest", "posttest"]):
        course = page.get_parent().specific
        if course.record == world.open.course:
            text = client.get(page.get_url(), follow=True).text
            assert secret not in text
            assert '"key"' not in text
            assert "data-right" not in text


def test_phone_licence_and_birth_date_are_shown_only_where_they_are_needed(world, clients):
    lan = world.cast.lan
    secrets = {lan.phone, lan.licences.get().number, f"{lan.birth_date:%d/%m/%Y}"}
    for role in ("an", "ot", "tB", "oB", "c2", "sB"):
        for address, text in everything_shown(world, clients, role):
            assert not [s for s in secrets if s in text], f"{role} reads Lan's data at {address}"


def test_the_public_check_shows_no_more_than_it_must(world, client):
    lan = world.cast.lan
    address = reverse("lms_certificates_public:verify", kwargs={"text": world.certificate.code})
    text = client.get(address).text

    assert world.certificate.number in text
    for secret in (lan.full_name, lan.phone, lan.licences.get().number, f"{lan.birth_date:%d/%m/%Y}"):
        assert secret not in text
