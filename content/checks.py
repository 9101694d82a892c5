"""System checks of the content app; each names its remedy."""

from django.apps import apps
from django.conf import settings
from django.core.checks import Warning as CheckWarning
from django.core.checks import register
from django.utils.module_loading import import_string
from wagtail.documents import get_document_model
from wagtail.images import get_image_model

from content import transcode
from content.conf import conf
from content.library import LibraryStorage


@register()
def ffmpeg_is_there(app_configs, **kwargs):
    """Warn where lectures could not be processed."""
    try:
        transcode.find_ffmpeg(conf.FFMPEG)
    except transcode.FfmpegMissing:
        return [
            CheckWarning(
                "No ffmpeg was found: uploaded lectures cannot be processed.",
                hint="Install ffmpeg (apt-get install ffmpeg, or pip install imageio-ffmpeg) "
                "or set LMS_CONTENT_FFMPEG to its path.",
                id="lms_content.W001",
            )
        ]
    return []


@register()
def ladder_is_known(app_configs, **kwargs):
    """Warn about a ladder with rungs that do not exist, or without any picture."""
    unknown = set(conf.LADDER) - set(transcode.RUNGS)
    if unknown or not any(transcode.RUNGS[kind].height for kind in conf.LADDER if kind in transcode.RUNGS):
        return [
            CheckWarning(
                "LMS_CONTENT_LADDER names unknown forms or none with a picture.",
                hint=f"Choose from {', '.join(transcode.RUNGS)}.",
                id="lms_content.W002",
            )
        ]
    return []


@register()
def documents_are_looked_into(app_configs, **kwargs):
    """Warn where a document is believed by its name."""
    if not apps.is_installed("wagtail.documents"):
        return []
    from content.forms.documents import DocumentForm

    form = getattr(settings, "WAGTAILDOCS_DOCUMENT_FORM_BASE", "")
    if form and issubclass(import_string(form), DocumentForm):
        return []
    return [
        CheckWarning(
            "Documents are taken by their name; what is inside is not looked at.",
            hint='Set WAGTAILDOCS_DOCUMENT_FORM_BASE = "content.forms.documents.DocumentForm".',
            id="lms_content.W003",
        )
    ]


@register()
def library_is_private(app_configs, **kwargs):
    """Warn where a web server hands out the pictures and documents of lessons to whoever knows their names."""
    models = []
    if apps.is_installed("wagtail.documents"):
        models.append(get_document_model())
    if apps.is_installed("wagtail.images"):
        models += [get_image_model(), get_image_model().get_rendition_model()]
    places = {model._meta.get_field("file").storage for model in models}
    # A storage elsewhere, of an S3 for example, names no folder: its bucket is the host's affair.
    if not any(getattr(one, "base_url", None) and not isinstance(one, LibraryStorage) for one in places):
        return []
    return [
        CheckWarning(
            "Pictures and documents of lessons lie open below MEDIA_URL, for learners and strangers alike.",
            hint='Set STORAGES["default"] = {"BACKEND": "content.library.LibraryStorage"} and move what lies '
            "below MEDIA_ROOT; docs/extending.md says how.",
            id="lms_content.W004",
        )
    ]
