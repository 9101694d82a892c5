"""Every StreamField block: the passive pieces that a lesson's body is made of."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from wagtail import blocks
from wagtail.documents.blocks import DocumentChooserBlock
from wagtail.images.blocks import ImageChooserBlock

from content.deidentify import found_in


class FigureBlock(blocks.StructBlock):
    """A picture with the words that stand for it."""

    image = ImageChooserBlock(label=_("Picture"))
    alt = blocks.CharBlock(label=_("What the picture shows"), max_length=300)
    caption = blocks.CharBlock(label=_("Caption"), max_length=300, required=False)

    class Meta:
        icon = "image"
        label = _("Figure")
        template = "lms_content/blocks/figure.html"


class DocumentBlock(blocks.StructBlock):
    """A document to read beforehand, mostly a PDF."""

    document = DocumentChooserBlock(label=_("Document"))
    title = blocks.CharBlock(label=_("Title"), max_length=200)

    class Meta:
        icon = "doc-full"
        label = _("Document to read")
        template = "lms_content/blocks/document.html"


SOUNDS = ("m4a", "mp3")
"""Suffixes of documents that every browser can play as sound."""


class AudioBlock(blocks.StructBlock):
    """Something to listen to: heart sounds, a call, a talk; with the words for those who cannot hear it."""

    sound = DocumentChooserBlock(label=_("Sound file"), help_text=_("MP3 or M4A, from the documents."))
    title = blocks.CharBlock(label=_("Title"), max_length=200)
    words = blocks.TextBlock(
        label=_("What is heard"),
        help_text=_("The words that are spoken, or what there is to hear; shown under the sound."),
    )

    def clean(self, value):
        """Refuse a document that no browser plays."""
        cleaned = super().clean(value)
        if cleaned["sound"] and cleaned["sound"].file_extension.lower() not in SOUNDS:
            wrong = ValidationError(_("This document is no sound. Choose an MP3 or M4A file."))
            raise blocks.StructBlockValidationError(block_errors={"sound": wrong})
        return cleaned

    class Meta:
        icon = "media"
        label = _("Sound")
        template = "lms_content/blocks/audio.html"


class DownloadBlock(blocks.StructBlock):
    """A file to take along: a form, a poster, a checklist for the ward."""

    document = DocumentChooserBlock(label=_("Document"))
    title = blocks.CharBlock(label=_("Title"), max_length=200)
    use = blocks.CharBlock(label=_("What it is for"), max_length=300, required=False)

    class Meta:
        icon = "download"
        label = pgettext_lazy("a block", "Download")
        template = "lms_content/blocks/download.html"


class KindBlock(blocks.ChoiceBlock):
    """One of a few words, told by its words where two drafts are compared."""

    def render_basic(self, value, context=None):
        """The words of *value*, as the author chose them."""
        return str(dict(self.field.choices).get(value, ""))


class TickBlock(blocks.BooleanBlock):
    """Something that the author confirms, told in words where two drafts are compared."""

    def render_basic(self, value, context=None):
        """Whether it was confirmed."""
        return str(_("confirmed") if value else _("not confirmed"))

    def deconstruct(self):
        """As the plain block, like every choice of Wagtail: no migration names this class."""
        return ("wagtail.blocks.BooleanBlock", *super().deconstruct()[1:])


class CalloutBlock(blocks.StructBlock):
    """A few lines that must not be missed."""

    kind = KindBlock(
        label=_("Kind"),
        choices=[("note", _("Remember")), ("warn", _("Careful")), ("bad", _("Danger"))],
        default="note",
    )
    title = blocks.CharBlock(label=_("Title"), max_length=120, required=False)
    text = blocks.RichTextBlock(label=_("Text"), features=["bold", "italic", "ul", "ol", "link"])

    class Meta:
        icon = "warning"
        label = _("Callout")
        template = "lms_content/blocks/callout.html"


WHAT_TELLS = {
    "phone": _("a telephone number"),
    "paper": _("the number of an identity paper or insurance card"),
    "record": _("the number of a record"),
    "date": _("an exact date"),
    "name": _("a name"),
}
"""Kinds of ``deidentify.found_in`` in words."""


class CaseBlock(blocks.StructBlock):
    """A case vignette; the author confirms that nobody can be recognised."""

    title = blocks.CharBlock(label=_("Title"), max_length=200)
    story = blocks.RichTextBlock(label=_("Story"), features=["bold", "italic", "ul", "ol"])
    question = blocks.TextBlock(label=_("Question"), required=False)
    is_deidentified = TickBlock(
        label=_("Nobody can be recognised"),
        help_text=_("No name, exact date, address, number or face."),
        required=True,
    )

    def clean(self, value):
        """Refuse what may tell who the patient is, naming the passage; a draft is stored too."""
        cleaned = super().clean(value)
        errors = {}
        for name in ("title", "story", "question"):
            text = str(getattr(cleaned[name], "source", cleaned[name]) or "")
            if found := found_in(text):
                told = [f"{WHAT_TELLS[kind]}: “{words}”" for kind, words in found]
                errors[name] = ValidationError(
                    _("This may tell who the patient is. Leave it out or make it general: %(found)s")
                    % {"found": "; ".join(told)}
                )
        if errors:
            raise blocks.StructBlockValidationError(block_errors=errors)
        return cleaned

    class Meta:
        icon = "user"
        label = _("Case vignette")
        template = "lms_content/blocks/case.html"


class LessonBody(blocks.StreamBlock):
    """The body of a lesson."""

    heading = blocks.CharBlock(
        label=_("Heading"), icon="title", max_length=120, template="lms_content/blocks/heading.html"
    )
    text = blocks.RichTextBlock(
        label=_("Text"),
        features=["bold", "italic", "ul", "ol", "link", "superscript", "subscript", "hr"],
        template="lms_content/blocks/text.html",
    )
    figure = FigureBlock()
    audio = AudioBlock()
    document = DocumentBlock()
    download = DownloadBlock()
    callout = CalloutBlock()
    case = CaseBlock()


def faults(body: blocks.StreamValue) -> list[str]:
    """What keeps *body* from its readers, each with the number, the name and the field of its block.

    A draft may lack it for a while: Wagtail asks for it in the editor's form only, and only when the
    form publishes.
    """
    found = []
    for number, child in enumerate(body, 1):
        try:
            child.block.clean(child.value)
        except ValidationError as error:
            place = _("Block %(number)d, %(block)s") % {"number": number, "block": child.block.label}
            fields = getattr(error, "block_errors", None)
            if fields:
                named = [(child.block.child_blocks[name].label, one) for name, one in fields.items()]
                found += [f"{place}, {label}: {' '.join(one.messages)}" for label, one in named]
            else:
                found.append(f"{place}: {' '.join(error.messages)}")
    return found
