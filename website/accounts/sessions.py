"""Sessions in the database, read by constant SQL: every request of everybody who is signed in asks for one."""

from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.utils import timezone

from lms import sql

_LIVE = """
SELECT session_key, session_data, expire_date FROM django_session WHERE session_key = %s AND expire_date > %s"""


class SessionStore(db.SessionStore):
    """Django's own store, whose look-up is spelled out (``docs/decisions/0008-hot-paths.md``)."""

    def _get_session_from_db(self):
        row = sql.one(Session, _LIVE, [self.session_key, sql.stored(Session, "expire_date", timezone.now())])
        if row is None:
            self._session_key = None
        return row
