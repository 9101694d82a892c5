"""Pictures and documents of pages: private files, as public as the pages that show them."""

import os

import swapper
from django.contrib.contenttypes.models import ContentType
from django.core.files.storage import FileSystemStorage
from django.db.models import Model
from django.http import Http404
from django.urls import reverse
from django.utils.module_loading import import_string
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.models import Page, ReferenceIndex
from wagtail.permissions import policy_registry

from content.conf import conf
from lms import media
from lms.models import Facility
from lms.policies import keepers_of


class LibraryStorage(FileSystemStorage):
    """Keeps what Wagtail's library holds below the private folder; addresses lead through a view that asks.

    For ``STORAGES["default"]``: nothing of it lies where a web server hands out files by name.
    """

    @property
    def base_location(self):
        return os.path.join(media.storage().base_location, "library")

    @property
    def location(self):
        return os.path.abspath(self.base_location)

    def _save(self, name, content):
        with media.writing():
            return super()._save(name, content)

    def url(self, name):
        """Return where the staff's screens fetch *name*; readers get addresses by id."""
        return reverse("lms_content:library", args=[name])


def pages_showing(thing: Model) -> list[Page]:
    """Return the live pages, as what they are, that show *thing*; drafts and old revisions do not count."""
    model = swapper.load_model("wagtailcore", "Page")
    used = ReferenceIndex.get_references_to(thing).filter(
        base_content_type=ContentType.objects.get_for_model(model)
    )
    keys = {int(key) for key in used.values_list("object_id", flat=True)}
    return list(model.objects.filter(pk__in=keys).live().specific()) if keys else []


def belongs_to(thing: Model, facility: Facility | None) -> bool:
    """Whether pages of *facility* may show *thing*: its own, of a body above it, or shared by the whole site.

    Pages of no hospital, such as the front page, are written by the site's own staff and may show everything.
    """
    keepers = keepers_of(thing.collection)
    return facility is None or not keepers or any(facility.path.startswith(one.path) for one in keepers)


def is_public(user, thing: Model) -> bool:
    """Whether a live page that everybody may open shows *thing*: for ``LMS_CONTENT_CAN_READ`` of a site without lessons."""
    return any(not page.get_view_restrictions().exists() for page in pages_showing(thing))


def is_keeper(user, thing: Model) -> bool:
    """Whether *user* keeps *thing* in the library: may choose or change it in its collection today."""
    if not (user.is_authenticated and user.is_active and user.has_perm("wagtailadmin.access_admin")):
        return False
    policy = policy_registry.get_by_type(type(thing))
    return policy.user_has_any_permission_for_instance(user, ["choose", "change"], thing)


def can_read(user, thing: Model) -> bool:
    """Whether *user* may fetch *thing*: who keeps it, else whoever ``LMS_CONTENT_CAN_READ`` lets in."""
    if is_keeper(user, thing):
        return True
    return bool(conf.CAN_READ) and bool(import_string(conf.CAN_READ)(user, thing))


def get_rendition_for(user, pk: int):
    """The size of a picture that a page shows, for whoever may read it; Http404 for everybody else."""
    sizes = get_image_model().get_rendition_model().objects.select_related("image")
    found = sizes.filter(pk=pk).first()
    if found is None or not can_read(user, found.image):
        raise Http404
    return found


def get_document_for(user, pk: int):
    """The document that a page offers, for whoever may read it; Http404 for everybody else."""
    found = get_document_model().objects.filter(pk=pk).first()
    if found is None or not can_read(user, found):
        raise Http404
    return found


def get_file_for(user, name: str) -> str:
    """*name*, if it is a picture that *user* keeps in the library; Http404 for everything else."""
    image = get_image_model()
    sizes = image.get_rendition_model().objects.filter(file=name).select_related("image").first()
    found = sizes.image if sizes else image.objects.filter(file=name).first()
    if found is None or not is_keeper(user, found):
        raise Http404
    return name
