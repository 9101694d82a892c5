"""Words planted in what must not leak, looked for in everything that anybody is shown."""

import html
import re
from collections import Counter
from urllib.parse import urljoin, urlsplit

import pytest
from django.db import transaction
from django.urls import Resolver404, resolve, reverse

from courses.models import LessonPage
from tests.security.doors import text_of
from tests.security.world import CANARY_A, INSIDERS, ROLES, SIDES

pytestmark = pytest.mark.slow

STARTS = ("/", "/khoa-hoc/", "/khoa-hoc/?q=CHIMYEN", "/sitemap.xml", "/me/", "/admin/", "/admin/pages/")
LINK = re.compile(r'(?:href|src|data-url|data-href|action)="([^"#]+)|"url": "(/[^"#]+)')
"""What a page names, and what the menu of the workplace is drawn from."""
NEVER = re.compile(r"logout|/static/|/i18n/|/language/")
EACH = 2
"""How many addresses of one view are followed for one role: a third row of a list tells nothing new."""


def links(response, address: str) -> list[str]:
    """The addresses of this site that *response* names."""
    if not response.headers.get("Content-Type", "").startswith("text/html"):
        return []
    found = (
        urlsplit(urljoin(address, html.unescape(link))) for link in map("".join, LINK.findall(response.text))
    )
    return [
        f"{one.path}?{one.query}" if one.query else one.path
        for one in found
        if one.scheme in {"", "http"} and one.netloc in {"", "testserver", "localhost"}
    ]


def crawled(world, role: str, starts):
    """Yield (address, text) of everything that *role* reaches from *starts*, link by link."""
    client, waiting, known = world.client(role), list(starts), set(starts)
    visits: Counter[str] = Counter()
    while waiting:
        address = waiting.pop(0)
        with transaction.atomic():
            response = client.get(address)
            yield address, text_of(response)
            transaction.set_rollback(True)
        for link in [*links(response, address), *filter(None, [response.headers.get("Location")])]:
            path = urlsplit(link).path
            if link in known or NEVER.search(link) or urlsplit(link).netloc:
                continue
            known.add(link)
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
def test_whoever_follows_every_link_reads_nothing_of_the_other_hospital(world, role):
    pages = [page.get_url() for page in LessonPage.objects.all()]
    allowed = {side for side, insiders in SIDES.items() if role in insiders}
    seen, secrets = 0, set()

    for address, text in crawled(world, role, [*STARTS, *filter(None, pages)]):
        found = {side for side, marks in world.marks.items() if any(mark in text for mark in marks)}
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
