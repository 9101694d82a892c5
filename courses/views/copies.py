"""Copying a class to other days: the days first, to be changed one by one, then the class."""

from datetime import timedelta
from functools import cached_property

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from courses.actions import copies, runs, sessions
from courses.forms import RunForm
from courses.forms_copy import FirstDayForm, SessionForm, first_day, next_first_day, remark, run_form
from courses.models import Release, Run, Session
from courses.permissions import get_run_for
from courses.views.workbench import Screen
from lms import clock, scope


class Copy(Screen):
    """A class with all its days moved; what is pressed after that opens the new class."""

    template_name = "lms_courses/workbench/copy.html"

    @cached_property
    def run(self) -> Run:
        return get_run_for(self.request.user, self.kwargs["pk"])

    @cached_property
    def to(self) -> Release | None:
        return copies.version_for(self.run)

    @cached_property
    def lessons(self) -> dict[Session, list[int]]:
        return copies.lessons_of(self.run, self.to) if self.to else {}

    @cached_property
    def planned(self) -> list[Session]:
        """Sessions that can be held again: their lesson is still taught and the user acts for their hub."""
        mine = set(scope.limit(Session.objects.all(), self.request.user, "host").values_list("pk", flat=True))
        return [one for one, lessons in self.lessons.items() if lessons and one.pk in mine]

    def get_page_title(self):
        return _("Copy class %(code)s") % {"code": self.run.code}

    def crumbs(self):
        course = self.run.release.course
        return [
            {"url": reverse("lms_courses_admin:course", args=[course.pk]), "label": course.title},
            {"url": "", "label": self.get_page_title()},
        ]

    def get_context_data(self, **kwargs):
        run, was = self.run, first_day(self.run, list(self.lessons))
        asked = FirstDayForm(self.request.GET if "first" in self.request.GET else None)
        first = next_first_day(was, clock.today())
        if asked.is_bound and asked.is_valid():
            first = asked.cleaned_data["first"]
        shift = first - was
        form = kwargs.get("form") or run_form(run, shift)
        forms = kwargs.get("forms") or self.session_forms(shift)
        return super().get_context_data(**kwargs) | {
            "run": run,
            "to": self.to,
            "asked": asked if asked.is_bound else FirstDayForm(initial={"first": first}),
            "shift": shift.days,
            "form": form,
            "remarks": [
                (form[name].label, text)
                for name in ("starts_on", "ends_on")
                if (text := remark(form[name].value()))
            ],
            "forms": forms,
            "left_out": [one for one in self.lessons if one not in self.planned],
            "staff": run.release.course.staff.filter(valid_to__isnull=True).select_related("person"),
        }

    def session_forms(self, shift: timedelta, data=None) -> list[SessionForm]:
        return [SessionForm(data, session=one, shift=shift) for one in self.planned]

    def post(self, request: HttpRequest, *args, **kwargs) -> HttpResponse:
        """Open the class with its sessions, or show everything again with what is wrong."""
        form = RunForm(request.POST, prefix="run")
        forms = self.session_forms(timedelta(0), request.POST)
        taken = [one for one in forms if one["take"].value()]
        made = None
        # Every form is asked, so that everything that is wrong is marked at once.
        if all([form.is_valid(), *(one.is_valid() for one in taken)]):
            planned = [
                copies.Planned(one.session, one.cleaned_data["starts_at"], one.cleaned_data["ends_at"])
                for one in taken
            ]
            try:
                made = copies.copy_run(self.run, sessions=planned, by=request.user, **form.cleaned_data)
            except (runs.RunRefused, sessions.SessionRefused) as refusal:
                form.add_error(None, str(refusal))
        if made is None:
            response = self.render_to_response(self.get_context_data(form=form, forms=forms))
            response.status_code = 422
            return response
        messages.success(
            request, _("Class %(code)s is open; nobody is enrolled in it yet.") % {"code": made.code}
        )
        return redirect(reverse("lms_courses_admin:course", args=[made.release.course_id]) + "#runs")
