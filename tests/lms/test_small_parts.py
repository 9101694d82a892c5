"""Clock, limits, texts, tags, invariants and commands: the small parts everybody leans on."""

import datetime
import json
from decimal import Decimal
from io import StringIO

import pytest
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.template import Context, Template
from django.utils import timezone, translation

from lms import clock, limits, memory, verify
from lms.context_processors import lms as context_processor
from lms.models import Facility, Job, Person
from tests.factories.lms import abandoned, kind

VIETNAM = datetime.timezone(datetime.timedelta(hours=7))


# --- clock


@pytest.mark.django_db
def test_now_is_aware_and_moves_on():
    first, second = clock.now(), clock.now()

    assert first.utcoffset() == datetime.timedelta(0)
    assert first <= second
    assert abs((timezone.now() - first).total_seconds()) < 60


def test_a_frozen_clock_stands_still_and_thaws():
    moment = datetime.datetime(2026, 11, 21, 1, 0, tzinfo=VIETNAM)
    with clock.at(moment):
        assert clock.now() == clock.nearly() == clock.frozen() == moment
        with clock.at(moment + datetime.timedelta(days=1)):
            assert clock.today() == datetime.date(2026, 11, 22)
        assert clock.now() == moment
    assert clock.frozen() is None


def test_the_day_is_that_of_vietnam_whatever_zone_a_reader_chose():
    with clock.at(datetime.datetime(2026, 11, 20, 18, 30, tzinfo=datetime.UTC)), timezone.override("UTC"):
        assert clock.today() == datetime.date(2026, 11, 21)


def test_a_naive_moment_is_refused():
    with pytest.raises(ValueError, match="aware"), clock.at(datetime.datetime(2026, 1, 1)):
        pass


# --- limits


def test_a_limit_lets_through_as_many_as_it_says():
    assert [limits.hit("verify", "10.0.0.1", limit=3, seconds=60) for _ in range(5)] == [True] * 3 + [
        False
    ] * 2


def test_keys_and_scopes_are_counted_apart():
    for scope, key in (("a", "x"), ("a", "y"), ("b", "x")):
        assert limits.hit(scope, key, limit=1, seconds=60)
    assert not limits.hit("a", "x", limit=1, seconds=60)


def test_the_next_span_starts_anew():
    moment = clock.now()
    with clock.at(moment):
        assert limits.hit("a", "x", limit=1, seconds=60)
        assert not limits.hit("a", "x", limit=1, seconds=60)
    with clock.at(moment + datetime.timedelta(seconds=61)):
        assert limits.hit("a", "x", limit=1, seconds=60)


SITES = "lms.cache.DatabaseCache"
DJANGOS = "django.core.cache.backends.db.DatabaseCache"


def uses_in_an_hour(settings, monkeypatch, backend) -> list[bool]:
    """Which of six uses in one hour, at these minutes, and of one in the next are within a limit of three."""
    settings.CACHES = {"default": {"BACKEND": backend, "LOCATION": "website_cache"}}
    begins, found = datetime.datetime(2026, 9, 1, 8, tzinfo=datetime.UTC), []
    for minute in (0, 1, 2, 20, 40, 59, 60):
        moment = begins + datetime.timedelta(minutes=minute)
        monkeypatch.setattr("time.time", moment.timestamp)
        for name in ("django.utils.timezone.now", "django.core.cache.backends.db.tz_now"):
            monkeypatch.setattr(name, lambda moment=moment: moment)
        with clock.at(moment):
            found.append(limits.hit("lms.claim", "lan", limit=3, seconds=3600))
            assert limits.spent({("lms.claim", "lan"): 3}, seconds=3600) == (minute in (2, 20, 40, 59))
    return found


HOUR = [True, True, True, False, False, False, True]


def test_in_the_database_too_a_limit_of_an_hour_holds_for_an_hour(db, settings, monkeypatch):
    assert uses_in_an_hour(settings, monkeypatch, SITES) == HOUR


def test_djangos_own_table_would_begin_the_hour_again_after_five_minutes(db, settings, monkeypatch):
    with pytest.raises(AssertionError):
        assert uses_in_an_hour(settings, monkeypatch, DJANGOS) == HOUR


def test_a_use_that_is_not_the_first_costs_two_statements(
    db, settings, django_assert_num_queries, monkeypatch
):
    settings.CACHES = {"default": {"BACKEND": SITES, "LOCATION": "website_cache"}}
    limits.hit("lms.claim", "lan", limit=3, seconds=86400)

    with django_assert_num_queries(2):
        limits.hit("lms.claim", "lan", limit=3, seconds=86400)


def test_a_counter_that_is_not_there_is_not_counted_up(db, settings):
    settings.CACHES = {"default": {"BACKEND": SITES, "LOCATION": "website_cache"}}

    with pytest.raises(ValueError, match="not found"):
        cache.incr("nobody")
    cache.set("somebody", 5)
    assert (cache.incr("somebody", 3), cache.decr("somebody"), cache.get("somebody")) == (8, 7, 7)


def test_a_cache_that_does_not_answer_shuts_nobody_out(settings):
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": "redis://127.0.0.1:1/0",
        }
    }
    assert limits.hit("a", "x", limit=1, seconds=60)
    assert limits.hit("a", "x", limit=1, seconds=60)


def test_keys_never_stand_in_the_cache_in_clear():
    limits.hit("sms", "0912000111", limit=1, seconds=60)

    assert not any("0912000111" in key for key in getattr(cache, "_cache", {}))


@pytest.mark.parametrize(
    ("proxies", "header", "address"),
    [
        (0, "6.6.6.6", "127.0.0.1"),
        (1, "6.6.6.6, 10.1.1.1", "10.1.1.1"),
        (1, "10.1.1.1", "10.1.1.1"),
        (2, "6.6.6.6, 10.1.1.1, 10.2.2.2", "10.1.1.1"),
        (1, "", "127.0.0.1"),
    ],
)
def test_an_invented_address_is_not_believed(rf, settings, proxies, header, address):
    settings.LMS_TRUSTED_PROXIES = proxies
    assert limits.address(rf.get("/", headers={"X-Forwarded-For": header})) == address


# --- texts


@pytest.mark.parametrize(
    ("markup", "vi", "en"),
    [
        ("{{ v|hours }}", "68,5", "68.5"),
        ("{{ w|hours }}", "2", "2"),
        ("{{ x|hours }}", "0,99", "0.99"),
        ("{{ none|hours }}", "", ""),
        ("{{ y|percent }}", "79,9 %", "79.9 %"),
        ("{{ bytes|megabytes }}", "12 MB", "12 MB"),
        ("{{ few|megabytes }}", "0,1 MB", "0.1 MB"),
        ("{{ seconds|duration }}", "1:02:03", "1:02:03"),
        ("{{ short|duration }}", "0:59", "0:59"),
        ("{{ row|bilingual:'title' }}", "Đột quỵ", "Stroke"),
        ("{{ half|bilingual:'title' }}", "Đột quỵ", "Đột quỵ"),
    ],
)
def test_numbers_and_texts_in_the_readers_language(markup, vi, en):
    class Row:
        title_vi, title_en = "Đột quỵ", "Stroke"

    class Half:
        title_vi, title_en = "Đột quỵ", ""

    values = {
        "v": Decimal("68.50"),
        "w": Decimal("2.00"),
        "x": Decimal("0.999"),
        "y": Decimal("79.96"),
        "none": None,
        "bytes": 11_100_000,
        "few": 1,
        "seconds": 3723,
        "short": 59.9,
        "row": Row(),
        "half": Half(),
    }
    for language, text in (("vi", vi), ("en", en)):
        with translation.override(language):
            assert Template("{% load lms %}" + markup).render(Context(values)) == text


def test_the_base_template_is_the_hosts_or_ours(settings):
    settings.LMS_BASE_TEMPLATE = "base.html"
    assert context_processor(None) == {"lms_base_template": "base.html"}
    del settings.LMS_BASE_TEMPLATE
    assert context_processor(None) == {"lms_base_template": "lms/base.html"}


def test_our_fallback_base_stands_alone_and_runs_nothing_inline(rf):
    html = Template("{% extends 'lms/base.html' %}{% block content %}Nội dung{% endblock %}").render(
        Context({})
    )

    assert "Nội dung" in html
    assert "<script" not in html
    assert "style=" not in html


# --- invariants


def breaches():
    return {(name, breach.what.split()[0]) for name, breach in verify.breaches("lms.")}


def test_a_sound_house_has_no_breach(cast):
    cast.lan, cast.ung, cast.sen  # noqa: B018
    assert breaches() == set()


def test_each_broken_invariant_is_named(cast):
    abandoned("test.a", minutes=60)
    Job.objects.create(kind="test.b", key="", run_at=clock.now(), state="done", lease_token="x")
    Facility.objects.filter(pk=cast.bac_ha.pk).update(path="/wrong/")
    Person.objects.filter(pk=cast.lan.pk).update(name_folded="wrong")
    cast.lan.licences.update(number="wrong")
    cast.khanh.user.groups.add(cast.ung.user.groups.get())
    Person.objects.filter(pk=cast.minh.pk).update(state="merged", merged_into=cast.lan)
    Facility.objects.filter(pk=cast.luc_yen.pk).update(replaced_by=cast.bac_ha)
    cast.ung.user.groups.get().collection_permissions.all().delete()

    assert {name for name, _ in breaches()} == {
        "lms.no_stale_leases",
        "lms.leases_match_states",
        "lms.facility_paths",
        "lms.names_folded",
        "lms.licences_normal",
        "lms.role_groups",
        "lms.collections",
        "lms.merged_hold_nothing",
        "lms.merges_recorded",
        "lms.facilities_replaced",
    }


def test_the_command_ends_with_an_error_on_a_breach_and_says_where(cast):
    out = StringIO()
    call_command("lms_verify", "--only", "lms.", stdout=out)
    assert "lms.facility_paths: holds" in out.getvalue()

    Facility.objects.filter(pk=cast.bac_ha.pk).update(path="/wrong/")
    out = StringIO()
    with pytest.raises(CommandError) as ended:
        call_command("lms_verify", "--only", "lms.", "--json", stdout=out)

    assert ended.value.returncode == 1
    assert json.loads(out.getvalue())["what"] == f"facility {cast.bac_ha.pk}"


def test_an_invariant_that_cannot_be_checked_counts_as_broken(db):
    verify.invariant("lms.test")(lambda: 1 / 0)
    try:
        assert [breach.detail[:21] for _, breach in verify.breaches("lms.test")] == ["could not be checked:"]
    finally:
        verify._INVARIANTS.pop("lms.test")


# --- commands


@pytest.mark.django_db
def test_the_worker_runs_what_is_due_and_ends():
    out = StringIO()
    from lms import queue

    with kind("test.a") as ran:
        queue.enqueue("test.a", 4)
        call_command("lms_worker", "--once", stdout=out)

    assert ran == ["4"]
    assert "done: test.a 4" in out.getvalue()


@pytest.mark.django_db
def test_the_sweep_queues_periodic_work_once():
    for _ in range(2):
        call_command("lms_sweep", stdout=StringIO())

    assert Job.objects.filter(kind="lms.clean").count() == 1


# --- memory


def test_a_thing_is_made_once_in_its_seconds_and_anew_after_them(settings, monkeypatch):
    settings.LMS_REMEMBER_SECONDS = 30
    monkeypatch.setattr(memory, "_kept", {})
    moment, made = [1000.0], []
    monkeypatch.setattr(memory.time, "monotonic", lambda: moment[0])

    def make():
        made.append(moment[0])
        return len(made)

    seen = []
    for now in (1000.0, 1029.0, 1030.0):
        moment[0] = now
        seen.append(memory.remembered("key", make))

    assert seen == [1, 1, 2]
    assert memory.remembered("another key", make) == 3


def test_of_several_things_only_those_not_known_are_made_and_all_at_once(settings, monkeypatch):
    settings.LMS_REMEMBER_SECONDS = 30
    monkeypatch.setattr(memory, "_kept", {})
    asked = []

    def make(keys):
        asked.append(keys)
        return {key: key * 10 for key in keys if key < 9}

    assert memory.remembered_each("tens", [1, 2, 2], make) == {1: 10, 2: 20}
    assert memory.remembered_each("tens", [2, 3, 9], make) == {2: 20, 3: 30}
    assert memory.remembered_each("tens", [], make) == {}
    assert asked == [[1, 2], [3, 9]]
