"""Where a hospital begins to write: its provider page, and publishing what waits below it."""

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _
from wagtail.models import Locale, Page

from courses.models.pages import CatalogPageMixin, ProviderPageMixin
from courses.page_permissions import grant_pages
from courses.sync import page_models
from lms.models import Facility
from lms.names import fold


class DraftRefused(Exception):
    """A page cannot be made or published; the text may be shown to the user."""


@transaction.atomic
def provider_page(facility: Facility, *, by) -> Page:
    """The page of a providing hospital, below which its courses stand; made and published where it is missing.

    Its authors get their rights on it at once. Idempotent.
    """
    facility = Facility.objects.select_for_update().get(pk=facility.pk)
    if not facility.is_provider:
        raise DraftRefused(_("%(place)s does not provide courses.") % {"place": facility})
    language = Locale.get_default()
    kinds: list[Any] = page_models(ProviderPageMixin)
    for model in kinds:
        rows = model.objects.filter(facility=facility).select_related("locale")
        found = sorted(rows, key=lambda one: (one.locale_id != language.pk, one.pk))
        if found:
            return found[0]
    above: list[Any] = page_models(CatalogPageMixin)
    catalogues = [one for model in above for one in model.objects.live()]
    catalogues.sort(key=lambda one: (one.locale_id != language.pk, one.pk))
    if not catalogues:
        raise DraftRefused(_("The site has no catalogue yet. Ask whoever runs it to open the site first."))
    parent = Page.objects.get(pk=catalogues[0].pk)
    slug = slugify(fold(facility.name))[:200] or f"p{facility.pk}"
    if parent.get_children().filter(slug=slug).exists():
        slug = f"{slug}-{facility.pk}"
    page = kinds[0](title=facility.name, slug=slug, facility=facility, locale=parent.locale, owner=by)
    parent.add_child(instance=page)
    # It says no more than the hospital's name: no author's right to publish is asked for.
    page.save_revision(user=by).publish(user=by, skip_permission_checks=True)
    grant_pages(facility.pk)
    return page


def waiting_below(page: Page) -> list[Page]:
    """*page* and those below it that were never published, or have changes that were not; in their order."""
    found = page.get_descendants(inclusive=True).order_by("path")
    return list(found.filter(live=False) | found.filter(has_unpublished_changes=True))


@transaction.atomic
def publish_all(page: Page, *, by) -> list[Page]:
    """Publish *page* with everything that waits below it, all or nothing. Idempotent.

    Whoever asks may publish each of them; what is locked or lacks something refuses the whole.
    """
    done = []
    for one in waiting_below(page):
        specific = one.get_latest_revision_as_object()
        named = {"page": specific.get_admin_display_title()}
        if not specific.permissions_for_user(by).can_publish():
            raise DraftRefused(_("“%(page)s” may not be published by you.") % named)
        revision = one.get_latest_revision() or specific.save_revision(user=by)
        try:
            revision.publish(user=by)
        except ValidationError as error:
            named["reason"] = " ".join(error.messages)
            raise DraftRefused(_("“%(page)s” cannot be published: %(reason)s") % named) from error
        done.append(specific)
    return done


def unfinished(pages: Iterable[Page], *, with_those_below: bool = False) -> list[str]:
    """Which of *pages*, as they were last saved, cannot be published, each with the reason.

    With *with_those_below* also the drafts below them.
    """
    found = []
    for page in pages:
        below = page.get_descendants().not_live() if with_those_below else ()
        for one in (page, *below):
            specific = one.get_latest_revision_as_object()
            try:
                specific.full_clean()
            except ValidationError as error:
                named = {"page": specific.get_admin_display_title(), "reason": " ".join(error.messages)}
                found.append(_("“%(page)s” cannot be published: %(reason)s") % named)
    return found
