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
