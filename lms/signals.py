"""Facts that this app announces inside the transaction that makes them."""

from django.dispatch import Signal

role_granted = Signal()
"""A user was given a role. Arguments: ``assignment``."""

role_ended = Signal()
"""A role of a user was ended. Arguments: ``assignment``."""

role_group_made = Signal()
"""The group of a role at a facility was made. Arguments: ``group``, ``facility``, ``role``.

Another app's receiver gives it what the role needs there, such as page permissions.
"""

person_merged = Signal()
"""Two records were found to be one human being. Arguments: ``gone``, ``kept`` (persons), ``merge``."""

merge_undone = Signal()
"""A merge was taken back. Arguments: ``gone``, ``kept``, ``merge``."""

facility_merged = Signal()
"""A facility became part of another. Arguments: ``gone``, ``kept`` (facilities)."""
