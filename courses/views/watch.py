"""The heartbeat of a playing lecture: a signed token instead of a session, and two statements."""

import json

from django.http import HttpRequest, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from courses.actions.watching import Busy, TokenRefused, beat, read_token
from lms.crashpoints import crashpoint

MAX_BODY = 64 * 1024


# A beacon sent while the page closes can carry no header; the signed token says whose report it is.
@csrf_exempt
@require_POST
def heartbeat(request: HttpRequest) -> JsonResponse:
    """Take ``{"token", "ranges": [[from, to], …], "position", "offline"}`` and answer where it stands.

    Refusals keep what was credited before; the player keeps its ranges on 503.
    """
    try:
        if len(request.body) > MAX_BODY:
            return _refused(413, _("The report is too long."))
        body = json.loads(request.body)
        token = read_token(body["token"])
        standing = beat(
            token,
            ranges=body.get("ranges", []),
            position=body.get("position", 0),
            offline=body.get("offline") is True,
        )
    except TokenRefused:
        return _refused(
            403, _("This page is too old to report. Please load it again; what was counted is kept.")
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        # BadRanges is a ValueError, as is broken JSON; brackets nested by the thousand end in the last.
        return _refused(400, _("The report was not understood; what was counted is kept."))
    except Busy:
        return _refused(503, _("The server is busy; the player will send it again."))
    crashpoint("lms_courses.beat.credited")
    response = JsonResponse(
        {
            "credited": standing.credited,
            "pct": standing.pct,
            "met": standing.met,
            "position": standing.position,
            "saved_at": standing.saved_at.isoformat(timespec="seconds"),
            "rest": standing.rest,
        }
    )
    response["Cache-Control"] = "no-store"
    return response


def _refused(status: int, message: str) -> JsonResponse:
    return JsonResponse({"error": message}, status=status, headers={"Cache-Control": "no-store"})
