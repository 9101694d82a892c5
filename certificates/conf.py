"""Settings of the certificates app: each read when used, each with a default."""

from django.conf import settings
from django.utils.module_loading import import_string


class Conf:
    """Typed access to the ``LMS_CERTIFICATES_…`` settings."""

    @property
    def SAMPLE(self) -> bool:
        """Print "MẪU – KHÔNG CÓ GIÁ TRỊ" across every certificate issued (demonstration sites)."""
        return bool(getattr(settings, "LMS_CERTIFICATES_SAMPLE", False))

    @property
    def BASE_URL(self) -> str:
        """Public address printed in the QR code: scheme and host, without a path."""
        default = getattr(settings, "WAGTAILADMIN_BASE_URL", "") or "http://127.0.0.1:8000"
        return (getattr(settings, "LMS_CERTIFICATES_BASE_URL", "") or default).rstrip("/")

    @property
    def RENDERER(self):
        """Function that turns the facts, the ``mark`` and the logo (``picture``, where the facts name one) of a certificate into the bytes of a PDF; same facts, same bytes."""
        return import_string(getattr(settings, "LMS_CERTIFICATES_RENDERER", "certificates.drawing.render"))

    @property
    def KEYS_FOLDER(self) -> str:
        """Folder of the private keys, for the user of the worker alone; empty where none are kept in files."""
        return str(getattr(settings, "LMS_CERTIFICATES_KEYS_FOLDER", ""))

    @property
    def SIGNER(self):
        """Function that turns a row of the key table into a ``Signer``: a file, a card, a remote service."""
        default = "certificates.signing.FileSigner"
        return import_string(getattr(settings, "LMS_CERTIFICATES_SIGNER", default))

    @property
    def TIME_ZONE(self) -> str:
        """The zone in which the day and the year of a certificate are read."""
        return getattr(settings, "LMS_CERTIFICATES_TIME_ZONE", "Asia/Ho_Chi_Minh")

    @property
    def PERIOD_MINUTES(self) -> int:
        """How long a period is, in minutes, where a session that stands alone is credited by periods; of a course they are as appraised."""
        return int(getattr(settings, "LMS_CERTIFICATES_PERIOD_MINUTES", 50))

    @property
    def CHECKS_PER_MINUTE(self) -> int:
        """Public checks allowed from one address in a minute; a whole hospital may share one."""
        return int(getattr(settings, "LMS_CERTIFICATES_CHECKS_PER_MINUTE", 120))

    @property
    def API_PER_MINUTE(self) -> int:
        """Requests allowed to one token of another system in a minute."""
        return int(getattr(settings, "LMS_CERTIFICATES_API_PER_MINUTE", 600))

    @property
    def API_ROWS(self) -> int:
        """Rows that another system may check in one request."""
        return int(getattr(settings, "LMS_CERTIFICATES_API_ROWS", 1000))

    @property
    def NAME_TRIES_PER_HOUR(self) -> int:
        """Names that may be tried against one certificate in an hour."""
        return int(getattr(settings, "LMS_CERTIFICATES_NAME_TRIES_PER_HOUR", 5))

    @property
    def MAX_COMPARE_BYTES(self) -> int:
        """Largest file that the public page compares with the original, in bytes."""
        return int(getattr(settings, "LMS_CERTIFICATES_MAX_COMPARE_BYTES", 10 * 1024 * 1024))

    @property
    def AUDIT_DAYS(self) -> int:
        """How long after issue the authority may ask for the evidence of a certificate; kept whole till then."""
        return int(getattr(settings, "LMS_CERTIFICATES_AUDIT_DAYS", 5 * 365 + 1))

    @property
    def MAX_DESK_ROWS(self) -> int:
        """Rows that a verifier may check in one list."""
        return int(getattr(settings, "LMS_CERTIFICATES_MAX_DESK_ROWS", 10000))


conf = Conf()
