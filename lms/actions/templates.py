"""The words of messages, where an office writes its own, and a try of them."""

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from lms import clock, events, letters, memory, messages
from lms.letters import Letter
from lms.models import MessageTemplate, Person


class TemplateRefused(Exception):
    """The words cannot be kept like this; the text says why and may be shown to the user."""


def write_words(event: events.Event, *, language: str, letter: Letter, by) -> MessageTemplate:
    """Let *event* be told in these words from now on; what waits already keeps its own.

    Raises TemplateRefused where a place between braces is none that the event fills.
    """
    check_words(event, letter)
    values = {"subject": letter.subject, "text": letter.text, "short": letter.short}
    stamp = {"changed_by": by, "changed_at": clock.now()}
    with transaction.atomic():
        row, _made = MessageTemplate.objects.update_or_create(
            event=event.key, language=language, defaults=values | stamp
        )
        transaction.on_commit(memory.forget)
    return row


def check_words(event: events.Event, letter: Letter) -> None:
    """Raise TemplateRefused where *letter* names a place that *event* does not fill, or says nothing."""
    if not letter.subject.strip() or not letter.text.strip():
        raise TemplateRefused(_("A message needs a subject and a text."))
    unknown = letters.places(letter.subject, letter.text, letter.short) - set(event.example)
    if unknown:
        raise TemplateRefused(
            _("This message knows no %(unknown)s. It can name: %(known)s.")
            % {
                "unknown": ", ".join(f"{{{name}}}" for name in sorted(unknown)),
                "known": ", ".join(f"{{{name}}}" for name in event.example) or "–",
            }
        )


def restore_words(event: events.Event, *, language: str) -> None:
    """Let *event* be told in the words the site came with. Idempotent."""
    with transaction.atomic():
        MessageTemplate.objects.filter(event=event.key, language=language).delete()
        transaction.on_commit(memory.forget)


def example_of(event: events.Event, letter: Letter, language: str) -> Letter:
    """*letter* as somebody would read it, with the example of its event."""
    with override(language):
        return letters.filled(letter, {name: str(value) for name, value in event.example.items()})


def try_words(event: events.Event, *, language: str, letter: Letter, person: Person) -> str:
    """Send *letter* to *person*, filled with the example, at once; return the address it went to.

    Raises TemplateRefused where there is no address or the channel did not take it.
    """
    check_words(event, letter)
    address = person.email or person.phone
    if not address:
        raise TemplateRefused(_("There is no e-mail address and no phone of yours to send to."))
    shown = example_of(event, letter, language)
    text = shown.text if "@" in address else shown.short or shown.text
    try:
        messages.send_now(address, shown.subject, text)
    except Exception as error:
        raise TemplateRefused(_("It could not be sent: %(error)s") % {"error": str(error)[:200]}) from error
    return address
