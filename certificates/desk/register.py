"""The register as councils take it home: its last checkpoint, its keys, the export and the check."""

from importlib import resources

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from certificates import permissions
from certificates.actions import register
from certificates.models import Checkpoint, LogEntry


def _last(request) -> Checkpoint | None:
    if not permissions.reads_register(request.user):
        raise Http404
    return Checkpoint.objects.first()


@login_required
@require_safe
def overview(request):
    """How far the register is signed, with which keys, and what to do with the export."""
    last = _last(request)
    context = {
        "last": last,
        "waiting": LogEntry.objects.filter(index__isnull=True).count(),
        "origin": register.origin(),
        "keys": register.fingerprints(),
    }
    return render(request, "lms_certificates/register.html", context)


@login_required
@require_safe
def export(request):
    """The export up to the last checkpoint; hashes and numbers, no names."""
    last = _last(request)
    if last is None:
        raise Http404
    response = StreamingHttpResponse(
        register.export_lines(last), content_type="application/jsonl; charset=utf-8"
    )
    name = f"register-{last.at:%Y%m%d-%H%M}-{last.size}.jsonl"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response


@login_required
@require_safe
def checker(request):
    """The program that checks the export; Python's standard library alone."""
    _last(request)
    source = resources.files("certificates.offline").joinpath("check_register.py").read_bytes()
    response = HttpResponse(source, content_type="text/x-python; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="check_register.py"'
    return response
