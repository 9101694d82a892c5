"""Words planted in what must not leak, looked for in everything that anybody is shown."""

import re
from collections import Counter
from urllib.parse import urlsplit

import pytest
from django.db import transaction
from django.urls import Resolver404, resolve, reverse

from courses.models import LessonPage
from tests.security.doors import links, text_of
from tests.security.world import CANARY_A, INSIDERS, ROLES, SIDES

pytestmark = pytest.mark.slow

STARTS = ("/", "/khoa-hoc/", "/khoa-hoc/?q=CHIMYEN", "/sitemap.xml", "/me/", "/admin/", "/admin/pages/")
NEVER = re.compile(r"logout|/static/|/i18n/|/language/")
EACH = 2
"""How many addresses of one view are followed for one role: a third row of a list tells nothing new."""


def crawled(world, role: str, starts, known):
    """Yield (address, sides whose secrets it shows) of all that *role* reaches from *starts*, link by link.

    *known* are the answers that this role got already, by address: the same is not asked twice.
    """
    client, waiting, seen = world.client(role), list(starts), set(starts)
    visits: Counter[str] = Counter()
    while waiting:
        address = waiting.pop(0)
        if answer := known.get(address):
            sides, named = {"*": {"a", "b"}, ".": set()}.get(answer.letter, {answer.letter}), answer.links
        else:
            with transaction.atomic():
                response = client.get(address)
                text, named = text_of(response), links(response, address)
                transaction.set_rollback(True)
            sides = {side for side, marks in world.marks.items() if any(mark in text for mark in marks)}
        yield address, sides
        for link in named:
            path = urlsplit(link).path
            if link in seen or NEVER.search(link) or urlsplit(link).netloc:
                continue
            seen.add(link)
            try:
                found = resolve(path)
            except Resolver404:
                continue
            # Wagtail serves all pages by one view, told apart by their depth.
            view = f"{found.view_name} {path.count('/') if found.url_name == 'wagtail_serve' else ''}"
            visits[view] += 1
            if visits[view] <= EACH:
                waiting.append(link)


@pytest.mark.parametrize("role", ROLES)
def test_whoever_follows_every_link_reads_nothing_of_the_other_hospital(world, shown, role):
    pages = [page.get_url() for page in LessonPage.objects.all()]
    allowed = {side for side, insiders in SIDES.items() if role in insiders}
    seen, secrets = 0, set()

    for address, found in crawled(world, role, [*STARTS, *filter(None, pages)], shown[role]):
        assert found <= allowed, f"{role} reads a secret of {found - allowed} at {address}"
        seen += 1
        secrets |= found

    assert seen > len(STARTS)
    if role in INSIDERS:
        assert secrets, f"{role} was shown nothing: the crawl proves nothing"


def test_a_learner_sees_no_answer_key_before_the_result(world):
    # The keys of the open attempt are option ids made for it alone: their order must not tell.
    secret = f"Giải thích {CANARY_A}"
    client = world.client("le")
    for page in LessonPage.objects.filter(slug__in=["pretest", "posttest"]):
        course = page.get_parent().specific
        if course.record == world.open.course:
            text = client.get(page.get_url(), follow=True).text
            assert secret not in text
            assert '"key"' not in text
            assert "data-right" not in text


def test_the_public_check_shows_no_more_than_it_must(world, client):
    lan = world.cast.lan
    address = reverse("lms_certificates_public:verify", kwargs={"text": world.certificate.code})
    text = client.get(address).text

    assert world.certificate.number in text
    for secret in (lan.full_name, lan.phone, lan.licences.get().number, f"{lan.birth_date:%d/%m/%Y}"):
        assert secret not in text
