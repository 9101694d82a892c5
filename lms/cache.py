"""The cache of a site without Redis: Django's table, with counters that rate limits can lean on."""

import base64
import pickle

from django.core.cache.backends import db
from django.db import connections, router
from django.utils import timezone


class DatabaseCache(db.DatabaseCache):
    """Django's own, but ``incr`` loses no count and leaves the moment at which a counter ends.

    Django's reads, adds and sets anew for five minutes: a limit of an hour would begin again every
    five minutes, and of uses at the same moment one would be counted.
    """

    def incr(self, key, delta=1, version=None):
        name = self.make_and_validate_key(key, version=version)
        connection = connections[router.db_for_write(self.cache_model_class)]
        table = connection.ops.quote_name(self._table)
        read = f"SELECT value FROM {table} WHERE cache_key = %s AND expires >= %s"  # noqa: S608
        # Written only over what was read; whoever was overtaken reads again.
        swap = f"UPDATE {table} SET value = %s WHERE cache_key = %s AND value = %s"  # noqa: S608
        now = connection.ops.adapt_datetimefield_value(timezone.now().replace(microsecond=0))
        with connection.cursor() as cursor:
            while True:
                cursor.execute(read, [name, now])
                row = cursor.fetchone()
                if row is None:
                    raise ValueError(f"Key {key!r} not found")
                count = pickle.loads(base64.b64decode(row[0])) + delta  # noqa: S301 - our own, as in get()
                cursor.execute(swap, [_packed(count, self.pickle_protocol), name, row[0]])
                if cursor.rowcount:
                    return count


def _packed(value: int, protocol: int) -> str:
    """*value* as ``set`` writes it."""
    return base64.b64encode(pickle.dumps(value, protocol)).decode()
