"""``make bench``: one JSON object a line, each figure beside its reference.

Pages: CPU milliseconds of the process per request, through the real WSGI handler with all
middleware, against a bare Wagtail page (a title and twenty children) under the same middleware but ``known_site``,
measured in turns. Pages for the signed-in are compared with the bare page asked for by the same
session. ``my_page_full``: of a learner with several courses, sessions, certificates, deadlines and messages. Rates: requests a second, one after the other, against a bare view with one SELECT and
one UPDATE. ``certificate`` and ``signed certificate``: PDFs
a second of one core, each with a QR code of its own, against deflate + SHA-256 (+ signature) of the same bytes.
``editor_60_…``: queries of a trainer's screens with sixty lessons, against the 40 allowed.
``transcode``: seconds of a lecture per CPU second, form by form, and what an hour of each weighs.
``name_matching``: milliseconds a row of a meeting's report against the register, how many rows it settles, and
how many wrongly (none may be).
``verify_page_rate`` and ``verify_api``: requests a second for one certificate. ``desk_list``: rows a second of a list of
10,000 at the verifier's desk, against reading its cells. ``bulk_issue``: certificates a second of one approved batch, with
the database, against bare rows of the same bytes. ``register_check_100000``: seconds of the council's program for
an export of 100,000 entries, against hashing them.
``people_import``: rows a second of a list that is checked and written, against reading its cells alone.
"""

import hashlib
import io
import json
import os
import time
import zlib

from benchmarks.figures import say, tell


def main() -> None:
    """Set up, measure, print."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "benchmarks.settings")
    import django

    django.setup()
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from benchmarks import stage
    from benchmarks.imports import people_import
    from benchmarks.lectures import transcode_speed
    from benchmarks.live import matching
    from benchmarks.measure import Request, Server
    from benchmarks.paint import first_paint
    from benchmarks.register import bulk, issue_many, register_check, verification
    from benchmarks.scenes import LEARNER, session_of

    began = time.perf_counter()
    stage.prepare(say)
    say("A crowd enrols …")
    crowd = stage.Crowd()
    server = Server()
    _enrolment, someone = crowd.learners[0]
    attempts = crowd.attempts()
    bare_path = stage.bare_page().get_url()
    bare, bare_known = Request(bare_path), Request(bare_path, someone)
    full = session_of(LEARNER)
    pages = {
        "home": (Request("/"), bare),
        "catalogue": (Request(catalogue()), bare),
        "course_page": (Request(crowd.course_path()), bare),
        "lesson_page": (Request(crowd.lesson_path(), someone), bare_known),
        "quiz_page": (Request(f"/learn/tests/{attempts[0][0].pk}/", someone), bare_known),
        "my_page": (Request("/me/", someone), bare_known),
        "my_page_full": (Request("/me/", full), Request(bare_path, full)),
        "verify_page": (Request(certificate_path()), bare),
    }
    say("Pages …")
    for name, (page, reference) in pages.items():
        own, other = server.cpu_pair(page, reference)
        tell(name, own, "ms CPU", other)
    for name, (page, reference) in pages.items():
        counts = []
        for request in (page, reference):
            with CaptureQueriesContext(connection) as captured:
                server.check(request)
            counts.append(len(captured))
        tell(f"{name}_queries", counts[0], "queries", counts[1])
    for name in pages:
        page = pages[name][0]
        size, requests = server.first_load(Request(page.path, page.session))
        tell(f"{name}_first_load", size, "bytes", 60_000)
        tell(f"{name}_requests", requests, "requests", None)
    say("Rates …")
    bare_view = Request("/bench-view/", method="POST")
    beats = [Request("/learn/watched/", method="POST", body=body) for body in crowd.beats(560)]
    # The first report of each opens an account; the figure is of those after it.
    for first in beats[: len(crowd.learners)]:
        server.check(first)
    del beats[: len(crowd.learners)]
    answers = [
        Request(f"/learn/tests/{attempt.pk}/answers/", key, "POST", answer(attempt, seq))
        for seq in range(1, 9)
        for attempt, key in attempts
    ]
    for name, requests in {"heartbeat": beats, "quiz_answer": answers}.items():
        own, other = server.rate_pair(requests, bare_view)
        tell(name, own, "requests/s", other)
    heartbeats(server, crowd, bare_view, tell)
    # Codes run out, so this one is read when the others are done.
    code = f"code={crowd.code()}".encode()
    form = "application/x-www-form-urlencoded"
    check_ins = [Request(crowd.check_in_path(), key, "POST", code, form) for _e, key in crowd.learners]
    own, other = server.rate_pair(check_ins, bare_view)
    tell("check_in", own, "requests/s", other)
    first_paint(tell, {name: pages[name][0] for name in ("lesson_page", "my_page")}, bare_known)
    catalogue_2000(server, tell)
    editor_60(server, tell)
    certificates(tell)
    verification(server, tell, certificate_path(), bare_view)
    bulk(tell)
    issue_many(tell)
    register_check(tell)
    people_import(tell)
    matching(tell)
    transcode_speed(tell)
    say(f"{connection.vendor}, {time.perf_counter() - began:.0f} s")


def heartbeats(server, crowd, bare_view, tell) -> None:
    """CPU of one report of a playing lecture, against the millisecond that it may cost, and its queries."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from benchmarks.measure import Request

    beat = Request("/learn/watched/", method="POST", bodies=iter(crowd.beats(480)))
    tell("heartbeat_cpu", server.cpu_pair(beat, bare_view)[0], "ms CPU", 1.0)
    with CaptureQueriesContext(connection) as captured:
        server.check(beat)
    # SQLite writes the two tables in two statements of one transaction.
    asked = [one for one in captured if one["sql"].split()[0] not in {"BEGIN", "COMMIT"}]
    tell("heartbeat_queries", len(asked), "queries", 2 if connection.vendor == "postgresql" else 3)


def catalogue() -> str:
    """The path of the catalogue."""
    from courses.models import CatalogPage

    return CatalogPage.objects.filter(live=True).order_by("pk").first().get_url()


def catalogue_2000(server, tell) -> None:
    """CPU and queries of the list with 2,000 courses, and of the same list with 20 a moment before."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from benchmarks.many import add_courses
    from benchmarks.measure import Request
    from courses.models import Course, ProviderPage

    under = ProviderPage.objects.filter(live=True).order_by("pk").first()
    page, taken, queries = Request(catalogue()), [], []
    for count in (20, 2000):
        add_courses(max(0, count - Course.objects.filter(is_open=True).count()), under=under)
        taken.append(server.cpu(page))
        with CaptureQueriesContext(connection) as captured:
            server.check(page)
        queries.append(len(captured))
    tell("catalogue_2000", taken[1], "ms CPU", taken[0])
    tell("catalogue_2000_queries", queries[1], "queries", queries[0])


def editor_60(server, tell) -> None:
    """Queries of the screens in which a trainer keeps a course of sixty lessons; at most 40 are allowed."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext
    from django.urls import reverse

    from benchmarks.many import add_long_course
    from benchmarks.measure import Request
    from benchmarks.scenes import TRAINER, session_of
    from courses.models import Course, ProviderPage

    hospital = ProviderPage.objects.filter(facility__abbreviation="BVBM", locale__language_code="vi").first()
    page = add_long_course(60, under=hospital)
    course, trainer = Course.objects.get(key=page.translation_key), session_of(TRAINER)
    screens = {
        "explorer": reverse("wagtailadmin_explore", args=[page.pk]),
        "course": reverse("wagtailadmin_pages:edit", args=[page.pk]),
        "lesson": reverse("wagtailadmin_pages:edit", args=[page.get_first_child().pk]),
        "workbench": reverse("lms_courses_admin:course", args=[course.pk]),
    }
    for name, path in screens.items():
        screen = Request(path, trainer)
        server.check(screen)
        with CaptureQueriesContext(connection) as captured:
            server.check(screen)
        asked = [one for one in captured if one["sql"].split()[0] not in {"BEGIN", "COMMIT"}]
        tell(f"editor_60_{name}_queries", len(asked), "queries", 40)


def certificate_path() -> str:
    """The public page of a valid certificate."""
    from certificates.models import Certificate

    return f"/V/{Certificate.objects.filter(state='issued').order_by('pk').first().code}"


def answer(attempt, seq: int) -> bytes:
    """The body of an answer to one question of *attempt*."""
    item = attempt.frozen[seq % len(attempt.frozen)]
    return json.dumps({"slot": item["slot"], "value": [item["options"][0]["id"]], "seq": seq}).encode()


def certificates(tell) -> None:
    """PDFs a second, and the same bytes compressed and hashed."""
    from pypdf import PdfReader

    from certificates.drawing import render
    from certificates.models import Certificate, SigningKey
    from certificates.pades import sign_pdf
    from certificates.signing import signer
    from lms import clock

    facts = json.loads(bytes(Certificate.objects.filter(state="issued").order_by("pk").first().facts))
    key = SigningKey.objects.to_sign(SigningKey.Purpose.DOCUMENTS, clock.now())
    hand, now = signer(key), clock.now()
    papers = [_another(facts, number) for number in range(300)]
    page = render(papers[0])
    content = PdfReader(io.BytesIO(page)).pages[0].get_contents().get_data()
    render(papers[1])
    sign_pdf(page, hand, at=now, reason="Đo")

    def drawn():
        for paper in papers:
            render(paper)

    def signed():
        for paper in papers:
            hashlib.sha256(sign_pdf(render(paper), hand, at=now, reason="Đo")).digest()

    def primitives():
        for _paper in papers:
            zlib.compress(content, 6)
            hashlib.sha256(page).digest()

    def primitives_signed():
        for _paper in papers:
            zlib.compress(content, 6)
            hand.sign(hashlib.sha256(page).digest())

    # Time of this process alone: a page is work for one core, whoever else uses the machine.
    for name, ours, reference in (
        ("certificate", drawn, primitives),
        ("signed certificate", signed, primitives_signed),
    ):
        tell(name, len(papers) / _cpu(ours), "PDFs/s of a core", len(papers) / _cpu(reference))


def _another(facts: dict, number: int) -> dict:
    """Facts of another certificate: each has a code, a mark and a holder of its own, as in a real batch."""
    from certificates.facts import RANDOM_BYTES, mark_of, new_code

    code = new_code(os.urandom(RANDOM_BYTES))
    holder = facts["holder"] | {"name": f"{facts['holder']['name']} {chr(65 + number % 26)}"}
    return facts | {
        "code": code,
        "url": f"{facts['url'].rpartition('/')[0]}/{code}",
        "mark": mark_of(1, os.urandom(64)),
        "number": f"{number:05d}/2026/GCN-X",
        "holder": holder,
    }


def _cpu(run) -> float:
    """Seconds of processor that *run* takes: the least of three times."""
    taken = []
    for _round in range(3):
        began = time.process_time()
        run()
        taken.append(time.process_time() - began)
    return min(taken)


if __name__ == "__main__":
    main()
