"""What waits for somebody at their desk: each app says its own, the front page of the admin lists it all."""

from dataclasses import dataclass

from wagtail import hooks
from wagtail.admin.ui.components import Component


@dataclass(frozen=True)
class Waiting:
    """One line: what waits and how much of it, in words, and where it is done."""

    words: str
    url: str


def waiting_for(user) -> list[Waiting]:
    """What waits for *user* now, as every app tells it that answers the hook ``lms_waiting``.

    A function of that hook takes the user and yields ``Waiting``; it names only what this user may do.
    """
    return [line for source in hooks.get_hooks("lms_waiting") for line in source(user)]


class WaitingPanel(Component):
    """The first panel of the front page."""

    name = "lms_waiting"
    template_name = "lms/admin/waiting.html"
    order = 10

    def get_context_data(self, parent_context):
        return {"lines": waiting_for(parent_context["request"].user)}
