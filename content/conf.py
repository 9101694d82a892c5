"""The settings of the content app, read when they are used."""

from django.conf import settings


class Conf:
    """Each property is the setting ``LMS_CONTENT_<NAME>``."""

    @property
    def FFMPEG(self) -> str:
        """Path of the ffmpeg program. Default: the one on the PATH, else that of ``imageio-ffmpeg``."""
        return getattr(settings, "LMS_CONTENT_FFMPEG", "")

    @property
    def LADDER(self) -> list[str]:
        """Which forms are made of each lecture, lightest first; ``480p`` may be added."""
        return list(getattr(settings, "LMS_CONTENT_LADDER", ["audio", "240p", "360p"]))

    @property
    def SLIDES(self) -> bool:
        """Whether slides are looked for in each lecture with sound, for “slides + sound”."""
        return getattr(settings, "LMS_CONTENT_SLIDES", True)

    @property
    def CAN_WATCH(self) -> str:
        """Dotted path of ``f(user, video) -> bool``: who but the hospital's staff may watch. Default: nobody."""
        return getattr(settings, "LMS_CONTENT_CAN_WATCH", "")

    @property
    def CAN_READ(self) -> str:
        """Dotted path of ``f(user, image or document) -> bool``: who but its keepers may fetch it. Default: nobody."""
        return getattr(settings, "LMS_CONTENT_CAN_READ", "")

    @property
    def VIDEO_MAX_BYTES(self) -> int:
        """Largest recording accepted, in bytes."""
        return getattr(settings, "LMS_CONTENT_VIDEO_MAX_BYTES", 2 * 1024**3)

    @property
    def VIDEO_QUOTA_BYTES(self) -> int:
        """What the recordings of one hospital and their forms may weigh together, in bytes. Default: no limit."""
        return getattr(settings, "LMS_CONTENT_VIDEO_QUOTA_BYTES", 0)

    @property
    def UPLOAD_HOURS(self) -> int:
        """Hours after its last part for which an upload that is not finished is kept."""
        return getattr(settings, "LMS_CONTENT_UPLOAD_HOURS", 72)

    @property
    def UPLOADS_AT_ONCE(self) -> int:
        """How many unfinished uploads one person may have."""
        return getattr(settings, "LMS_CONTENT_UPLOADS_AT_ONCE", 5)

    @property
    def VIDEO_MAX_SECONDS(self) -> int:
        """Longest recording accepted."""
        return getattr(settings, "LMS_CONTENT_VIDEO_MAX_SECONDS", 4 * 3600)

    @property
    def VIDEO_TIMEOUT(self) -> int:
        """Seconds after which making one form of a lecture is stopped."""
        return getattr(settings, "LMS_CONTENT_VIDEO_TIMEOUT", 6 * 3600)

    @property
    def VIDEO_PART_SECONDS(self) -> int:
        """Pictures are made in parts of this many seconds: what a worker that is killed loses at most."""
        return getattr(settings, "LMS_CONTENT_VIDEO_PART_SECONDS", 120)

    @property
    def VIDEO_PLAY_SECONDS(self) -> int:
        """A lecture longer than this is also kept in parts of at most so many seconds, for browsers that do not stream."""
        return getattr(settings, "LMS_CONTENT_VIDEO_PLAY_SECONDS", 15 * 60)


conf = Conf()
