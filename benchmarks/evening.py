"""One evening of 350 sites with eight people each, over HTTP.

``python -m benchmarks.evening`` makes the evening in a database of its own (SQLite, or an empty one that
``DATABASE_URL`` names), serves it with granian on the loopback and sends, with sixteen clients and as fast as they
are answered, a check-in of each of the 2,800 phones, every tenth of them tapped twice, and two ticks from each room's
desk. In real life they would be spread over ten minutes. It tells milliseconds of an answer and requests a second;
then the session is settled, everybody must be counted once, and no invariant (``lms_verify``) may be broken.
"""

import http.client
import itertools
import json
import os
import random
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode, urlsplit

SITES, PEOPLE, TICKED, CLIENTS = 350, 8, 2, 16
MOST_MS = 1000
"""What a check-in may take, but for the slowest twentieth."""
LIKE_PRODUCTION = ("--workers", "2", "--blocking-threads", "4")
"""As ``docs/vuonxa-web.service`` starts the server."""

_LOCAL = threading.local()


@dataclass(frozen=True)
class Evening:
    """What was made: the session, sessions of logins by person, and of each room its coordinator's and its people."""

    session: object
    office: object
    phones: dict[int, str]
    rooms: list[tuple[int, str, list[int]]]


def prepare() -> Evening:
    """A live session of a hospital, all its sites with a coordinator each, and everybody signed in."""
    from django.contrib.auth import get_user_model
    from django.db import transaction

    from benchmarks.stage import signed_in
    from courses.actions.sessions import join_site, open_session, schedule
    from lms import clock
    from lms.actions import add_person, grant_role
    from lms.models import Affiliation, Facility, Person, TeleSite

    stamp, user_model = f"{clock.now().timestamp():.0f}", get_user_model()

    def login(name: str):
        return user_model(username=f"evening-{stamp}-{name}", password="!")

    with transaction.atomic():
        hub = Facility.objects.create(name=f"Bệnh viện đo buổi tối {stamp}")
        [office] = user_model.objects.bulk_create([login("office")])
        add_person("Người Mở Buổi Họp", user=office)
        now = clock.now()
        hours = {"starts_at": now - timedelta(minutes=1), "ends_at": now + timedelta(minutes=30)}
        session = open_session(schedule(hub, title_vi="Giao ban toàn quốc", **hours, by=office), by=office)
        phones, rooms = {}, []
        for number in range(SITES):
            place = Facility.objects.create(name=f"Trạm Y tế số {number}", parent=hub)
            site = TeleSite.objects.create(facility=place, code=f"evening-{stamp}-{number}", name=place.name)
            room = join_site(session, site=site, expected=PEOPLE)
            [desk, *users] = user_model.objects.bulk_create(
                login(f"{number}-{one}") for one in range(PEOPLE + 1)
            )
            grant_role(desk, role="site_coordinator", facility=place)
            people = Person.objects.bulk_create(_person(user, number, one) for one, user in enumerate(users))
            Affiliation.objects.bulk_create(Affiliation(person=who, facility=place) for who in people)
            phones |= {who.pk: signed_in(user) for who, user in zip(people, users, strict=True)}
            rooms.append((room.pk, signed_in(desk, is_proved=True), [who.pk for who in people]))
    return Evening(session, office, phones, rooms)


def _person(user, site: int, one: int):
    from lms.models import Person

    letters = "".join(chr(97 + int(digit)) for digit in f"{site:03}")
    row = Person(full_name=f"Lò Thị {letters.capitalize()} {chr(65 + one)}nh", user=user)
    row.derive()
    return row


def requests_of(evening: Evening) -> list[tuple[str, str, str, dict]]:
    """Kind, path, session key and form of every request, in the order of chance; a code is read when it is typed."""
    from django.urls import reverse

    check_in = reverse("lms_courses:check_in", args=[evening.session.uuid])
    found = [("check_in", check_in, key, {}) for key in evening.phones.values()]
    found += found[::10]
    for room, key, people in evening.rooms:
        path = reverse("lms_courses:tick", args=[room])
        found += [("tick", path, key, {"set": f"{person}:1"}) for person in people[:TICKED]]
    random.Random(7).shuffle(found)
    return found


def send(host: str, secret: str, request: tuple[str, str, str, dict]) -> tuple[str, float]:
    """Kind of *request* and the milliseconds until its whole answer was there; each client keeps its connection."""
    from benchmarks.measure import CSRF
    from courses import codes

    kind, path, key, form = request
    if kind == "check_in":
        form = {"code": codes.code_at(secret, codes.step_at(time.time()))}
    headers = {
        "Cookie": f"csrftoken={CSRF}; sessionid={key}; lms_phone={key}",
        "X-CSRFToken": CSRF,
        "Accept": "application/json",
        "Content-Type": "application/x-www-form-urlencoded",
    }
    if not hasattr(_LOCAL, "line"):
        _LOCAL.line = http.client.HTTPConnection(host, timeout=30)
    began = time.perf_counter()
    _LOCAL.line.request("POST", path, urlencode(form), headers)
    answer = _LOCAL.line.getresponse()
    body = answer.read()
    taken = (time.perf_counter() - began) * 1000
    if answer.status != 200:
        raise SystemExit(f"{path} answered {answer.status}: {body[:300]!r}")
    told = json.loads(body)
    assert kind == "tick" or told["state"] in {"recorded", "already"}, told
    return kind, taken


def check(evening: Evening) -> int:
    """Settle the session and refuse an evening in which somebody was lost or counted twice; how many there were."""
    from courses.actions import settling
    from courses.models import Attendance, Presence
    from lms import clock

    with clock.at(evening.session.ends_at + timedelta(minutes=1)):
        settling.settle(evening.session, by=evening.office)
    for source, people in (
        ("self_code", list(evening.phones)),
        ("coord_roster", list(itertools.chain(*(people[:TICKED] for _pk, _key, people in evening.rooms)))),
    ):
        said = Presence.objects.filter(session=evening.session, source=source)
        assert sorted(said.values_list("person", flat=True)) == sorted(people), source
        assert not said.filter(recorded_by=None).exists(), "everything recorded has an author"
    counted = Attendance.objects.filter(session=evening.session, minutes__gt=0)
    assert sorted(counted.values_list("person", flat=True)) == sorted(evening.phones), "every person once"
    return counted.count()


def main(tell) -> None:
    """Make the evening, send it, tell the figures, check what came of it."""
    folder = tempfile.TemporaryDirectory()
    os.environ |= {"VUONXA_VAR": folder.name, "VUONXA_DEMO": "1", "LOG_LEVEL": "ERROR"}
    os.environ["DJANGO_SETTINGS_MODULE"] = "website.settings.base"
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection, connections

    from benchmarks.figures import say
    from benchmarks.screenshots import Server
    from lms import verify

    say("Tables, people and sessions …")
    call_command("migrate", verbosity=0, interactive=False)
    call_command("createcachetable", verbosity=0)
    evening = prepare()
    todo, secret = requests_of(evening), evening.session.secret
    connections.close_all()
    taken: dict[str, list[float]] = {"check_in": [], "tick": []}
    say(f"{len(todo)} requests of {CLIENTS} clients, {connection.vendor} …")
    with Server("website.settings.base", *LIKE_PRODUCTION) as server, ThreadPoolExecutor(CLIENTS) as clients:
        host = urlsplit(server.url).netloc
        began = time.perf_counter()
        for kind, milliseconds in clients.map(lambda one: send(host, secret, one), todo):
            taken[kind].append(milliseconds)
        seconds = time.perf_counter() - began
    for kind, found in taken.items():
        found.sort()
        tell(f"evening_{kind}_p50", found[len(found) // 2], "ms", MOST_MS)
        tell(f"evening_{kind}_p95", found[int(len(found) * 0.95)], "ms", MOST_MS)
        tell(f"evening_{kind}_max", found[-1], "ms", None)
    # Ten minutes are what the evening has for its check-ins.
    tell("evening_rate", len(todo) / seconds, "requests/s", len(todo) / 600)
    tell("evening_people_counted_once", check(evening), "people", SITES * PEOPLE)
    broken = list(verify.breaches())
    tell("evening_invariants_broken", len(broken), f"of {len(verify.names())} invariants", None)
    assert not broken, broken[:5]
    folder.cleanup()


if __name__ == "__main__":
    from benchmarks.figures import tell

    main(tell)
