"""Pathways for learners and visitors: which there are, and one's own way through one."""

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from courses.links import catalogue_url, urls_of
from courses.models import Pathway
from courses.pathways import Walk, taken_up, ways_of
from lms.permissions import person_of

PER_PAGE = 20


@never_cache
@require_safe
def pathways(request: HttpRequest) -> HttpResponse:
    """Every pathway that is offered; of whoever is signed in, how far they are."""
    rows = Pathway.objects.shown().select_related("facility")
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("p"))
    page.object_list = ways_of(person_of(request.user), page.object_list)
    return render(request, "lms_courses/pathways.html", {"page": page, "catalogue": catalogue_url(request)})


@never_cache
@require_safe
def pathway(request: HttpRequest, pk: int) -> HttpResponse:
    """One pathway rule by rule: what is done, what is going on, what is open and what to do."""
    person = person_of(request.user)
    rows = Pathway.objects.published().filter(pk=pk).select_related("facility")
    walk = next(iter(ways_of(person, rows)), None)
    if walk is None or not (walk.pathway.closed_at is None or _is_mine(person, walk)):
        raise Http404
    urls = urls_of([course.key for course in walk.courses.values()], request)
    parts = walk.parts
    for _part, steps in parts:
        for step in steps:
            step.url = urls.get(step.course.key, "")
    context = {"walk": walk, "parts": parts, "catalogue": catalogue_url(request)}
    return render(request, "lms_courses/pathway.html", context)


def _is_mine(person, walk: Walk) -> bool:
    """Whether a closed pathway still concerns *person*."""
    return person is not None and (
        walk.is_complete or walk.pathway.pk in {one.pathway.pk for one in taken_up(person)}
    )
