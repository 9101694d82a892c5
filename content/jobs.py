"""Durable work of the content app."""

from content.actions import process_video
from content.models import Video
from content.models.videos import TRANSCODE
from lms.queue import Running, job


@job(TRANSCODE, queue="video", lease=120, max_attempts=4)
def transcode(key: str, running: Running) -> None:
    """Make the forms of one version of a video; the key is ``<video pk>:<version>``."""
    pk, _, version = key.partition(":")
    video = Video.objects.filter(pk=pk, version=version).first()
    if video is not None:
        process_video(video, version=int(version), progress=running.progress)
