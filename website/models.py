"""The site's own rows: its user and its home page."""

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.models import Page

from lms.memory import remembered


class User(AbstractUser):
    """A login of this site. Who the person is stands in ``lms.Person``; a login may go, the person stays.

    ``phone`` is proved by a code and belongs to one login only; one that was typed at sign-up and
    not proved yet waits in ``phone_unproved`` and opens nothing.
    Personal data: user name, e-mail, phone, password hash.
    """

    phone = models.CharField(_("phone"), max_length=16, unique=True, null=True, blank=True)
    phone_unproved = models.CharField(max_length=16, blank=True, editable=False)

    class Meta(AbstractUser.Meta):
        verbose_name = _("login")
        verbose_name_plural = _("logins")
        constraints = [
            models.CheckConstraint(
                name="website_user_phone_is_e164",
                condition=models.Q(phone__isnull=True) | models.Q(phone__startswith="+84"),
            )
        ]

    def get_full_name(self):
        """The name of the person, by which Wagtail calls whoever wrote, commented or decided.

        Empty, so that the login is called by its own name, where nobody stands behind it and for who never held a
        role: learners write nothing there, and Wagtail's screens do not note who read a name. A history asks
        once for each of its lines.
        """
        return remembered(("full name", self.pk), lambda: self._of_person("full_name"))

    def get_short_name(self):
        """The given name, with which Wagtail's letters begin."""
        return self._of_person("given_name")

    def _of_person(self, name: str) -> str:
        person = getattr(self, "person", None)
        if person is None or not (self.is_superuser or self.role_assignments.exists()):
            return ""
        return getattr(person, name)


class HomePage(Page):
    """The front page: what this is, courses open now, next live sessions."""

    lead = models.CharField(_("heading"), max_length=120, blank=True)
    intro = models.TextField(_("introduction"), max_length=300, blank=True)

    content_panels = [*Page.content_panels, FieldPanel("lead"), FieldPanel("intro")]
    template = "website/home_page.html"
    max_count = 2

    class Meta:
        verbose_name = _("home page")

    def route(self, request, path_components):
        """Find a page far below by its whole path: two queries, not two for each level above it.

        Only where no page between routes by itself; else, and for what is not found, as Wagtail does.
        """
        if len(path_components) > 1:
            path = "/".join([self.url_path.rstrip("/"), *path_components, ""])
            found = Page.objects.filter(url_path=path, live=True).specific().first()
            if found is not None:
                return found.route(request, [])
        return super().route(request, path_components)

    def get_context(self, request, *args, **kwargs):
        """Add what is open now; a reader's own page is ``me``, so this is the same for everybody."""
        from website import demo_role, home
        from website.navigation import catalogue_url

        context = super().get_context(request, *args, **kwargs)
        return {
            **context,
            **home.front(request),
            "catalogue": catalogue_url(request),
            "offers": demo_role.offers(),
        }
