"""Pathways of one's own hospital in the administration: the list, one of them, publish and close."""

from functools import cached_property

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from courses.actions import pathways
from courses.forms_pathway import PathwayForm
from courses.models import Pathway
from courses.permissions import get_pathway_for, pathways_for
from courses.views.workbench import PER_PAGE, Screen
from lms import scope


class Pathways(Screen):
    """The pathways of one's own hospital, with how many completed each."""

    template_name = "lms_courses/workbench/pathways.html"
    page_title = gettext_lazy("Pathways")

    def dispatch(self, request, *args, **kwargs):
        if not scope.can(request.user, "view", Pathway):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def crumbs(self):
        return [{"url": "", "label": self.page_title}]

    def get_context_data(self, **kwargs):
        rows = pathways_for(self.request.user).select_related("facility")
        # Django forgets a model's order once rows are counted in groups.
        rows = rows.annotate(
            course_count=Count("courses", distinct=True), done=Count("completions", distinct=True)
        )
        page = Paginator(rows.order_by("title_vi", "pk"), PER_PAGE).get_page(self.request.GET.get("p"))
        may_build = scope.can(self.request.user, "build", Pathway)
        return super().get_context_data(**kwargs) | {"page": page, "may_build": may_build}


class New(Screen):
    """A new pathway."""

    template_name = "lms_courses/workbench/pathway.html"
    page_title = gettext_lazy("New pathway")

    @cached_property
    def pathway(self) -> Pathway:
        if not scope.can(self.request.user, "build", Pathway):
            raise PermissionDenied
        return Pathway(created_by=self.request.user)

    def crumbs(self):
        return [
            {"url": reverse("lms_courses_admin:pathways"), "label": Pathways.page_title},
            {"url": "", "label": self.get_page_title()},
        ]

    def form(self) -> PathwayForm:
        return PathwayForm(self.request.POST or None, instance=self.pathway, user=self.request.user)

    def get_context_data(self, **kwargs):
        context = {"pathway": self.pathway, "form": kwargs.get("form") or self.form()}
        return super().get_context_data(**kwargs) | context

    def post(self, request, *args, **kwargs):
        form = self.form()
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form))
        data = form.cleaned_data
        row = pathways.save_pathway(
            form.save(commit=False), required=data.get("required", ()), electives=data.get("electives", ())
        )
        messages.success(request, _("Saved."))
        return redirect("lms_courses_admin:pathway", row.pk)


class Edit(New):
    """One pathway: its words and courses, and whether it is offered."""

    @cached_property
    def pathway(self) -> Pathway:
        return get_pathway_for(self.request.user, self.kwargs["pk"], "build")

    def get_page_title(self):
        return self.pathway.title

    def get_context_data(self, **kwargs):
        parts = self.pathway.courses.select_related("course")
        return super().get_context_data(**kwargs) | {"parts": parts}


@require_POST
def publish(request: HttpRequest, pk: int) -> HttpResponse:
    """Offer it to everybody."""
    return _done(request, pk, pathways.publish_pathway, _("The pathway is published."))


@require_POST
def close(request: HttpRequest, pk: int) -> HttpResponse:
    """Offer it to nobody new."""
    return _done(
        request, pk, pathways.close_pathway, _("The pathway is closed; who is on the way may finish.")
    )


def _done(request: HttpRequest, pk: int, verb, said: str) -> HttpResponse:
    pathway = get_pathway_for(request.user, pk, "build")
    try:
        verb(pathway)
    except pathways.PathwayRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, said)
    return redirect("lms_courses_admin:pathway", pk)
