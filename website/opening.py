"""The first pages of a new site: home and catalogue in both languages, in the place of Wagtail's word of welcome."""

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _
from wagtail.models import Locale, Page, Site

from courses.models.pages import CatalogPage
from website.models import HomePage

CATALOGUE_SLUGS = {"vi": "khoa-hoc", "en": "courses"}


@transaction.atomic
def open_site(*, host: str, port: int, name: str) -> HomePage:
    """Return the Vietnamese home page of the default site, made with its catalogue and English twins where missing.

    Idempotent: pages that stand are left as their editors wrote them, only host and port follow.
    Wagtail's welcome page goes, unless somebody has put pages below it.
    """
    root = Page.objects.get(depth=1)
    homes: dict[str, HomePage] = {}
    for code in ("vi", "en"):
        locale = Locale.objects.get_or_create(language_code=code)[0]
        with translation.override(code):
            homes[code] = _first(
                root,
                HomePage,
                locale,
                twin=homes.get("vi"),
                title=name,
                slug="trang-chu" if code == "vi" else "home-en",
            )
            _first(
                homes[code],
                CatalogPage,
                locale,
                twin=CatalogPage.objects.filter(locale__language_code="vi").first(),
                title=_("Courses"),
                slug=CATALOGUE_SLUGS[code],
            )
    site = Site.objects.filter(is_default_site=True).first() or Site(is_default_site=True)
    welcome = site.root_page if site.pk else None
    site.hostname, site.port, site.root_page, site.site_name = host, port, homes["vi"], name
    site.save()
    if welcome and type(welcome.specific) is Page and welcome.depth == 2 and not welcome.get_children():
        welcome.delete()
    return homes["vi"]


def _first(parent: Page, model, locale: Locale, *, twin: Page | None, **values):
    found = model.objects.filter(locale=locale).first()
    if found is not None:
        return found
    page = model(locale=locale, **values)
    if twin is not None:
        page.translation_key = twin.translation_key
    Page.objects.get(pk=parent.pk).add_child(instance=page)
    page.save_revision().publish()
    page.refresh_from_db()
    return page
