"""Why courses hold what they hold, for how long, and who sees it."""

from django.utils.translation import gettext_lazy as _

TRAINING = _("to train you, as you asked")
LAW = _("the law on medical examination and treatment")
UNTIL_ERASURE = _("until you ask for erasure")
TEACHERS = _("you; trainers and the training office of the course, the coordinator of your workplace")
OFFICE_OF_HUB = _("you; the training office of the hub, the coordinator who said it for you")
