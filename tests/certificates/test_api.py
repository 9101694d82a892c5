"""The verification API: what each asker gets, what nobody gets, and that it does what its document says."""

import json
from datetime import timedelta

import pytest
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis

from certificates.actions import issue_for, make_key, make_token, register, revoke_token, seal
from certificates.actions.tokens import TokenRefused
from certificates.models import ApiToken, Lookup
from certificates.offline.check_register import Register
from certificates.permissions import NotAllowed
from lms import clock
from lms.models import AccessLog, Licence, RoleAssignment
from tests.factories import certificates as make
from tests.factories.certificates import revoke
from tests.kept import repeated

PURPOSE = "Đối chiếu hồ sơ gia hạn"


@repeated
def held(cast) -> None:
    """Lan and Minh hold certificates, Minh's was revoked."""
    cast.lan.full_name = "Giàng Thị Mỷ Lan"
    cast.lan.save()
    cast.run = make.ready(cast.bach_mai)
    cast.papers = [seal(issue_for(make.completed(one, cast.run))) for one in (cast.lan, cast.minh)]
    revoke(cast.papers[1], by=cast.dao.user, reason="Cấp nhầm người.")
    cast.licence = Licence.objects.get_or_create(person=cast.lan, defaults={"raw": "008071/ĐL-CCHN"})[0]


@pytest.fixture
def world(cast, settings, tmp_path):
    """Who holds which certificate stands in a signed register."""
    held(cast)
    settings.LMS_CERTIFICATES_KEYS_FOLDER = tmp_path / "keys"
    make_key("checkpoints")
    register.take_checkpoint()
    return cast


def token(world, *scopes, **values) -> str:
    """The secret of a new token for the verifier."""
    said = {
        "name": "Sở Y tế",
        "purpose": PURPOSE,
        "scopes": list(scopes) or ApiToken.Scope.values,
        "days": 30,
    }
    return make_token(world.mo.user, by=world.admin.user, **{**said, **values})[1]


def ask(world, path, body=None, *, secret=None, who=None, **more):
    client, headers = world.client(who), {"Authorization": f"Bearer {secret}"} if secret else {}
    if body is None:
        return client.get(f"/api/v1/{path}", headers=headers, **more)
    return client.post(
        f"/api/v1/{path}", json.dumps(body), content_type="application/json", headers=headers, **more
    )


# --- one certificate ---------------------------------------------------------------------------------


def test_anybody_reads_the_state_but_not_the_name(world):
    found = ask(world, f"certificates/{world.papers[0].shown_code.lower()}").json()

    assert (found["state"], found["number"], found["log_entry"]) == ("issued", world.papers[0].number, 0)
    assert found["holder"] == {"name": "G. T. M. Lan"}
    assert Lookup.objects.count() == 1
    assert not AccessLog.objects.exists()


def test_a_token_reads_the_full_name_and_the_holder_is_told(world):
    found = ask(world, f"certificates/{world.papers[0].code}", secret=token(world, "one")).json()

    assert found["holder"] == {"name": "Giàng Thị Mỷ Lan"}
    assert AccessLog.objects.filter(user=world.mo.user, person=world.lan, purpose=PURPOSE).count() == 1


def test_a_revoked_certificate_says_since_when_and_why(world):
    found = ask(world, f"certificates/{world.papers[1].code}").json()

    assert (found["state"], found["end_reason"]) == ("revoked", "Cấp nhầm người.")
    assert found["ended_on"]


def test_unknown_and_mistyped_codes_are_not_found_and_the_likely_one_is_proposed(world):
    code = world.papers[0].code
    wrong = code[:-1] + ("2" if code[-1] != "2" else "3")

    assert ask(world, "certificates/" + "0" * 18).status_code == 404
    answer = ask(world, f"certificates/{wrong}")
    assert (answer.status_code, answer.json()["suggestion"]) == (404, code)
    assert answer["Content-Type"] == "application/problem+json"


# --- many, and one person ----------------------------------------------------------------------------


def test_a_batch_is_answered_row_by_row_and_logged(world):
    rows = [
        {"number": world.papers[0].number, "name": "Giang Thi My Lan"},
        {"number": world.papers[1].code},
        {"number": "99999/2026/GCN-BVBM"},
        {"licence": world.licence.number.lower()},
    ]
    found = ask(world, "check", {"rows": rows}, secret=token(world, "batch")).json()

    assert [row["answer"] for row in found["results"]] == ["differs", "revoked", "unknown", "match"]
    assert found["counts"]["differs"] == 1
    assert set(AccessLog.objects.values_list("person", flat=True)) == {world.lan.pk, world.minh.pk}


@pytest.mark.parametrize("by", ["licence", "name"])
def test_a_person_comes_whole_and_is_told(world, by):
    question = (
        {"licence": world.licence.number}
        if by == "licence"
        else {"name": "giàng thị mỷ LAN", "born": "1990-03-08"}
    )
    (found,) = ask(world, "person", question, secret=token(world, "person")).json()["people"]

    assert found["name"] == "Giàng Thị Mỷ Lan"
    assert [one["number"] for one in found["certificates"]] == [world.papers[0].number]
    assert AccessLog.objects.filter(person=world.lan, purpose=PURPOSE).count() == 1


def test_nobody_is_an_empty_list_and_nobody_is_told(world):
    answer = ask(world, "person", {"licence": "000001/HN-CCHN"}, secret=token(world, "person"))

    assert answer.json() == {"people": []}
    assert not AccessLog.objects.exists()


def test_the_register_is_fetched_and_checked(world):
    note = ask(world, "register/checkpoint").content.decode()
    lines = ask(world, "register/export", secret=token(world, "register")).getvalue().decode().splitlines()

    read = Register(lines)
    assert read.findings == []
    assert list(read.notes.values()) == [note]


# --- tokens ------------------------------------------------------------------------------------------

CLOSED = {
    "batch": ("check", {"rows": [{"number": "1"}]}),
    "person": ("person", {"licence": "1"}),
    "register": ("register/export", None),
}


@pytest.mark.parametrize("scope", CLOSED)
def test_without_a_token_nothing_is_read_also_not_by_who_is_signed_in(world, scope):
    for who in (None, world.lan, world.mo, world.admin):
        answer = ask(world, *CLOSED[scope], who=who)
        assert (answer.status_code, answer["WWW-Authenticate"]) == (401, 'Bearer realm="vuonxa"')


@pytest.mark.parametrize("scope", CLOSED)
def test_a_token_made_for_something_else_is_refused(world, scope):
    others = set(ApiToken.Scope.values) - {scope}

    assert ask(world, *CLOSED[scope], secret=token(world, *others)).status_code == 403


@pytest.mark.parametrize(
    "secret", ["", "vx1_", "vx1_" + "A" * 43, "wagtail_x", "Bearer", "x" * 5000, "\u00e9"]
)
def test_an_invented_token_opens_nothing_also_where_none_is_needed(world, secret):
    answer = world.client().get(
        f"/api/v1/certificates/{world.papers[0].code}", headers={"Authorization": f"Bearer {secret}"}
    )

    assert answer.status_code == 401


def test_a_revoked_or_expired_token_opens_nothing(world):
    secret, other = token(world, "person"), token(world, "person", days=1)
    revoke_token(ApiToken.objects.presented(secret), by=world.admin.user)

    assert ask(world, *CLOSED["person"], secret=secret).status_code == 401
    assert ask(world, *CLOSED["person"], secret=other).status_code == 200
    with clock.at(clock.now() + timedelta(days=2)):
        assert ask(world, *CLOSED["person"], secret=other).status_code == 401


def test_a_token_ends_with_the_office_of_its_verifier(world):
    secret = token(world, "person")
    RoleAssignment.objects.filter(user=world.mo.user).update(valid_to=clock.today() - timedelta(days=1))

    assert ask(world, *CLOSED["person"], secret=secret).status_code == 401


def test_the_secret_is_not_kept(world):
    secret = token(world)

    assert secret not in repr(ApiToken.objects.values().get())
    assert ApiToken.objects.get().hint == secret[:10]


@pytest.mark.parametrize(
    "change", [{"days": 0}, {"days": 367}, {"scopes": ["all"]}, {"purpose": "x"}, {"name": " "}]
)
def test_a_token_needs_a_name_a_purpose_a_scope_and_an_end(world, change):
    with pytest.raises(TokenRefused):
        token(world, **({"scopes": ["one"]} | change))
    assert not ApiToken.objects.exists()


def test_a_token_asks_as_a_verifier_and_is_made_by_the_administrator_of_all(world):
    said = {"name": "x", "purpose": PURPOSE, "scopes": ["one"], "days": 1}
    with pytest.raises(TokenRefused):
        make_token(world.lan.user, by=world.admin.user, **said)
    for other in (world.mo, world.phuc, world.duc, world.dao, world.lan):
        with pytest.raises(NotAllowed):
            make_token(world.mo.user, by=other.user, **said)


def test_one_token_is_limited_and_wrong_ones_are_slowed_down(world, settings):
    settings.LMS_CERTIFICATES_API_PER_MINUTE = 2
    secret = token(world, "person")
    answers = [ask(world, *CLOSED["person"], secret=secret) for _try in range(3)]
    assert [one.status_code for one in answers] == [200, 200, 429]
    assert answers[2]["Retry-After"] == "60"

    wrong = [ask(world, *CLOSED["person"], secret="vx1_no").status_code for _try in range(61)]
    assert wrong == [401] * 60 + [429]


def test_one_address_may_not_scrape(world, settings):
    settings.LMS_CERTIFICATES_CHECKS_PER_MINUTE = 1
    ask(world, f"certificates/{world.papers[0].code}")

    assert ask(world, f"certificates/{world.papers[0].code}").status_code == 429


# --- bad input ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b" ", 400),
        (b"{", 400),
        (b"\xff\xfe", 400),
        (b"[" * 100_000, 400),
        (b"[]", 422),
        (b"null", 422),
        (b'{"rows": []}', 422),
        (b'{"rows": [{}]}', 422),
        (b'{"rows": [{"number": 5}]}', 422),
        (b'{"rows": [{"number": ""}]}', 422),
        (b'{"rows": [{"number": "1", "all": "1"}]}', 422),
        (b'{"rows": [{"number": "1"}], "as": "admin"}', 422),
        (b'{"rows": ' + json.dumps([{"number": "1"}] * 1001).encode() + b"}", 422),
        (b'{"rows": [{"number": "' + b"1" * 201 + b'"}]}', 422),
        (b" " * 2_000_001, 413),
        (b'{"rows": [{"number": "\\u0000\\ud800"}]}', 200),
    ],
)
def test_a_body_of_another_form_is_refused_with_a_reason(world, body, status):
    answer = world.client().post(
        "/api/v1/check",
        body,
        content_type="application/json",
        headers={"Authorization": f"Bearer {token(world)}"},
    )

    assert answer.status_code == status
    assert status == 200 or answer.json()["detail"]


def test_another_method_or_content_type_is_refused(world):
    secret = {"Authorization": f"Bearer {token(world)}"}

    answer = world.client().get("/api/v1/person", headers=secret)
    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    assert world.client().post("/api/v1/person", {"licence": "1"}, headers=secret).status_code == 415


# --- the document --------------------------------------------------------------------------------------

ASKERS = {
    "anonymous": lambda world: {},
    "learner": lambda world: {"Cookie": f"sessionid={world.client(world.lan).cookies['sessionid'].value}"},
    "verifier": lambda world: {"Authorization": f"Bearer {token(world)}"},
    "a foreign token": lambda world: {"Authorization": f"Bearer {token(world, 'register')}"},
}


@pytest.fixture
def application():
    """The site as a server calls it, on the connection of the test."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield get_wsgi_application()
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.mark.parametrize("asker", ASKERS)
def test_every_answer_to_any_input_is_one_that_the_document_names(world, settings, application, asker):
    import schemathesis  # a second of modules for this test alone

    settings.LMS_CERTIFICATES_CHECKS_PER_MINUTE = settings.LMS_CERTIFICATES_API_PER_MINUTE = 10**6
    headers = {"Accept-Encoding": "identity"} | ASKERS[asker](world)
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", application)
    for found in schema.get_all_operations():
        operation = found.ok()

        @given(case=operation.as_strategy())
        @hypothesis(
            max_examples=15, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
        )
        def conforms(case):
            case.call_and_validate(headers=headers)

        conforms()


# --- the screen of tokens ------------------------------------------------------------------------------

SCREEN = "/admin/lms-api-tokens/"


def test_the_administrator_makes_a_token_and_sees_its_secret_once(world):
    client = world.client(world.admin)
    said = {"name": "Sở Y tế", "user": world.mo.user.pk, "purpose": PURPOSE, "scopes": ["person"], "days": 30}
    html = client.post(SCREEN, said).content.decode()
    secret = html.partition("<code>")[2].partition("</code>")[0]

    assert ask(world, *CLOSED["person"], secret=secret).status_code == 200
    again = client.get(SCREEN).content.decode()
    assert "Sở Y tế" in again
    assert secret not in again
    client.post(f"{SCREEN}revoke/{ApiToken.objects.get().pk}/")
    assert ask(world, *CLOSED["person"], secret=secret).status_code == 401


@pytest.mark.parametrize(
    "change",
    [{"days": "9999999999"}, {"days": "x"}, {"scopes": []}, {"purpose": ""}, {"user": "0"}, {"user": "x"}],
)
def test_a_form_with_a_fault_makes_no_token(world, change):
    said = {"name": "Sở Y tế", "user": world.mo.user.pk, "purpose": PURPOSE, "scopes": ["person"], "days": 30}

    assert world.client(world.admin).post(SCREEN, said | change).status_code == 422
    assert not ApiToken.objects.exists()
