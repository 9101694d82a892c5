"""The verifier's list: paste or upload, read the exceptions first, take the result home as a file."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, pgettext
from django.views.decorators.http import require_http_methods, require_safe

from certificates import permissions
from certificates.actions import check_list
from certificates.actions.answering import ANSWERS
from certificates.actions.desk import ListRefused, as_csv, as_xlsx
from certificates.conf import conf
from certificates.models import BulkCheck
from lms.actions import log_accesses
from lms.limits import hit
from lms.models import Job
from lms.spreadsheets import XLSX, rows_of
from lms.uploads import UploadRefused

MOST_PASTED = 2_000_000
SHOWN = 500


def answers() -> dict[str, str]:
    """The answers in the reader's language."""
    return {
        "revoked": _("revoked"),
        "superseded": _("replaced"),
        "unknown": _("not found"),
        "differs": _("to be looked at"),
        "match": pgettext("a row of a list", "matches"),
    }


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def new(request):
    """The form, the limits and one's earlier lists; POST checks a list."""
    if not permissions.is_verifier(request.user):
        raise Http404
    message = ""
    if request.method == "POST":
        try:
            if not hit("lms_certificates.desk", request.user.pk, limit=60, seconds=3600):
                raise ListRefused(_("Sixty lists an hour are enough for one person. Please try again later."))
            check = _check(request)
            return redirect("lms_certificates:checked_list", uuid=check.uuid)
        except (ListRefused, UploadRefused) as error:
            message = str(error)
    context = {
        "message": message,
        "posted": request.POST,
        "limit": conf.MAX_DESK_ROWS,
        "earlier": BulkCheck.objects.filter(by=request.user).defer("results", "asked")[:20],
    }
    return render(request, "lms_certificates/desk.html", context, status=422 if message else 200)


def _check(request) -> BulkCheck:
    said = {"purpose": request.POST.get("purpose", ""), "title": request.POST.get("title", "")}
    file = request.FILES.get("file")
    if file is None:
        pasted = request.POST.get("list", "")[:MOST_PASTED]
        return check_list(pasted, by=request.user, **said)
    with rows_of(file) as rows:
        return check_list(rows, by=request.user, source=file.name, **said)


def _answered(request, uuid) -> BulkCheck:
    """A list of one's own with its answers; opened again it shows its people again."""
    check = permissions.get_check_for(request.user, uuid)
    shown = [row.get("holder") for row in check.results]
    log_accesses(request.user, shown, what=gettext_noop("a certificate"), purpose=check.purpose)
    return check


@login_required
@require_safe
def result(request, uuid):
    """The answers of one list, exceptions first; ``?answer=`` shows one sort. While it waits, how far it is."""
    check = _answered(request, uuid)
    if check.answered_at is None:
        job = (
            Job.objects.filter(kind="lms_certificates.check_list", key=str(check.pk)).order_by("-pk").first()
        )
        return render(request, "lms_certificates/desk_waiting.html", {"check": check, "job": job})
    wanted = request.GET.get("answer", "")
    words = answers()
    rows = [row | {"word": words[row["answer"]]} for row in check.results if wanted in ("", row["answer"])]
    context = {
        "check": check,
        "rows": rows[:SHOWN],
        "hidden": max(0, len(rows) - SHOWN),
        "wanted": wanted,
        "total": len(check.results),
        "counts": [(answer, words[answer], check.counts.get(answer, 0)) for answer in ANSWERS],
    }
    return render(request, "lms_certificates/desk_result.html", context)


def _file(request, uuid, make, kind: str, suffix: str) -> HttpResponse:
    check = _answered(request, uuid)
    if check.answered_at is None:
        raise Http404
    response = HttpResponse(make(check, answers()), content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="certificates-{check.at:%Y%m%d-%H%M}.{suffix}"'
    response["Cache-Control"] = "private, no-store"
    return response


@login_required
@require_safe
def result_csv(request, uuid):
    """The answers of one list as CSV."""
    return _file(request, uuid, as_csv, "text/csv; charset=utf-8", "csv")


@login_required
@require_safe
def result_xlsx(request, uuid):
    """The answers of one list for the spreadsheet."""
    return _file(request, uuid, as_xlsx, XLSX, "xlsx")
