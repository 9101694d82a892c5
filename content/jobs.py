"""Durable work of the content app."""

from datetime import timedelta

from content import consent
from content.actions import process_video, sweep_pieces, sweep_uploads
from content.models import Video
from content.models.videos import TRANSCODE
from lms.queue import Running, job, periodic


@job(TRANSCODE, queue="video", lease=120, max_attempts=12)
def transcode(key: str, running: Running) -> None:
    """Make the forms of one version of a video; the key is ``<video pk>:<version>``."""
    pk, _, version = key.partition(":")
    video = Video.objects.filter(pk=pk, version=version).first()
    if video is not None:
        process_video(video, version=int(version), progress=running.progress)


@periodic("lms_content.sweep", every=timedelta(hours=6))
def sweep(key: str, running: Running) -> None:
    """Delete what processing and uploads left behind that nobody waits for any more."""
    sweep_pieces()
    sweep_uploads()


@periodic("lms_content.consents", every=timedelta(hours=12), lease=300)
def remind_of_consents(key: str, running: Running) -> None:
    """Remind whoever keeps a recording of a patient whose consent ends."""
    consent.remind()
