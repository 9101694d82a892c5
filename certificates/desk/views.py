"""The verifier's list: paste or upload, read the exceptions first, take the result home as CSV."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, pgettext
from django.views.decorators.http import require_http_methods, require_safe

from certificates import permissions
from certificates.actions import check_list
from certificates.actions.desk import ANSWERS, ListRefused, as_csv
from certificates.conf import conf
from certificates.models import BulkCheck
from lms.actions import log_accesses
from lms.limits import hit
from lms.uploads import UploadRefused, check_size

MAX_BYTES = 2_000_000


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
            check = check_list(
                _text(request),
                by=request.user,
                purpose=request.POST.get("purpose", ""),
                title=request.POST.get("title", ""),
            )
            return redirect("lms_certificates:checked_list", uuid=check.uuid)
        except (ListRefused, UploadRefused) as error:
            message = str(error)
    context = {
        "message": message,
        "posted": request.POST,
        "limit": conf.MAX_DESK_ROWS,
        "earlier": BulkCheck.objects.filter(by=request.user).defer("results")[:20],
    }
    return render(request, "lms_certificates/desk.html", context, status=422 if message else 200)


def _text(request) -> str:
    file = request.FILES.get("file")
    if file is None:
        return request.POST.get("list", "")[:MAX_BYTES]
    check_size(file, MAX_BYTES)
    try:
        return file.read().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ListRefused(
            _(
                "The file is not plain text in UTF-8. Save it from the spreadsheet as CSV (UTF-8) and choose it again."
            )
        ) from error


def _record(request, check: BulkCheck) -> None:
    """A list that is opened again shows its people again."""
    shown = [row.get("holder") for row in check.results]
    log_accesses(request.user, shown, what=gettext_noop("a certificate"), purpose=check.purpose)


@login_required
@require_safe
def result(request, uuid):
    """The answers of one list, exceptions first; ``?answer=`` shows one sort."""
    check = permissions.get_check_for(request.user, uuid)
    _record(request, check)
    wanted = request.GET.get("answer", "")
    words = answers()
    rows = [row | {"word": words[row["answer"]]} for row in check.results if wanted in ("", row["answer"])]
    context = {
        "check": check,
        "rows": rows[:1000],
        "hidden": max(0, len(rows) - 1000),
        "wanted": wanted,
        "total": len(check.results),
        "counts": [(answer, words[answer], check.counts.get(answer, 0)) for answer in ANSWERS],
    }
    return render(request, "lms_certificates/desk_result.html", context)


@login_required
@require_safe
def result_csv(request, uuid):
    """The answers of one list as a file for the spreadsheet."""
    check = permissions.get_check_for(request.user, uuid)
    _record(request, check)
    response = HttpResponse(as_csv(check, answers()), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="certificates-{check.at:%Y%m%d-%H%M}.csv"'
    response["Cache-Control"] = "private, no-store"
    return response
