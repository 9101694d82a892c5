"""What must hold of teaching content, for ``manage.py lms_verify``."""

import hashlib

from django.db.models import Count, Max, Min

from content.models import Question, QuestionVersion, Rendition, Video
from lms import media
from lms.verify import Breach, invariant


@invariant("lms_content.renditions")
def renditions_are_stored():
    """Each form's file exists with the size and hash of its row."""
    store = media.storage()
    for form in Rendition.objects.select_related("video").iterator():
        if not store.exists(form.name):
            yield Breach(f"rendition {form.pk}", f"{form}: the file is missing")
            continue
        digest = hashlib.sha256()
        with store.open(form.name, "rb") as file:
            for chunk in file.chunks(1 << 20):
                digest.update(chunk)
        if store.size(form.name) != form.size or digest.hexdigest() != form.sha256:
            yield Breach(f"rendition {form.pk}", f"{form}: the file is not the one that was made")
        last = form.pieces[-1] if form.pieces else None
        if last and not (store.exists(form.pieces_name) and store.size(form.pieces_name) == sum(last[1:])):
            yield Breach(f"rendition {form.pk}", f"{form}: the pieces for streaming are not whole")
        if form.kind == Rendition.Kind.SLIDES and sum(still[2] for still in form.stills) != form.size:
            yield Breach(f"rendition {form.pk}", f"{form}: the slides are not those of the file")
        for name, (_start, _seconds, size) in zip(form.part_names, form.parts, strict=True):
            if not (store.exists(name) and store.size(name) == size):
                yield Breach(f"rendition {form.pk}", f"{form}: the parts for playing are not whole")
                break


@invariant("lms_content.ready_videos")
def ready_videos_play():
    """A video called ready has a length, a poster and at least one form with a picture."""
    for video in Video.objects.filter(state=Video.State.READY).prefetch_related("renditions"):
        kinds = {form.kind for form in video.ready_renditions()}
        if not video.duration_ms or video.poster is None or not kinds & {"240p", "360p", "480p"}:
            yield Breach(f"video {video.pk}", f"{video} is called ready but cannot be played")


@invariant("lms_content.question_versions")
def versions_are_consecutive():
    """Versions run 1, 2, 3 …, the latest is the last, and an approved question has been reviewed."""
    counted = QuestionVersion.objects.values("question").annotate(
        n=Count("pk"), first=Min("number"), last=Max("number")
    )
    for row in counted.order_by("question"):
        if row["first"] != 1 or row["last"] != row["n"]:
            yield Breach(f"question {row['question']}", "its versions have a gap")
    for question in Question.objects.select_related("latest").annotate(last=Max("versions__number")):
        if question.latest is None or question.latest.number != question.last:
            yield Breach(f"question {question.pk}", f"{question}: the latest version is not the last")
        elif question.state == Question.State.APPROVED and not question.is_reviewed:
            yield Breach(f"question {question.pk}", f"{question} is approved without a review")


@invariant("lms_content.keys")
def keys_fit_their_questions():
    """Each key names options of its own question, and exactly one where only one may be right."""
    for version in QuestionVersion.objects.iterator():
        ids = {option["id"] for option in version.body["options"]}
        wrong_count = version.body["kind"] != "multiple" and len(version.key) != 1
        if not version.key or not set(version.key) <= ids or wrong_count:
            yield Breach(f"question version {version.pk}", f"{version}: the key does not fit the options")
