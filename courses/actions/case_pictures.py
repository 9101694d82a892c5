"""Verbs on pictures of cases: add one stripped and re-encoded, draw it with the viewer's name, remove what expired."""

import hashlib
import io
import uuid
from datetime import timedelta
from importlib import resources
from typing import IO

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from PIL import Image, ImageDraw, ImageFont

from content.deidentify import found_in
from courses.conf import conf
from courses.models import Case, CasePicture
from lms import clock, fonts, media, names, pictures
from lms.uploads import UploadRefused

MOST = 6
"""Pictures of one case."""
MOST_BYTES = 10_000_000
LONGEST_SIDE = 1600
KINDS = {mime: name for mime, name in pictures.FORMATS.items() if name != "HEIF"}
COVERS = (0, 5, 10, 15, 20)
"""Per cent of the height that can be painted over at the top or the bottom, where machines print names."""


def add(
    case: Case, *, file: IO[bytes], caption: str = "", cover_top: int = 0, cover_bottom: int = 0, by
) -> CasePicture:
    """Keep *file* as a picture of *case*: decoded and written anew, so that nothing but the pixels stays.

    Bands at the top and the bottom are painted over where asked. The same picture again is the same row.
    """
    caption = names.clean(caption)[:200]
    if found := found_in(caption):
        words = "; ".join(f"“{text}”" for _kind, text in found)
        raise UploadRefused(
            _("The words below the picture may tell who the patient is: %(found)s.") % {"found": words}
        )
    data, size = anew(
        file, cover_top if cover_top in COVERS else 0, cover_bottom if cover_bottom in COVERS else 0
    )
    digest = hashlib.sha256(data).hexdigest()
    with transaction.atomic():
        locked = Case.objects.select_for_update(no_key=True).get(pk=case.pk)
        if known := locked.pictures.filter(sha256=digest, removed_at=None).first():
            return known
        if locked.state not in {Case.State.SUBMITTED, Case.State.RETURNED, Case.State.ACCEPTED}:
            raise UploadRefused(_("This case takes no more pictures."))
        if locked.pictures.filter(removed_at=None).count() >= MOST:
            raise UploadRefused(_("A case has at most %(most)s pictures. Remove one first.") % {"most": MOST})
        name, stored, _sha = media.save(f"cases/{locked.uuid}/{uuid.uuid4().hex}.jpg", data)
        try:
            with transaction.atomic():
                return CasePicture.objects.create(
                    case=locked,
                    name=name,
                    width=size[0],
                    height=size[1],
                    size=stored,
                    sha256=digest,
                    caption=caption,
                    added_by=by,
                    added_at=clock.now(),
                )
        except IntegrityError:
            media.storage().delete(name)
            return locked.pictures.get(sha256=digest, removed_at=None)


def anew(file: IO[bytes], top: int = 0, bottom: int = 0) -> tuple[bytes, tuple[int, int]]:
    """*file* as JPEG written anew from its pixels, and its size; bands of *top* and *bottom* per cent painted over."""
    whole = pictures.read(
        file,
        kinds=KINDS,
        most_bytes=MOST_BYTES,
        refusal=_(
            "Only JPEG, PNG and WebP pictures are taken. Export a DICOM study as JPEG, without the patient's data."
        ),
    )
    whole.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    pen, (width, height) = ImageDraw.Draw(whole), whole.size
    if top:
        pen.rectangle((0, 0, width, height * top // 100), fill="black")
    if bottom:
        pen.rectangle((0, height - height * bottom // 100, width, height), fill="black")
    return pictures.write(whole, longest=LONGEST_SIDE)


def marked(picture: CasePicture, *, viewer: str) -> bytes:
    """*picture* as JPEG with *viewer* and the minute all over it, drawn anew for each look."""
    with media.storage().open(picture.name, "rb") as file, Image.open(file, formats=["JPEG"]) as opened:
        whole = opened.convert("RGB")
    line = f"{viewer} {timezone.localtime(clock.now()):%d/%m/%Y %H:%M}"
    height = max(14, whole.width // 40)
    face = resources.files(fonts.PACKAGE) / "files" / fonts.FACES["bold"]
    font = ImageFont.truetype(str(face), height)
    # Light with a dark edge: read on an X-ray as on a white sheet.
    for colour, strength, stroke in (("black", 90, 2), ("white", 120, 0)):
        over = _all_over(line, font, height, whole.size, strength=strength, stroke=stroke)
        whole.paste(colour, (0, 0), over)
    out = io.BytesIO()
    whole.save(out, "JPEG", quality=82)
    return out.getvalue()


def _all_over(
    line: str, font, height: int, size: tuple[int, int], *, strength: int, stroke: int
) -> Image.Image:
    """A mask of *size* with *line* again and again, slanted: no part of the picture is without it."""
    wide = int(font.getlength(line)) + 3 * height
    word = Image.new("L", (wide, height * 2))
    ImageDraw.Draw(word).text((height, 0), line, font=font, fill=strength, stroke_width=stroke)
    side = int((size[0] ** 2 + size[1] ** 2) ** 0.5) + 2
    sheet = Image.new("L", (side, side))
    for row, y in enumerate(range(0, side, height * 6)):
        for x in range(-(row % 2) * wide // 2, side, wide):
            sheet.paste(word, (x, y))
    left, top = (side - size[0]) // 2, (side - size[1]) // 2
    return sheet.rotate(24, Image.Resampling.BILINEAR).crop((left, top, left + size[0], top + size[1]))


def remove(picture: CasePicture) -> CasePicture:
    """Delete the file of *picture*; that there was one, and who looked, stays. Idempotent."""
    with transaction.atomic():
        locked = CasePicture.objects.select_for_update(no_key=True).get(pk=picture.pk)
        if locked.removed_at is None:
            locked.removed_at = clock.now()
            locked.save(update_fields=["removed_at"])
            transaction.on_commit(lambda: media.storage().delete(locked.name))
    return locked


def drop_expired() -> int:
    """Remove the pictures whose session lies too long ago; returns how many.

    A file that a crash left behind a removed row goes too: rows of the last days are looked at again.
    """
    now = clock.now()
    limit = now - timedelta(days=conf.CASE_PICTURE_DAYS)
    due = CasePicture.objects.filter(removed_at=None, case__room__session__ends_at__lt=limit)
    rows = list(due.order_by("pk")[:1000])
    for row in rows:
        remove(row)
    gone = CasePicture.objects.filter(removed_at__gte=now - timedelta(days=3))
    for name in gone.values_list("name", flat=True):
        media.storage().delete(name)
    return len(rows)
