"""The settings of this app, read when used, each with a default."""

from datetime import date, time
from zoneinfo import ZoneInfo

from django.conf import settings

from lms.pacing import Rules


class Conf:
    """Flat settings named ``LMS_…``."""

    @property
    def BASE_TEMPLATE(self) -> str:
        """The host's base template, which every screen extends."""
        return getattr(settings, "LMS_BASE_TEMPLATE", "lms/base.html")

    @property
    def MEDIA_ACCEL(self) -> str:
        """The internal nginx location of the private folder, such as ``/_private/``; empty: Django sends."""
        return getattr(settings, "LMS_MEDIA_ACCEL", "")

    @property
    def UPLOAD_SCANNER(self) -> str:
        """Command line that looks at an uploaded file, whose path is added: 0 harmless, 1 harmful; empty: none."""
        return getattr(settings, "LMS_UPLOAD_SCANNER", "")

    @property
    def UPLOAD_SCANNER_SECONDS(self) -> float:
        """After how many seconds without an answer of the scanner a file is refused."""
        return float(getattr(settings, "LMS_UPLOAD_SCANNER_SECONDS", 60))

    @property
    def TRUSTED_PROXIES(self) -> int:
        """How many proxies of our own stand before the site; that of allauth where none is set."""
        default = getattr(settings, "ALLAUTH_TRUSTED_PROXY_COUNT", 0)
        return int(getattr(settings, "LMS_TRUSTED_PROXIES", default))

    @property
    def REMEMBER_SECONDS(self) -> float:
        """How many seconds what is the same for everybody is kept in the process; 0: read each time."""
        return float(getattr(settings, "LMS_REMEMBER_SECONDS", 0))

    @property
    def WORKER_THREADS(self) -> int:
        """How many jobs one ``lms_worker`` runs at a time."""
        return int(getattr(settings, "LMS_WORKER_THREADS", 2))

    @property
    def WORKER_POLL_SECONDS(self) -> float:
        """How long an idle worker waits before it looks again."""
        return float(getattr(settings, "LMS_WORKER_POLL_SECONDS", 1.0))

    @property
    def JOB_KEEP_DAYS(self) -> int:
        """How long finished jobs stay on the status page; failed ones stay until somebody acts."""
        return int(getattr(settings, "LMS_JOB_KEEP_DAYS", 14))

    @property
    def JOB_BACKOFF_SECONDS(self) -> int:
        """The pause after the first failure; it doubles with each further one, up to an hour."""
        return int(getattr(settings, "LMS_JOB_BACKOFF_SECONDS", 10))

    @property
    def BROKER_URL(self) -> str:
        """Celery's broker; empty: the polling worker does everything."""
        return getattr(settings, "CELERY_BROKER_URL", "") or ""

    @property
    def STAFF_PAGE_SIZE(self) -> int:
        """Rows on one page of the staff's lists."""
        return int(getattr(settings, "LMS_STAFF_PAGE_SIZE", 50))

    @property
    def CHANNELS(self) -> dict:
        """How e-mail and text messages leave: channel to ``BACKEND`` and ``OPTIONS``; see ``lms.messages``."""
        default = {"email": {"BACKEND": "lms.messages.Email"}, "sms": {"BACKEND": "lms.messages.Console"}}
        return getattr(settings, "LMS_CHANNELS", default)

    @property
    def BASE_URL(self) -> str:
        """Public address of the site in messages, without a closing slash; ``WAGTAILADMIN_BASE_URL`` by default."""
        default = getattr(settings, "WAGTAILADMIN_BASE_URL", "") or "http://127.0.0.1:8000"
        return (getattr(settings, "LMS_BASE_URL", "") or default).rstrip("/")

    @property
    def SITE_NAME(self) -> str:
        """How the site calls itself in messages; ``WAGTAIL_SITE_NAME`` by default."""
        return getattr(settings, "LMS_SITE_NAME", "") or getattr(settings, "WAGTAIL_SITE_NAME", "")

    @property
    def MESSAGE_LIMITS(self) -> dict[str, int]:
        """How many messages leave to one person a day, by channel; those that the law asks for are not counted."""
        return {"email": 5, "sms": 2} | dict(getattr(settings, "LMS_MESSAGE_LIMITS", {}))

    @property
    def QUIET_HOURS(self) -> tuple[str, str]:
        """From when until when nothing is sent, in the site's time zone."""
        return getattr(settings, "LMS_QUIET_HOURS", ("21:00", "06:00"))

    @property
    def DIGEST_AT(self) -> str:
        """When those who want messages once a day get what has gathered, in the site's time zone."""
        return getattr(settings, "LMS_DIGEST_AT", "07:00")

    def pacing(self, channel: str) -> Rules:
        """When messages leave by *channel*."""
        quiet_from, quiet_until = self.QUIET_HOURS
        return Rules(
            zone=ZoneInfo(settings.TIME_ZONE),
            quiet_from=time.fromisoformat(quiet_from),
            quiet_until=time.fromisoformat(quiet_until),
            most=self.MESSAGE_LIMITS.get(channel, 5),
            digest_at=time.fromisoformat(self.DIGEST_AT),
        )

    @property
    def RECENT_LOGIN(self) -> str:
        """Dotted path of ``f(request) -> response | None``: asks for a new proof of identity, or None."""
        return getattr(settings, "LMS_RECENT_LOGIN", "")

    @property
    def HOLIDAYS(self) -> frozenset[date]:
        """Public holidays beyond those of ``lms.workdays``, as the government announces them: ISO dates."""
        return frozenset(date.fromisoformat(text) for text in getattr(settings, "LMS_HOLIDAYS", ()))


conf = Conf()
