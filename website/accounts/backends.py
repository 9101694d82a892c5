"""Who signs in by which secret; a login and what it may are read by constant SQL, because so many requests ask for it."""

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.auth import get_user_model
from django.contrib.auth.backends import ModelBackend
from django.db import connection

from lms import scope, sql

# Most hold no role and never did: that is told along with the login.
_LOGIN = """
SELECT u.*, EXISTS (SELECT 1 FROM lms_roleassignment a WHERE a.user_id = u.id) AS was_given_a_role
FROM website_user u WHERE u.id = %s"""


# Every page of the workbench asks this, and Django asks for groups and for the login itself one after the other.
_PERMISSIONS = """
SELECT c.app_label, p.codename FROM auth_permission p JOIN django_content_type c ON c.id = p.content_type_id
WHERE p.id IN (
    SELECT g.permission_id FROM auth_group_permissions g
    JOIN website_user_groups m ON m.group_id = g.group_id WHERE m.user_id = %s
    UNION SELECT o.permission_id FROM website_user_user_permissions o WHERE o.user_id = %s)"""


class _ReadByHand:
    """The look-up of who is signed in, spelled out (``docs/decisions/0008-hot-paths.md``)."""

    def get_user(self, user_id):
        """Return the login unless it is gone or locked; it is read anew on each request."""
        user = sql.one(get_user_model(), _LOGIN, [user_id])
        if user and not user.was_given_a_role:
            scope.note_none(user)
        return user if user and self.user_can_authenticate(user) else None

    def get_all_permissions(self, user_obj, obj=None):
        """Return what the groups of a login and the login itself may, kept on *user_obj* as Django keeps it."""
        is_plain = user_obj.is_active and not user_obj.is_anonymous and not user_obj.is_superuser
        if is_plain and obj is None and not hasattr(user_obj, "_perm_cache"):
            with connection.cursor() as cursor:
                cursor.execute(_PERMISSIONS, [user_obj.pk, user_obj.pk])
                user_obj._perm_cache = {f"{app}.{name}" for app, name in cursor.fetchall()}
        return super().get_all_permissions(user_obj, obj)


class PasswordBackend(_ReadByHand, ModelBackend):
    """A name and its password."""


class AccountBackend(_ReadByHand, AuthenticationBackend):
    """What allauth knows: e-mail, telephone, code, passkey."""
