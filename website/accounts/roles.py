"""Which offices the person at the keyboard holds today."""

from lms import scope


def roles_of(user) -> frozenset[str]:
    """The codes of the roles in force; read once per request."""
    return frozenset(assignment.role for assignment in scope.assignments(user))


def must_prove_twice(user) -> bool:
    """Whether this user may act for others, and so needs a second factor (security T34)."""
    return user.is_authenticated and bool(user.is_superuser or user.is_staff or roles_of(user))
