"""The host's base page, and course pages built on it from our mixins."""

from django.db import models
from wagtail.models import AbstractPage

from courses.models import (
    CatalogPageMixin,
    CoursePageMixin,
    LessonPageMixin,
    ModulePageMixin,
    ProviderPageMixin,
)


class BasePage(AbstractPage):
    """What every page of the host carries."""

    department = models.CharField(max_length=60, blank=True)


class Catalog(CatalogPageMixin, BasePage):
    """The catalogue."""

    content_panels = [*BasePage.content_panels, *CatalogPageMixin.own_panels]
    template = CatalogPageMixin.template


class Provider(ProviderPageMixin, BasePage):
    """A providing hospital."""

    content_panels = [*BasePage.content_panels, *ProviderPageMixin.own_panels]
    template = ProviderPageMixin.template


class HostCourse(CoursePageMixin, BasePage):
    """A course."""

    content_panels = [*BasePage.content_panels, *CoursePageMixin.own_panels]
    template = CoursePageMixin.template


class HostModule(ModulePageMixin, BasePage):
    """A heading."""

    content_panels = [*BasePage.content_panels, *ModulePageMixin.own_panels]
    template = ModulePageMixin.template


class HostLesson(LessonPageMixin, BasePage):
    """A lesson."""

    content_panels = [*BasePage.content_panels, *LessonPageMixin.own_panels]
    template = LessonPageMixin.template
