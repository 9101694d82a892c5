"""Who signs in by which secret; the login itself is read by constant SQL, because every request asks for it."""

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.auth import get_user_model
from django.contrib.auth.backends import ModelBackend

from lms import scope, sql

# Most hold no role and never did: that is told along with the login.
_LOGIN = """
SELECT u.*, EXISTS (SELECT 1 FROM lms_roleassignment a WHERE a.user_id = u.id) AS was_given_a_role
FROM website_user u WHERE u.id = %s"""


class _ReadByHand:
    """The look-up of who is signed in, spelled out (``docs/decisions/0008-hot-paths.md``)."""

    def get_user(self, user_id):
        """Return the login unless it is gone or locked; it is read anew on each request."""
        user = sql.one(get_user_model(), _LOGIN, [user_id])
        if user and not user.was_given_a_role:
            scope.note_none(user)
        return user if user and self.user_can_authenticate(user) else None


class PasswordBackend(_ReadByHand, ModelBackend):
    """A name and its password."""


class AccountBackend(_ReadByHand, AuthenticationBackend):
    """What allauth knows: e-mail, telephone, code, passkey."""
