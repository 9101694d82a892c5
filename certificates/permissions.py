"""Who may see and do what with certificates; asked by pages, admin, jobs and exports alike."""

from django.core.exceptions import PermissionDenied
from django.db.models import Exists, Q
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from lms import scope
from lms.models import RoleAssignment
from lms.permissions import person_of

from .models import (
    Batch,
    BulkCheck,
    Certificate,
    CreditEntry,
    Issuer,
    PersonCheck,
    RuleSet,
    TemplateVersion,
)

Role = RoleAssignment.Role
READERS = {Role.CERTIFICATE_SIGNER, Role.PROGRAMME_MANAGER, Role.ORG_ADMIN}
BUILDERS = {Role.CERTIFICATE_SIGNER, Role.PROGRAMME_MANAGER}
SIGNERS = {Role.CERTIFICATE_SIGNER}
DESIGNERS = {Role.PROGRAMME_MANAGER, Role.ORG_ADMIN, Role.CERTIFICATE_SIGNER}


class NotAllowed(PermissionDenied):
    """The user may not do this; the message says who may."""


def register() -> None:
    """Tell ``lms.scope`` which rows belong to which facility, and what each role may do there."""
    scope.register(
        Certificate,
        path="issuer__facility",
        # Nobody adds, edits or deletes a certificate by hand, not even a superuser.
        acts={
            "view": READERS,
            # To ask for; the action asks who signs.
            "end": BUILDERS,
            "add": (),
            "change": (),
            "delete": (),
        },
    )
    scope.register(
        Issuer,
        path="facility",
        acts={"view": READERS, "change": {Role.ORG_ADMIN}, "add": {Role.ORG_ADMIN}, "delete": ()},
    )
    scope.register(
        Batch,
        path="issuer__facility",
        acts={"view": READERS, "add": (), "change": (), "delete": ()},
    )

    scope.register(
        TemplateVersion,
        path="issuer__facility",
        # A draft is edited, a version in force by nobody; the action that puts it in force asks for a signer.
        acts={"add": (), "change": DESIGNERS, "delete": ()},
    )
    scope.register(
        RuleSet,
        path=_everywhere,
        acts={
            "view": {*READERS, Role.SYS_ADMIN},
            "confirm": {Role.SYS_ADMIN},
            "add": (),
            "change": (),
            "delete": (),
        },
    )


def _everywhere(nodes) -> Q:
    """Rows that belong to no facility: open to whoever holds the role anywhere."""
    return Q(Exists(nodes))


def require_signer(user, issuer: Issuer) -> None:
    """Refuse everybody who does not sign for *issuer* today; a superuser signs nothing."""
    if not signs_for(user, issuer):
        raise NotAllowed(_("Only a certificate signer of this issuer may do this."))


def signs_for(user, issuer: Issuer) -> bool:
    """Whether *user* signs for *issuer* today."""
    return scope.has_role(user, *SIGNERS, facility=issuer.facility)


def require_builder(user, issuer: Issuer) -> None:
    """Refuse everybody who puts no batches together for *issuer*."""
    if not scope.has_role(user, *BUILDERS, facility=issuer.facility):
        raise NotAllowed(_("Only the training office or a signer of this issuer may do this."))


def is_verifier(user) -> bool:
    """Whether *user* checks lists of certificates for an authority."""
    return bool(user and user.is_authenticated and scope.has_role(user, Role.VERIFIER))


def reads_register(user) -> bool:
    """Whether *user* may take the register home to check it: verifiers, and who keeps it."""
    return bool(user and user.is_authenticated and scope.has_role(user, Role.VERIFIER, *READERS))


def manages_tokens(user) -> bool:
    """Whether *user* lets other systems in: they read the register of all hospitals, so only who
    administers a whole tree of them may.
    """
    if not (user and user.is_authenticated):
        return False
    return user.is_superuser or scope.heads_a_tree(user, {Role.SYS_ADMIN})


def require_token_manager(user) -> None:
    """Refuse everybody who may not let other systems in."""
    if not manages_tokens(user):
        raise NotAllowed(_("Only the system administrator of all hospitals may do this."))


def can_download(user, certificate: Certificate) -> bool:
    """Whether *user* may have the file: the holder, who reads the register of the issuer, and a verifier
    who has stated a purpose for looking at the holder today.
    """
    person = person_of(user)
    if person is not None and person.pk == certificate.holder_id:
        return True
    if is_verifier(user) and PersonCheck.objects.open_for(user).filter(person=certificate.holder_id).exists():
        return True
    return scope.can(user, "view", certificate)


def get_certificate_for(user, uuid) -> Certificate:
    """The certificate, for somebody who may download it; 404 for everybody else."""
    certificate = get_object_or_404(Certificate.objects.select_related("issuer__facility"), uuid=uuid)
    if not can_download(user, certificate):
        raise Http404
    return certificate


def purpose_of(user, certificate: Certificate) -> str:
    """What a verifier said today that the look at the holder is for; empty for everybody else."""
    if not is_verifier(user):
        return ""
    looks = PersonCheck.objects.open_for(user).filter(person=certificate.holder_id)
    return looks.values_list("purpose", flat=True).first() or ""


def own_certificates(user):
    """The certificates of the person behind *user*; none for a login without person."""
    person = person_of(user)
    found = Certificate.objects.of(person) if person else Certificate.objects.none()
    return found.select_related("issuer__facility", "superseded_by")


def own_entries(user):
    """The ledger of the person behind *user*."""
    person = person_of(user)
    return CreditEntry.objects.of(person) if person else CreditEntry.objects.none()


def get_check_for(user, uuid) -> BulkCheck:
    """A list that *user* checked; 404 for everybody else, also for another verifier."""
    if not is_verifier(user):
        raise Http404
    return get_object_or_404(BulkCheck, uuid=uuid, by=user)


def get_person_check_for(user, uuid) -> PersonCheck:
    """A look at a person's record that *user* opened in the last day; 404 for everybody else."""
    if not is_verifier(user):
        raise Http404
    return get_object_or_404(PersonCheck.objects.open_for(user).select_related("person"), uuid=uuid)


def get_batch_for(user, pk) -> Batch:
    """A batch of an issuer in the user's scope; 404 otherwise."""
    return get_object_or_404(
        scope.limit(Batch.objects.select_related("issuer__facility"), user, "view"), pk=pk
    )


def sees_templates(user) -> bool:
    """Whether *user* has anything to do with what documents look like."""
    return bool(user and user.is_authenticated and scope.has_role(user, *DESIGNERS))


def designing_for(user):
    """The issuers whose templates *user* makes."""
    return Issuer.objects.filter(facility__in=scope.facilities(user, DESIGNERS).values("pk"))


def require_designer(user, issuer: Issuer) -> None:
    """Refuse everybody who makes no templates for *issuer*."""
    if not scope.has_role(user, *DESIGNERS, facility=issuer.facility):
        raise NotAllowed(_("Only the offices of this issuer may change what its documents look like."))


def get_template_for(user, pk) -> TemplateVersion:
    """A version of a template of an issuer whose templates *user* makes; 404 otherwise."""
    rows = TemplateVersion.objects.select_related("issuer__facility", "logo", "made_by", "in_force_by")
    return get_object_or_404(scope.limit(rows, user, "change"), pk=pk)


def building_for(user):
    """The issuers for which *user* puts batches together or approves them."""
    return Issuer.objects.filter(facility__in=scope.facilities(user, BUILDERS).values("pk"))


def sees_batches(user) -> bool:
    """Whether *user* has anything to do at the batch desk."""
    return scope.has_role(user, *READERS)


def can_approve(user, batch: Batch) -> bool:
    """Whether *user* signs for the issuer of *batch* and did not build it."""
    return batch.built_by_id != user.pk and signs_for(user, batch.issuer)
