"""The pages that describe courses; they know the records, never the other way round.

Each page is a mixin plus a thin concrete class, so that a host with its own base page
(``WAGTAIL_PAGE_MODEL``) builds its own classes from the mixins.
"""

import swapper
from django.apps import apps
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Exists, OuterRef
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.forms import WagtailAdminPageForm
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.fields import RichTextField, StreamField
from wagtail.models import GroupApprovalTask, Page, PagePermissionTester, WorkflowPage
from wagtail.search import index

from content import library
from content.blocks import LessonBody, faults
from content.forms.pages import OwnFilesForm
from content.models import Checklist, Quiz, Survey, Video
from lms import scope
from lms.conf import conf
from lms.memory import remembered
from lms.models import Facility

from .outline import Course, LessonKind

IS_SWAPPED = swapper.is_swapped("wagtailcore", "Page")

__all__ = ["CoursePageMixin", "LessonPageMixin", "ModulePageMixin", "ProviderPageMixin", "CatalogPageMixin"]


PREVIEWS = [
    ("learner", _("As an enrolled learner")),
    ("failed", _("As one who failed the final test")),
    ("visitor", _("As a visitor")),
]
"""As whom an editor may look at a course or a lesson that is being written."""
PREVIEW_SIZES = [
    {"name": "phone", "icon": "mobile-alt", "device_width": 360, "label": _("On a phone, 360 px wide")},
    {"name": "tablet", "icon": "tablet-alt", "device_width": 768, "label": _("On a tablet, 768 px wide")},
    {"name": "desktop", "icon": "desktop", "device_width": 1280, "label": _("At a desk, 1280 px wide")},
]
"""Frames of the preview; the weakest phone first."""


def page_models(mixin: type) -> list[type]:
    """The concrete page classes built from *mixin*, ours or a host's."""
    return [model for model in apps.get_models() if issubclass(model, mixin)]


def provider_above(page: Page):
    """The provider page that *page* is or stands below; None for a page of no hospital."""
    above = [page.path[:end] for end in range(page.steplen, len(page.path) + 1, page.steplen)]
    for model in page_models(ProviderPageMixin):
        rows = model.objects.filter(path__in=above).select_related("facility")
        if found := rows.order_by("-depth").first():
            return found
    return None


class SiteRoots:
    """Carries the roots of the sites from one page to the next, as a request does within one answer."""


class PartOfCourseMixin(models.Model):
    """What pages of courses and lessons share: previews as others see them, and a workflow asked for once.

    Previews come from the hook ``lms_courses_preview_page``: ``fn(page, request, mode_name) -> response or None``.
    """

    admin_default_ordering = "ord"  # as learners meet them, with handles to drag by
    preview_modes = PREVIEWS
    preview_sizes = PREVIEW_SIZES

    class Meta:
        abstract = True

    @cached_property
    def workflow_in_force(self):
        """The active workflow of the page or of the nearest above it; Wagtail's editor asks six times.

        One that waits for groups without anybody is left out, as is the "Moderators approval" that every new
        site has at its root: whoever sent a draft there could not write on, and nobody would answer.
        """
        if not getattr(settings, "WAGTAIL_WORKFLOW_ENABLED", True):
            return None
        paths = [self.path[:end] for end in range(self.steplen, len(self.path) + 1, self.steplen)]
        found = WorkflowPage.objects.filter(page__path__in=paths, workflow__active=True)
        groups = GroupApprovalTask.objects.filter(workflow_tasks__workflow=OuterRef("workflow"))
        answered = groups.filter(groups__user__is_active=True)
        found = found.filter(Exists(answered) | ~Exists(groups))
        found = found.select_related("workflow").order_by("-page__depth").first()
        return found.workflow if found else None

    def get_workflow(self):
        """As Wagtail's."""
        return self.workflow_in_force

    @property
    def has_workflow(self):
        """As Wagtail's."""
        return self.workflow_in_force is not None

    def _get_site_root_paths(self, cache_object=None, **kwargs):
        """As Wagtail's, which asks the cache (a table, perhaps) once a page, and a course has sixty.

        Not a public name, but the one way by which also ``url`` goes.
        """
        shared = remembered("site-roots", SiteRoots) if conf.REMEMBER_SECONDS else cache_object
        return super()._get_site_root_paths(shared, **kwargs)

    def serve_preview(self, request, mode_name):
        """The first answer of a hook, else what Wagtail shows."""
        for show in hooks.get_hooks("lms_courses_preview_page"):
            if (response := show(self, request, mode_name)) is not None:
                return response
        return super().serve_preview(request, mode_name)


class CatalogPageMixin(models.Model):
    """The public catalogue: every course that is open, with search and filters."""

    intro = RichTextField(_("introduction"), blank=True, features=["bold", "italic", "link"])

    own_panels = [FieldPanel("intro")]
    template = "lms_courses/catalog_page.html"

    class Meta:
        abstract = True

    def route(self, request, path_components):
        """Find one of our own pages below in one step; Wagtail walks down level by level."""
        if len(path_components) > 1:
            url_path = f"{self.url_path}{'/'.join(path_components)}/"
            below = self.base_page_model.objects.filter(slug=path_components[-1], url_path=url_path)
            page = below.filter(path__startswith=self.path).first()
            ours = (ProviderPageMixin, CoursePageMixin, LessonPageMixin)
            if page is not None and issubclass(page.specific_class or type(page), ours):
                return page.specific.route(request, [])
        return super().route(request, path_components)


class ProviderPageForm(WagtailAdminPageForm):
    """Asks whose page it is when the page is made; later of superusers alone."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.pk and not getattr(self.for_user, "is_superuser", False):
            self.fields.pop("facility", None)


class ProviderPageMixin(models.Model):
    """The page of one providing hospital, parent of its course pages."""

    facility = models.ForeignKey(Facility, models.PROTECT, related_name="+", verbose_name=_("facility"))
    intro = RichTextField(_("introduction"), blank=True, features=["bold", "italic", "link"])

    own_panels = [FieldPanel("facility"), FieldPanel("intro")]
    base_form_class = ProviderPageForm
    template = "lms_courses/provider_page.html"

    class Meta:
        abstract = True

    def clean(self):
        """Whoever writes, by whichever way, gives no course with versions to another hospital in passing.

        Its certificates would bear that hospital's numbers and signature. Such a course is moved by itself.
        """
        super().clean()
        stored = type(self)._base_manager.filter(pk=self.pk).exclude(facility=self.facility_id)
        if not self.pk or not stored.exists():
            return
        below = self.get_descendants().values("translation_key")
        if Course.objects.filter(key__in=below, releases__isnull=False).exists():
            message = _(
                "Courses with versions stand below this page and stay with their hospital. "
                "Move the courses below the page of the other hospital instead."
            )
            raise ValidationError(message)


class CoursePageMixin(PartOfCourseMixin):
    """What a course says about itself in one language; its identity is the ``Course`` record."""

    summary = models.TextField(_("summary"), max_length=500, blank=True)
    objectives = RichTextField(_("learning objectives"), blank=True, features=["ul", "ol", "bold"])
    needs = models.TextField(_("needs assessment"), blank=True)

    own_panels = [
        FieldPanel("summary"),
        FieldPanel("objectives"),
        FieldPanel("needs"),
    ]
    template = "lms_courses/course_page.html"

    class Meta:
        abstract = True

    @cached_property
    def record(self) -> Course | None:
        """The record this page describes; None until it was first published."""
        return Course.objects.filter(key=self.translation_key).select_related("facility").order_by().first()


class ModulePageMixin(models.Model):
    """An optional heading over a few lessons."""

    summary = models.TextField(_("summary"), blank=True)

    own_panels = [FieldPanel("summary")]
    template = "lms_courses/module_page.html"

    class Meta:
        abstract = True


ACTIVITIES = ("video", "quiz", "checklist", "survey")
"""Fields of a lesson page that name what its activity is made of."""


class LessonPageForm(OwnFilesForm):
    """Takes one activity, and only what the editor may choose or the lesson has already.

    The choosers offer no others; this is for what they did not send.
    """

    def may_take(self, thing):
        """The same of pictures and documents; nobody takes what the readers of this hospital would not be shown."""
        provider = provider_above(self.parent_page) if self.parent_page else None
        return super().may_take(thing) and library.belongs_to(thing, provider and provider.facility)

    def defer_required_fields(self):
        """What only readers need is asked for when the page is published."""
        super().defer_required_fields()
        self.instance.is_unfinished = True

    def restore_required_fields(self):
        """The form is shown again."""
        super().restore_required_fields()
        self.instance.is_unfinished = False

    def clean(self):
        data = super().clean()
        kind = data.get("activity")
        for name in ACTIVITIES:
            chosen = data.get(name)
            if chosen is not None and name != kind:
                message = _(
                    "A lesson has one activity. Take this away, or choose “%(kind)s” as the activity."
                )
                self.add_error(name, message % {"kind": LessonKind(name).label})
            if chosen is None or chosen.pk == self.initial.get(name):
                continue
            if not scope.can(self.for_user, scope.choosing_act(type(chosen)), chosen):
                self.add_error(name, _("Choose something of your own hospital."))
                self.forget(name, self.initial.get(name))
        return data


class LeafPermissions(PagePermissionTester):
    """Wagtail's rules; a page without pages below is asked itself whether anything of it is published.

    Wagtail asks the database for each row of a list, and a course has sixty.
    """

    def can_delete(self, ignore_bulk=False):
        """Whether the user may delete the page: the same answer as Wagtail's, for a leaf without a query."""
        if self.user.is_superuser or not self.user.is_active or not self.page.is_leaf():
            return super().can_delete(ignore_bulk)
        if "change" in self.permissions and "publish" not in self.permissions:
            return not self.page.live
        return super().can_delete(ignore_bulk)


class LessonPageMixin(PartOfCourseMixin):
    """A lesson in one language: a body of passive blocks and at most one activity beside it.

    The activity is read from the source-language page when it is published; translations
    repeat it for the editor's eyes only.
    """

    body = StreamField(LessonBody(), verbose_name=_("body"), blank=True)
    activity = models.CharField(
        _("activity"), max_length=10, choices=LessonKind.choices, default=LessonKind.READING
    )
    video = models.ForeignKey(
        Video, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("video lecture")
    )
    quiz = models.ForeignKey(
        Quiz, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("test")
    )
    checklist = models.ForeignKey(
        Checklist, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("checklist")
    )
    survey = models.ForeignKey(
        Survey, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("survey")
    )

    own_panels = [
        FieldPanel("body"),
        MultiFieldPanel(
            [
                FieldPanel("activity"),
                FieldPanel("video"),
                FieldPanel("quiz"),
                FieldPanel("checklist"),
                FieldPanel("survey"),
            ],
            heading=_("Activity"),
        ),
    ]
    base_form_class = LessonPageForm
    is_unfinished = False  # set by the form while it saves a draft
    template = "lms_courses/lesson_page.html"

    class Meta:
        abstract = True

    def permissions_for_user(self, user):
        """As Wagtail's, without a query for each lesson of a list."""
        if self.specific_class is not None and not isinstance(self, self.specific_class):
            return super().permissions_for_user(user)
        return LeafPermissions(user, self)

    def lacks(self) -> dict[str, list[str]]:
        """What keeps the lesson from its readers, by field: an activity without what it is made of, a picture
        without its words, a case that nobody vouched for. A query for each picture and file.
        """
        found = {}
        if self.activity in ACTIVITIES and not getattr(self, f"{self.activity}_id"):
            found[self.activity] = [_("Choose what this lesson's activity is made of.")]
        if wrong := faults(self.body):
            found["body"] = wrong
        return found

    def clean_fields(self, exclude=None):
        """Whoever publishes, by whichever way, is asked for what the lesson lacks; who writes a draft is not."""
        super().clean_fields(exclude=exclude)
        if self.is_unfinished:
            return
        if lacking := {name: told for name, told in self.lacks().items() if name not in (exclude or ())}:
            raise ValidationError(lacking)


if not IS_SWAPPED:

    class CatalogPage(CatalogPageMixin, Page):  # noqa: DJ008
        """The public catalogue of courses."""

        content_panels = [*Page.content_panels, *CatalogPageMixin.own_panels]
        subpage_types = ["lms_courses.ProviderPage"]

        class Meta:
            verbose_name = _("course catalogue")

    class ProviderPage(ProviderPageMixin, Page):  # noqa: DJ008
        """A providing hospital and its courses."""

        content_panels = [*Page.content_panels, *ProviderPageMixin.own_panels]
        parent_page_types = ["lms_courses.CatalogPage"]
        subpage_types = ["lms_courses.CoursePage"]

        class Meta:
            verbose_name = _("provider page")

    class CoursePage(CoursePageMixin, Page):  # noqa: DJ008
        """A course in one language."""

        content_panels = [*Page.content_panels, *CoursePageMixin.own_panels]
        subpage_types = ["lms_courses.ModulePage", "lms_courses.LessonPage"]
        search_fields = [*Page.search_fields, index.SearchField("summary")]

        class Meta:
            verbose_name = _("course page")

    class ModulePage(ModulePageMixin, Page):  # noqa: DJ008
        """A heading over some lessons of a course."""

        content_panels = [*Page.content_panels, *ModulePageMixin.own_panels]
        parent_page_types = ["lms_courses.CoursePage"]
        subpage_types = ["lms_courses.LessonPage"]

        class Meta:
            verbose_name = _("module page")

    class LessonPage(LessonPageMixin, Page):  # noqa: DJ008
        """A lesson in one language. Only the title is indexed: bodies are for the enrolled."""

        content_panels = [*Page.content_panels, *LessonPageMixin.own_panels]
        parent_page_types = ["lms_courses.CoursePage", "lms_courses.ModulePage"]
        subpage_types = []

        class Meta:
            verbose_name = _("lesson page")

    __all__ += ["CatalogPage", "ProviderPage", "CoursePage", "ModulePage", "LessonPage"]
