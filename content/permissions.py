"""Who may do what with teaching content: a hospital's own trainers and training office make it."""

from django.db.models import Q
from django.http import Http404
from django.utils.module_loading import import_string

from content.conf import conf
from content.models import Checklist, Guideline, Question, Quiz, Survey, Upload, Video
from lms import scope
from lms.models import RoleAssignment

Role = RoleAssignment.Role

MAKERS = {Role.TRAINER, Role.PROGRAMME_MANAGER}
"""Roles that make content for their facility."""
READERS = MAKERS | {Role.APPRAISER, Role.ORG_ADMIN}
"""Roles that see it there; the appraiser watches and reads what he is to appraise."""
REVIEWERS = MAKERS | {Role.APPRAISER}
"""Roles that may review a question; never one's own."""

ACTS = {"view": READERS, "choose": MAKERS, "add": MAKERS, "change": MAKERS}
QUESTION_ACTS = {"view": READERS, "add": MAKERS, "change": MAKERS, "review": REVIEWERS}
"""Questions are not chosen one by one, but reviewed."""
SCOPED = (Video, Question, Quiz, Checklist, Survey)


def register() -> None:
    """Tell ``lms.scope`` about our rows; called once when the app is ready."""
    for model in SCOPED:
        scope.register(model, acts=ACTS if model is not Question else QUESTION_ACTS)
    keepers = {Role.PROGRAMME_MANAGER, Role.SYS_ADMIN}
    scope.register(
        Guideline,
        path=_shared,
        acts={"view": READERS | keepers, "add": keepers, "change": keepers},
    )


def _shared(nodes) -> Q:
    """Guidelines belong to no hospital: whoever holds the role anywhere holds it for all of them."""
    return Q() if nodes.exists() else Q(pk__in=[])


def can_watch(user, video: Video) -> bool:
    """Whether *user* may fetch *video*: its hospital's staff, else whoever ``LMS_CONTENT_CAN_WATCH`` lets in.

    After the day to which a patient agreed only the staff, who renew the consent or replace the recording.
    """
    if not user.is_authenticated or not user.is_active:
        return False
    if scope.can(user, "view", video):
        return True
    if video.is_expired:
        return False
    return bool(conf.CAN_WATCH) and bool(import_string(conf.CAN_WATCH)(user, video))


def get_video_for(user, uuid) -> Video:
    """The video as *user* may watch it; Http404 for everybody else, as if it did not exist."""
    video = Video.objects.select_related("facility").filter(uuid=uuid).first()
    if video is None or not can_watch(user, video):
        raise Http404
    return video


def get_upload_for(user, uuid) -> Upload:
    """The unfinished upload of *user*, while content may be made there; Http404 for everybody else."""
    upload = Upload.objects.current().select_related("facility").filter(by=user.pk, pk=uuid).first()
    if upload is None or not scope.facilities(user, MAKERS).filter(pk=upload.facility_id).exists():
        raise Http404
    return upload
