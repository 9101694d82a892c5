"""Reports of lectures: the heartbeat of a playing one, two statements, and what was watched without a network.

A signed token stands in the place of a session.
"""

import json
import math

from django.http import HttpRequest, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from courses.actions.offline import Report, credit_report
from courses.actions.watching import Busy, Standing, TokenRefused, TooOften, beat, read_token
from courses.views.replies import read_moment, read_uuid
from courses.watching import BadRanges
from lms import limits
from lms.crashpoints import crashpoint

MAX_BODY = 64 * 1024
MAX_REPORTS = 50
"""Lectures in one request of a device that was without a network."""
OFFLINE_AN_HOUR = 600
"""Reports from without a network of one person."""

NOT_UNDERSTOOD = ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError
"""BadRanges is a ValueError, as is broken JSON; brackets nested by the thousand end in the last."""


# A beacon sent while the page closes can carry no header; the signed token says whose report it is.
@csrf_exempt
@require_POST
def heartbeat(request: HttpRequest) -> JsonResponse:
    """Take ``{"token", "ranges": [[from, to], …], "position"}`` and answer where it stands.

    Refusals keep what was credited before; the player keeps its ranges on 429 and 503 and sends them again.
    """
    try:
        if len(request.body) > MAX_BODY:
            return _refused(413, _("The report is too long."))
        body = json.loads(request.body)
        standing = beat(
            read_token(body["token"]), ranges=body.get("ranges", []), position=body.get("position", 0)
        )
    except TokenRefused:
        return _refused(
            403, _("This page is too old to report. Please load it again; what was counted is kept.")
        )
    except NOT_UNDERSTOOD:
        return _refused(400, _("The report was not understood; what was counted is kept."))
    except TooOften as early:
        return _too_often(early)
    except Busy:
        return _refused(503, _("The server is busy; the player will send it again."))
    crashpoint("lms_courses.beat.credited")
    response = JsonResponse(_told(standing))
    response["Cache-Control"] = "no-store"
    return response


def _told(standing: Standing) -> dict:
    return {
        "credited": standing.credited,
        "pct": standing.pct,
        "met": standing.met,
        "position": standing.position,
        "saved_at": standing.saved_at.isoformat(timespec="seconds"),
        "rest": standing.rest,
    }


# The network may be back when the page, and with it the session, is long gone: the token says whose it is.
@csrf_exempt
@require_POST
def offline(request: HttpRequest) -> JsonResponse:
    """Take ``{"sent", "reports": [{"id", "token", "ranges", "position", "played", "begun", "ended"}, …]}``.

    Each is answered by its id: where the lecture stands, or ``refused`` with the reason. What is
    refused would be refused again.
    """
    try:
        if len(request.body) > MAX_BODY:
            return _refused(413, _("The report is too long."))
        body = json.loads(request.body)
        reports = body["reports"]
        if not isinstance(reports, list) or len(reports) > MAX_REPORTS:
            return _refused(413, _("The report is too long."))
        sent_at = read_moment(body.get("sent", ""))
        results = [_credited(one, sent_at) for one in reports]
    except TooOften as early:
        return _too_often(early)
    except NOT_UNDERSTOOD:
        return _refused(400, _("The report was not understood; what was counted is kept."))
    return JsonResponse({"results": results}, headers={"Cache-Control": "no-store"})


def _credited(one: dict, sent_at) -> dict:
    client_id = read_uuid(one["id"])
    if client_id is None:
        raise BadRanges("a report without an id")
    report = Report(
        client_id=client_id,
        ranges=one["ranges"],
        position=one.get("position", 0),
        played=float(one.get("played", 0)),
        begun_at=read_moment(one.get("begun", "")),
        ended_at=read_moment(one.get("ended", "")),
        sent_at=sent_at,
    )
    try:
        token = read_token(one["token"])
        if not limits.hit("lms_courses.offline", str(token.person), limit=OFFLINE_AN_HOUR, seconds=3600):
            raise TooOften(60)
        return {"id": one["id"], **_told(credit_report(token, report))}
    except TokenRefused:
        return {
            "id": one["id"],
            "refused": _("This lesson was saved too long ago, or you have left the class."),
        }
    except BadRanges:
        return {"id": one["id"], "refused": _("The report was not understood; what was counted is kept.")}


def _too_often(early: TooOften) -> JsonResponse:
    answer = _refused(429, _("Reports come too often; the player will send it again."))
    answer["Retry-After"] = math.ceil(early.seconds)
    return answer


def _refused(status: int, message: str) -> JsonResponse:
    return JsonResponse({"error": message}, status=status, headers={"Cache-Control": "no-store"})
