"""Which offices the person at the keyboard holds today."""

from lms.models import RoleAssignment


def roles_of(user) -> frozenset[str]:
    """The codes of the roles in force, read once per request (the user object is that of the request)."""
    if not user.is_authenticated:
        return frozenset()
    if (roles := getattr(user, "_roles_in_force", None)) is None:
        held = RoleAssignment.objects.filter(user=user).in_force().values_list("role", flat=True)
        roles = user._roles_in_force = frozenset(held)
    return roles


def must_prove_twice(user) -> bool:
    """Whether this user may act for others, and so needs a second factor (security T34)."""
    return user.is_authenticated and bool(user.is_superuser or user.is_staff or roles_of(user))
