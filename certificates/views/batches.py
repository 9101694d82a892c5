"""The batch desk: eligible completions with exceptions first, frozen by one person, approved by another."""

from collections import Counter

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count, Q
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext
from django.views.decorators.http import require_http_methods, require_safe

from certificates import permissions
from certificates.actions import approve_batch, freeze_batch
from certificates.actions.assessing import MOST_ON_ONE
from certificates.actions.batches import (
    MOST_PEOPLE,
    BatchRefused,
    candidates,
    freeze_by_person,
    papers_of,
    several_of_one_person,
)
from certificates.models import Batch, Issuer, NumberSeries
from certificates.pending import uncertified
from certificates.views.mending import with_ways
from courses.models import Run
from lms import clock, scope
from lms.actions import log_accesses
from lms.keys import read_keys
from lms.recent import recent_login_required


@login_required
@require_safe
def overview(request):
    """Classes with completions to certify, and the batches of one's issuers."""
    if not permissions.sees_batches(request.user):
        raise Http404
    issuers = permissions.building_for(request.user)
    waiting = uncertified().filter(run__release__course__facility__issuer__in=issuers)
    runs = (
        Run.objects.filter(pk__in=waiting.order_by().values("run"))
        .select_related("release__course")
        .annotate(waiting=Count("enrolments", filter=Q(enrolments__in=waiting.order_by().values("pk"))))
    )
    batches = scope.limit(Batch.objects.select_related("issuer__facility", "built_by"), request.user, "view")
    volumes = NumberSeries.objects.filter(
        issuer__in=scope.limit(Issuer.objects.all(), request.user, "view"), last__gt=0
    )
    context = {
        "runs": runs,
        "several": issuers.filter(pk__in=_with_several(waiting)).select_related("facility"),
        "batches": batches[:50],
        "volumes": volumes.select_related("issuer__facility").order_by("-year", "issuer", "kind"),
    }
    return render(request, "lms_certificates/batches.html", context)


def _with_several(waiting) -> list[int]:
    """The issuers at which one person has two completions or more to certify."""
    found = waiting.order_by().values("run__release__course__facility__issuer", "person")
    return [
        row["run__release__course__facility__issuer"]
        for row in found.annotate(count=Count("pk")).filter(count__gt=1)
    ]


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def build(request, run: int):
    """The completions of one class; POST freezes the chosen ones as a batch."""
    issuers = permissions.building_for(request.user)
    row = get_object_or_404(
        Run.objects.select_related("release__course__facility"),
        pk=run,
        release__course__facility__issuer__in=issuers,
    )
    if request.method == "POST":
        chosen = sorted(read_keys(request.POST.getlist("enrolment")))
        try:
            batch = freeze_batch(row, by=request.user, enrolments=chosen)
        except BatchRefused as error:
            messages.error(request, str(error))
            return redirect("lms_certificates:build_batch", run=row.pk)
        messages.success(request, _("The batch is frozen. A second person approves it now."))
        return redirect("lms_certificates:batch", pk=batch.pk)
    rows = candidates(row)
    shown = [candidate.enrolment.person_id for candidate in rows]
    log_accesses(request.user, shown, what=gettext_noop("completions to certify"), purpose=row.code)
    context = {
        "run": row,
        "exceptions": with_ways(request.user, [one for one in rows if one.is_exception]),
        "eligible": [one for one in rows if not one.is_exception and one.batch is None],
        "waiting": [one for one in rows if not one.is_exception and one.batch],
    }
    return render(request, "lms_certificates/build_batch.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def by_person(request, issuer: int):
    """People with several activities to certify; POST freezes the chosen ones, all of one person on one certificate."""
    row = get_object_or_404(permissions.building_for(request.user).select_related("facility"), pk=issuer)
    if request.method == "POST":
        chosen = sorted(read_keys(request.POST.getlist("enrolment")))
        try:
            batch = freeze_by_person(row, by=request.user, enrolments=chosen)
        except BatchRefused as error:
            messages.error(request, str(error))
            return redirect("lms_certificates:build_by_person", issuer=row.pk)
        messages.success(request, _("The batch is frozen. A second person approves it now."))
        return redirect("lms_certificates:batch", pk=batch.pk)
    people = several_of_one_person(row)
    shown = [found[0].enrolment.person_id for found in people]
    log_accesses(request.user, shown, what=gettext_noop("completions to certify"), purpose=row.facility.name)
    context = {"issuer": row, "people": people, "most": MOST_PEOPLE, "most_on_one": MOST_ON_ONE}
    return render(request, "lms_certificates/build_by_person.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def batch(request, pk: int):
    """One frozen batch: who is in it, which numbers come; POST approves and issues all or nothing."""
    row = permissions.get_batch_for(request.user, pk)
    if request.method == "POST":
        return _approve(request, row)
    if not row.origin_keys:
        raise Http404
    certificates = list(row.certificates.select_related("holder").order_by("sequence"))
    papers = [] if certificates else papers_of(row)
    shown = [one.holder_id for one in certificates] + [one.person.pk for one in papers]
    log_accesses(request.user, shown, what=gettext_noop("completions to certify"), purpose=row.title)
    of_class = bool(papers) and row.grouping == row.Grouping.ACTIVITY
    context = {
        "batch": row,
        "certificates": certificates,
        "sealed": sum(1 for one in certificates if one.sealed_at),
        "papers": papers,
        "left_out": with_ways(
            request.user,
            [
                one
                for one in (candidates(papers[0].enrolments[0].run) if of_class else [])
                if one.is_exception and one.batch is None
            ],
        ),
        "numbers": _expected(row.issuer, papers),
        "may_approve": permissions.can_approve(request.user, row),
    }
    return render(request, "lms_certificates/batch.html", context)


def _expected(issuer: Issuer, papers) -> list[tuple[str, str]]:
    """The first and the last number that each kind among *papers* would get now."""
    year = clock.today().year
    kinds = Counter(one.assessment.draft.kind for one in papers if one.assessment.draft)
    series = NumberSeries.objects.filter(issuer=issuer, year=year)
    last = dict(series.values_list("kind", "last"))
    spans = ((kind, last.get(kind, 0), count) for kind, count in sorted(kinds.items()))
    return [
        (issuer.format_number(used + 1, year, kind), issuer.format_number(used + count, year, kind))
        for kind, used, count in spans
    ]


@recent_login_required
def _approve(request, row):
    try:
        row = approve_batch(row, by=request.user)
    except (BatchRefused, permissions.NotAllowed) as error:
        messages.error(request, str(error))
        return redirect("lms_certificates:batch", pk=row.pk)
    count = row.certificates.count()
    done = ngettext("%(count)s certificate was issued.", "%(count)s certificates were issued.", count)
    messages.success(request, done % {"count": count})
    return redirect("lms_certificates:batch", pk=row.pk)
