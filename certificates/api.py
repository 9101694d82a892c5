"""The verification API under ``/api/v1/``: plain views that keep to ``certificates.openapi``.

Cookies are not read: who asks is who holds the token, so nothing here can be forged from a page.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import wraps

from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.csrf import csrf_exempt

from certificates import openapi, permissions
from certificates.actions.answering import ANSWERS, FIELDS, answers_to
from certificates.actions.desk import ListRefused, row_of
from certificates.actions.people import RECORD, people_meant
from certificates.actions.readiness import local_day
from certificates.actions.register import export_lines
from certificates.conf import conf
from certificates.credit import standing
from certificates.facts import Malformed, check_code, masked
from certificates.models import ApiToken, Certificate, Checkpoint, CreditEntry, LogEntry, Lookup
from lms import clock
from lms.actions import log_accesses
from lms.limits import address, hit, spent

MOST_BYTES = 2_000_000
BAD_TOKENS_PER_HOUR = 60
_LOOK = gettext_noop("a certificate")
Scope = ApiToken.Scope


@dataclass
class Problem(Exception):
    """An answer that is no success, as RFC 9457 writes it."""

    status: int
    detail: str
    suggestion: str = ""

    def response(self) -> HttpResponse:
        """The answer with what its status asks for in headers."""
        body = {"title": _TITLES[self.status], "status": self.status, "detail": self.detail}
        if self.suggestion:
            body["suggestion"] = self.suggestion
        response = JsonResponse(body, status=self.status, content_type="application/problem+json")
        if self.status == 401:
            response["WWW-Authenticate"] = 'Bearer realm="vuonxa"'
        if self.status == 429:
            response["Retry-After"] = "60"
        return response


_TITLES = {
    400: "Bad request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not found",
    405: "Method not allowed",
    409: "Conflict",
    413: "Content too large",
    415: "Unsupported media type",
    422: "Unprocessable content",
    429: "Too many requests",
}


def endpoint(method: str, *, scope: str | None = None, public: bool = False):
    """Serve one address by one method; the view gets the token, or None where anybody may ask."""

    def wrap(view: Callable[..., HttpResponse]):
        @csrf_exempt
        @wraps(view)
        def served(request: HttpRequest, **kwargs) -> HttpResponse:
            try:
                if request.method != method and not (method == "GET" and request.method == "HEAD"):
                    raise Problem(405, _("Only %(method)s is answered here.") % {"method": method})
                response = view(request, _token(request, scope, public), **kwargs)
            except Problem as problem:
                response = problem.response()
                if problem.status == 405:
                    response["Allow"] = method
            response["X-Robots-Tag"] = "noindex, nofollow"
            response["Cache-Control"] = "no-store"
            return response

        return served

    return wrap


def _token(request: HttpRequest, scope: str | None, public: bool) -> ApiToken | None:
    presented, here = request.headers.get("Authorization"), address(request)
    if presented is None:
        if not public:
            raise Problem(401, _("A token is needed: Authorization: Bearer …"))
        if not hit("lms_certificates.check", here, limit=conf.CHECKS_PER_MINUTE, seconds=60):
            raise Problem(429, _("Too many checks from this address."))
        return None
    if spent({("lms_certificates.bad_token", here): BAD_TOKENS_PER_HOUR}, seconds=3600):
        raise Problem(429, _("Too many wrong tokens from this address."))
    kind, _gap, secret = presented.partition(" ")
    token = ApiToken.objects.presented(secret.strip()) if kind.lower() == "bearer" else None
    if token is None or not permissions.is_verifier(token.user):
        hit("lms_certificates.bad_token", here, limit=BAD_TOKENS_PER_HOUR, seconds=3600)
        raise Problem(401, _("The token is unknown, has expired or was revoked."))
    if not hit("lms_certificates.api", str(token.pk), limit=conf.API_PER_MINUTE, seconds=60):
        raise Problem(429, _("Too many requests with this token."))
    if scope is not None and scope not in token.scopes:
        raise Problem(403, _("This token may not ask for this; it was made for something else."))
    now = clock.nearly()
    if token.last_used_at is None or (now - token.last_used_at).total_seconds() > 60:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
    return token


# --- reading what was sent ---------------------------------------------------------------------------


def _sent(request: HttpRequest) -> dict:
    if request.content_type != "application/json":
        raise Problem(415, _("Send application/json."))
    if int(request.META.get("CONTENT_LENGTH") or 0) > MOST_BYTES:
        raise Problem(413, _("The body is larger than two megabytes."))
    try:
        found = json.loads(request.body)
    except (ValueError, RecursionError) as error:
        raise Problem(400, _("The body is no JSON.")) from error
    if not isinstance(found, dict):
        raise Problem(422, _("The body must be a JSON object."))
    return found


def _texts(value: object, allowed: tuple[str, ...], where: str) -> dict[str, str]:
    """The texts of an object that has no other members, each of 1 to 200 characters."""
    if not isinstance(value, dict) or not set(value) <= set(allowed):
        raise Problem(
            422,
            _("%(where)s must be an object with these members only: %(names)s.")
            % {"where": where, "names": ", ".join(allowed)},
        )
    for name, text in value.items():
        if not isinstance(text, str) or not 1 <= len(text) <= 200:
            raise Problem(
                422,
                _("%(where)s, %(name)s: a text of 1 to 200 characters is needed.")
                % {"where": where, "name": name},
            )
    return value


# --- what is answered --------------------------------------------------------------------------------


def _certificate(one: Certificate, *, whole: bool, index: int | None) -> dict:
    said, replacement = one.said, None if one.is_valid else one.replacement
    initials, given = masked(said["holder"]["name"])
    return {
        "code": one.code,
        "number": one.number,
        "state": one.state,
        "kind": one.kind,
        "sample": one.is_sample,
        "holder": {"name": said["holder"]["name"] if whole else f"{initials} {given}".strip()},
        "issuer": said["facility"],
        "hours": f"{one.hours.normalize():f}",
        "activities": [
            {key: activity[key] for key in ("form", "content", "time", "hours")}
            for activity in said["activities"]
        ],
        "issued_on": f"{local_day(one.issued_at)}",
        "ended_on": f"{local_day(one.ended_at)}" if one.ended_at else None,
        "end_reason": one.end_reason,
        "replaced_by": {"code": replacement.code, "number": replacement.number}
        if replacement and whole
        else None,
        "facts_sha256": one.facts_sha256,
        "file_sha256": one.file_sha256,
        "log_entry": index,
    }


def _places(papers: list[Certificate]) -> dict[int, int | None]:
    """Where the issue of each certificate stands in the signed register."""
    issued = LogEntry.objects.filter(certificate__in=papers, event=LogEntry.Event.ISSUED)
    return dict(issued.values_list("certificate", "index"))


@endpoint("GET", scope=Scope.ONE, public=True)
def one(request: HttpRequest, token: ApiToken | None, *, code: str) -> HttpResponse:
    """One certificate; whoever has a token for it reads the full name, and that is told to the holder."""
    try:
        code = check_code(code[:60])
    except Malformed as error:
        raise Problem(404, _("This is no code of a certificate."), error.suggestion) from error
    found = Certificate.objects.filter(code=code).select_related("superseded_by").order_by().first()
    if found is None:
        raise Problem(404, _("No certificate with this code was ever entered in this register."))
    if token is not None:
        log_accesses(token.user, [found.holder_id], what=_LOOK, purpose=token.purpose)
    else:
        Lookup.objects.create(certificate=found, at=clock.nearly(), answer=found.state)
    return JsonResponse(_certificate(found, whole=token is not None, index=_places([found]).get(found.pk)))


@endpoint("POST", scope=Scope.BATCH)
def batch(request: HttpRequest, token: ApiToken) -> HttpResponse:
    """Answer rows as the verifier's desk does."""
    sent = _sent(request)
    rows = sent.get("rows")
    if set(sent) != {"rows"} or not isinstance(rows, list) or not 1 <= len(rows) <= conf.API_ROWS:
        raise Problem(
            422,
            _("“rows” must be a list of 1 to %(limit)s rows, and nothing else.") % {"limit": conf.API_ROWS},
        )
    asked = []
    for position, value in enumerate(rows, start=1):
        texts = _texts(value, FIELDS, f"rows[{position - 1}]")
        if not {"number", "licence"} & set(texts):
            raise Problem(422, _("rows[%(place)s] needs a number or a licence.") % {"place": position - 1})
        asked.append(row_of(position, texts))
    results = answers_to(asked)
    log_accesses(token.user, {r["holder"] for r in results}, what=_LOOK, purpose=token.purpose)
    shown = ("row", "answer", "notes", "code", "number", "name", "hours", "replacement")
    return JsonResponse(
        {
            "results": [{key: result[key] for key in shown} for result in results],
            "counts": {answer: sum(r["answer"] == answer for r in results) for answer in ANSWERS},
        }
    )


@endpoint("POST", scope=Scope.PERSON)
def person(request: HttpRequest, token: ApiToken) -> HttpResponse:
    """The whole record of whom a licence, or a name with a birth date, means."""
    sent = _texts(_sent(request), ("licence", "name", "born"), _("The body"))
    if set(sent) not in ({"licence"}, {"name", "born"}):
        raise Problem(422, _("Give either the licence, or name and born."))
    try:
        born = date.fromisoformat(sent["born"]) if "born" in sent else None
        if born is not None and sent["born"] != born.isoformat():
            raise ValueError
    except ValueError as error:
        raise Problem(422, _("Write born as 1990-03-21.")) from error
    try:
        people = people_meant(licence=sent.get("licence", ""), name=sent.get("name", ""), born=born)
    except ListRefused as error:
        raise Problem(409, str(error)) from error
    log_accesses(token.user, people, what=RECORD, purpose=token.purpose)
    return JsonResponse({"people": [_person(found) for found in people]})


def _person(found) -> dict:
    stand, workplace = standing(found), found.workplace()
    papers = list(Certificate.objects.of(found).select_related("superseded_by"))
    places = _places(papers)
    return {
        "name": found.full_name,
        "born": found.birth_text,
        "workplace": str(workplace or ""),
        "licences": [{"number": str(one), "status": one.status} for one in found.licences.all()],
        "hours": f"{stand.hours.normalize():f}",
        "target": f"{stand.target.normalize():f}" if stand.target is not None else None,
        "cycle": {"from": f"{stand.starts_on}", "until": f"{stand.ends_on}"} if stand.cycle else None,
        "certificates": [_certificate(paper, whole=True, index=places.get(paper.pk)) for paper in papers],
        "entries": [
            {
                "activity": entry.title,
                "on": f"{entry.activity_on}",
                "hours": f"{entry.hours.normalize():f}",
                "counts": entry.state == entry.State.POSTED,
                "rule": entry.rule_code,
            }
            for entry in CreditEntry.objects.of(found)
        ],
    }


@endpoint("GET", public=True)
def checkpoint(request: HttpRequest, token: ApiToken | None) -> HttpResponse:
    """The last signed note of the register, for whoever wants to keep it."""
    last = Checkpoint.objects.first()
    if last is None:
        raise Problem(404, _("No checkpoint has been signed yet."))
    return HttpResponse(last.note, content_type="text/plain; charset=utf-8")


@endpoint("GET", scope=Scope.REGISTER)
def export(request: HttpRequest, token: ApiToken) -> HttpResponse | StreamingHttpResponse:
    """The export of the register up to its last checkpoint."""
    last = Checkpoint.objects.first()
    if last is None:
        raise Problem(404, _("No checkpoint has been signed yet."))
    return StreamingHttpResponse(export_lines(last), content_type="application/jsonl; charset=utf-8")


@endpoint("GET", public=True)
def describe(request: HttpRequest, token: ApiToken | None) -> HttpResponse:
    """What this API is, for machines."""
    here = reverse("lms_certificates_api:describe").rpartition("/")[0]
    return JsonResponse(openapi.document(here, rows=conf.API_ROWS))
