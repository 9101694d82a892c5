"""Moving a course in the workbench: export it, fetch the archive; send one in, see what it makes, import it."""

from functools import cached_property
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from content.archive_words import KINDS, say
from courses.actions import archives
from courses.actions.packing import contents_of
from courses.conf import conf
from courses.forms_archive import ArchiveForm
from courses.models import Course
from courses.permissions import get_course_for
from courses.views.workbench import Screen
from lms import media, names, scope
from lms.languages import pick
from lms.models import Job
from lms.recent import recent_login_required
from lms.uploads import UploadRefused

LOOK_AGAIN = "3"


class Export(Screen):
    """Asks for an archive of one course, shows how far it is and where to fetch it."""

    template_name = "lms_courses/workbench/archive.html"
    page_title = gettext_lazy("Export the course")
    header_icon = "download"

    @cached_property
    def course(self) -> Course:
        return get_course_for(self.request.user, self.kwargs["pk"], "archive")

    def crumbs(self):
        return [
            {"url": reverse("lms_courses_admin:course", args=[self.course.pk]), "label": self.course.title},
            {"url": "", "label": self.page_title},
        ]

    def dispatch(self, request, *args, **kwargs):
        # Whoever may not is refused before anybody is asked to prove who they are.
        if request.user.is_authenticated:
            self.course  # noqa: B018
        return super().dispatch(request, *args, **kwargs)

    def get(self, request, *args, **kwargs):
        answer = super().get(request, *args, **kwargs)
        if is_under_way(self.job):
            answer["Refresh"] = LOOK_AGAIN
        return answer

    @method_decorator(recent_login_required)
    def post(self, request, *args, **kwargs):
        try:
            archives.ask_export(self.course, by=request.user)
        except archives.ArchiveRefused as refused:
            messages.error(request, refused.message)
        return redirect(request.path)

    @cached_property
    def job(self) -> Job | None:
        return newest(archives.EXPORT, f"{self.course.pk}:{self.request.user.pk}")

    def get_context_data(self, **kwargs):
        contents = contents_of(self.course)
        name = archives.export_of(self.course, by=self.request.user)
        return super().get_context_data(**kwargs) | {
            "course": self.course,
            "contents": contents,
            "job": self.job,
            "is_under_way": is_under_way(self.job),
            "problem": problem_of(self.job),
            "size": media.storage().size(name) if name else 0,
            "hours": conf.ARCHIVE_KEEP_HOURS,
        }


@require_safe
def fetch(request: HttpRequest, pk: int) -> HttpResponse:
    """Send the archive to whoever asked for it."""
    course = get_course_for(request.user, pk, "archive")
    name = archives.export_of(course, by=request.user)
    if not name:
        raise Http404
    title = slugify(names.fold(f"{course.code} {course.title}"))[:80] or "course"
    return media.serve(request, name, content_type="application/zip", filename=f"{title}.zip", inline=False)


class Import(Screen):
    """Takes an archive and has it checked."""

    template_name = "lms_courses/workbench/import.html"
    page_title = gettext_lazy("Import a course")
    header_icon = "upload"

    def dispatch(self, request, *args, **kwargs):
        if not scope.can(request.user, "archive", Course):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def crumbs(self):
        return [{"url": "", "label": self.page_title}]

    def post(self, request, *args, **kwargs):
        form = ArchiveForm(request.POST, request.FILES, user=request.user)
        if form.is_valid():
            facility, file = form.cleaned_data["facility"], form.cleaned_data["file"]
            try:
                token = archives.hand_in_archive(facility, file=file, by=request.user)
            except (UploadRefused, media.MediaUnwritable) as refused:
                form.add_error("file", str(refused))
            else:
                return redirect("lms_courses_admin:import_report", token)
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def get_context_data(self, **kwargs):
        return super().get_context_data(**kwargs) | {
            "form": kwargs.get("form") or ArchiveForm(user=self.request.user),
            "hours": conf.ARCHIVE_KEEP_HOURS,
        }


class ImportReport(Screen):
    """What an archive makes, and what stands in the way; pressed once more, it is imported."""

    template_name = "lms_courses/workbench/import_report.html"
    page_title = gettext_lazy("Course sent in")
    header_icon = "upload"

    def dispatch(self, request, *args, **kwargs):
        self.token = kwargs["token"]
        if not archives.is_senders(self.token, request.user):
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    def crumbs(self):
        index = {"url": reverse("lms_courses_admin:import_course"), "label": Import.page_title}
        return [index, {"url": "", "label": self.page_title}]

    @cached_property
    def jobs(self) -> dict[str, Job | None]:
        tries = Job.objects.filter(kind=archives.IMPORT, key__startswith=f"{self.token}:")
        return {"check": newest(archives.CHECK, self.token), "import": tries.order_by("-pk").first()}

    def get(self, request, *args, **kwargs):
        answer = super().get(request, *args, **kwargs)
        if any(map(is_under_way, self.jobs.values())):
            answer["Refresh"] = LOOK_AGAIN
        return answer

    def post(self, request, *args, **kwargs):
        again = request.POST.get("again") == "1"
        made = archives.imported_from(self.token)
        if made and not again:
            messages.warning(request, _("This archive has been imported already; nothing was made."))
            return redirect(request.path)
        try:
            archives.start_import(self.token, by=request.user, again=again)
        except archives.ArchiveRefused as refused:
            messages.error(request, refused.message)
        return redirect(request.path)

    def get_context_data(self, **kwargs):
        report = archives.report_of(self.token)
        job = self.jobs["check"] if is_under_way(self.jobs["check"]) else self.jobs["import"]
        return super().get_context_data(**kwargs) | {
            "facility": archives.facility_of(self.token),
            "report": None if is_under_way(self.jobs["check"]) else report,
            "lines": lines_of(report) if report else None,
            "job": job,
            "is_under_way": is_under_way(job),
            "problem": problem_of(job),
            "made": archives.imported_from(self.token),
            "hours": conf.ARCHIVE_KEEP_HOURS,
        }


def newest(kind: str, key: str) -> Job | None:
    """The newest job of *kind* on *key*."""
    return Job.objects.filter(kind=kind, key=key).order_by("-pk").first()


def is_under_way(job: Job | None) -> bool:
    """Whether a worker does it or will."""
    return job is not None and job.state in {Job.State.QUEUED, Job.State.RUNNING}


def problem_of(job: Job | None) -> str:
    """Why *job* failed, in the words it gave up with; our own faults in one sentence."""
    if job is None or job.state != Job.State.DEAD:
        return ""
    head, _colon, words = (job.error.splitlines() or [""])[0].partition(": ")
    return (
        words
        if head == "GiveUp"
        else _(
            "Something went wrong on the server; nothing is left half-done. Please try again, or tell the administrator."
        )
    )


def lines_of(report: dict[str, Any]) -> dict[str, Any]:
    """A report in words."""
    titles = report["titles"]
    return {
        "title": pick(titles.get("vi", ""), titles.get("en", "")) or next(iter(titles.values()), ""),
        "size": report["size"],
        "made": [(KINDS[kind], report["made"][kind]) for kind in KINDS if report["made"].get(kind)],
        "notes": [say(code, params) for code, params in report["notes"]],
        "problems": [say(code, params) for code, params in report["problems"]],
    }
