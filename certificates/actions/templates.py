"""Templates of an issuer: drafts are made and thrown away, a second person puts one in force, none changes then."""

from django.db import transaction
from django.utils.translation import gettext as _

from certificates import permissions
from certificates.models import Issuer, Logo, TemplateVersion
from certificates.models.issuers import Kind
from certificates.pictures import Picture
from lms import clock

_COPIED = [
    "mode",
    "governing_body",
    "heading",
    "place",
    "closing",
    "authority",
    "represented",
    "signatory_title",
    "signatory_name",
    "governing_body_en",
    "heading_en",
    "closing_en",
    "signatory_title_en",
    "logo",
]
_OF_ONE_KIND = ["title", "certified", "title_en", "certified_en"]


class TemplateFixed(Exception):
    """The version was used or is in force: it is kept as it is, and a change is a new version."""


def new_version(issuer: Issuer, *, kind: str, by) -> TemplateVersion:
    """Begin a draft for *kind* (empty: for every kind without its own), with the words in force now.

    The draft that there is already is returned, so that a second click makes no second one.
    """
    permissions.require_designer(by, issuer)
    if kind and kind not in Kind.values:
        raise ValueError(kind)
    rows = TemplateVersion.objects.filter(issuer=issuer, kind=kind)
    with transaction.atomic():
        # One after the other: the number of the next version is read from the rows.
        Issuer.objects.select_for_update().get(pk=issuer.pk)
        if found := rows.filter(state=TemplateVersion.State.DRAFT).first():
            return found
        last = rows.order_by("-number").first()
        values = _words_of(issuer, TemplateVersion.objects.for_documents(issuer, kind), kind)
        return TemplateVersion.objects.create(
            issuer=issuer,
            kind=kind,
            number=last.number + 1 if last else 1,
            made_by=by,
            made_at=clock.now(),
            **values,
        )


def _words_of(issuer: Issuer, before: TemplateVersion | None, kind: str) -> dict:
    if before is not None:
        names = _COPIED + (_OF_ONE_KIND if before.kind == kind else [])
        return {name: getattr(before, name) for name in names}
    authority, _space, represented = issuer.signatory_prefix.partition(" ")
    known = authority in {"KT.", "TL.", "TUQ.", "TM."}
    return {
        "signatory_title": issuer.signatory_title,
        "signatory_name": issuer.signatory_name,
        "authority": authority if known else "",
        "represented": represented if known else "",
    }


def save_draft(
    template: TemplateVersion, *, by, values: dict, picture: Picture | None = None, drop_logo: bool = False
) -> TemplateVersion:
    """Write checked *values* into a draft, by whom and when; raises :class:`TemplateFixed`.

    Whoever saves last is the maker: a second person puts it in force.
    """
    permissions.require_designer(by, template.issuer)
    with transaction.atomic():
        row = _draft(template)
        for name, value in values.items():
            setattr(row, name, value)
        if picture is not None:
            row.logo = _kept(row.issuer, picture)
        elif drop_logo:
            row.logo = None
        row.made_by, row.made_at = by, clock.now()
        row.save()
        return row


def put_in_force(template: TemplateVersion, *, by) -> TemplateVersion:
    """Let documents be made with *template* from now on; idempotent.

    *by* signs for the issuer and did not make the draft. The version before is kept; what was
    issued with it, and every file, stays as it is.
    """
    permissions.require_signer(by, template.issuer)
    with transaction.atomic():
        row = TemplateVersion.objects.select_for_update(of=("self",)).get(pk=template.pk)
        if row.state == TemplateVersion.State.IN_FORCE:
            return row
        if not row.is_draft:
            raise TemplateFixed(
                _("A newer version took its place. Make a new version from the one in force.")
            )
        if row.made_by_id == by.pk:
            raise permissions.NotAllowed(
                _("Whoever made the draft cannot put it in force; ask a second person who signs.")
            )
        TemplateVersion.objects.filter(
            issuer=row.issuer_id, kind=row.kind, state=TemplateVersion.State.IN_FORCE
        ).update(state=TemplateVersion.State.RETIRED)
        row.state, row.in_force_by, row.in_force_at = TemplateVersion.State.IN_FORCE, by, clock.now()
        row.save(update_fields=["state", "in_force_by", "in_force_at"])
        return row


def drop_draft(template: TemplateVersion, *, by) -> None:
    """Throw a draft away; a version that was in force is never thrown away."""
    permissions.require_designer(by, template.issuer)
    with transaction.atomic():
        _draft(template).delete()


def _draft(template: TemplateVersion) -> TemplateVersion:
    row = TemplateVersion.objects.select_for_update(of=("self",)).filter(pk=template.pk).first()
    if row is None or not row.is_draft:
        raise TemplateFixed(
            _("This version is fixed: certificates name it. Make a new version to change it.")
        )
    return row


def _kept(issuer: Issuer, picture: Picture) -> Logo:
    values = {"width": picture.width, "height": picture.height, "data": picture.data}
    return Logo.objects.get_or_create(issuer=issuer, sha256=picture.sha256, defaults=values)[0]
