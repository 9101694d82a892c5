"""Why an archive is not taken and what differs on arrival, in words: what is wrong and what to do."""

from django.utils.translation import gettext_lazy as _

KINDS = {
    "pages": _("pages"),
    "videos": _("lectures"),
    "quizzes": _("tests"),
    "questions": _("questions"),
    "checklists": _("checklists"),
    "surveys": _("surveys"),
    "guidelines": _("guidelines new to the register"),
    "pictures": _("pictures"),
    "documents": _("documents"),
}

WORDS = {
    # --- the file
    "damaged": _("This is no ZIP file, or it is damaged. Please export the course again and send that file."),
    "outside": _("The archive names a place outside itself: “%(name)s”. Nothing of it was taken."),
    "link": _("The archive holds a link instead of a file: “%(name)s”. Nothing of it was taken."),
    "encrypted": _("“%(name)s” in the archive is locked by a password. Nothing of it was taken."),
    "twice": _("The archive holds two files of the name “%(name)s”. Nothing of it was taken."),
    "too_many": _("The archive holds more than %(most)s files; no course has so many."),
    "too_big": _("Unpacked this would be %(size)s MB; at most %(limit)s MB are taken."),
    "bomb": _("The archive unpacks to far more than its size, as an attack would. Nothing of it was taken."),
    "no_manifest": _("The list of contents (manifest.json) is missing, so this is no exported course."),
    "other_format": _("This ZIP file is no exported course of this system."),
    "other_version": _(
        "The archive has the format version %(version)s; this site reads version %(known)s. "
        "Please export it from a site of the same version, or have this site updated."
    ),
    "missing": _("“%(name)s” is missing from the archive or from its list of contents. Please export again."),
    "unlisted": _("The archive holds “%(name)s”, which its list of contents does not name."),
    "changed": _("“%(name)s” was changed after the export, or damaged on the way. Please export again."),
    "malformed": _("“%(name)s” in the archive is not written as an exported course is."),
    # --- what is in it
    "no_such_thing": _("The archive refers to “%(key)s” in %(name)s, but does not hold it."),
    "unknown_field": _(
        "%(where)s: this site does not know the field “%(name)s”. Please have this site updated."
    ),
    "unknown_piece": _("%(where)s: this site does not know the piece “%(name)s” of a page."),
    "invalid": _("%(where)s, %(name)s: %(why)s"),
    "hostile": _("%(where)s: the text holds code or markup that no editor writes. Nothing of it was taken."),
    "no_video": _("%(where)s: the lecture's file is no video. Nothing of it was taken."),
    "picture": _("%(where)s: the picture cannot be used. %(why)s"),
    "document": _(
        "%(where)s: a document of the kind “%(name)s” is not taken, or it is something else inside."
    ),
    "tree": _("The pages of the archive do not form a course: “%(key)s”."),
    # --- this site
    "video_big": _("The lecture “%(title)s” has %(size)s MB; %(limit)s MB are allowed here."),
    "quota": _(
        "The lectures of the hospital take %(used)s MB of the %(limit)s MB it has; the %(size)s MB of this "
        "course do not fit. Please ask the administrator for more room."
    ),
    "no_provider_page": _(
        "The hospital has no page in the catalogue in the course's first language yet. "
        "Please have it made first; the course is put below it."
    ),
    "language_left": _(
        "The pages in the language “%(language)s” are left out: the hospital has no page in it here."
    ),
    "specialty_left": _("The specialty “%(code)s” is not known here; please choose one after the import."),
    "profession_left": _("The professional title “%(code)s” is not known here and is left out."),
    "guideline_new": _("The guideline %(number)s is new here: it is put into the register “to be checked”."),
    "code_taken": _("The question %(code)s gets the code %(fresh)s, because the bank has another one."),
    "tag_taken": _(
        "The keyword “%(tag)s” becomes “%(fresh)s”, because the bank has questions by it already; "
        "so each test draws only its own."
    ),
    "slug_taken": _("The address “%(slug)s” is taken; the course gets “%(fresh)s”."),
    "forbidden": _("You may no longer import courses for this hospital."),
    "gone": _("The file is no longer here; it is kept for one day. Please send it again."),
}


def say(code: str, params: dict) -> str:
    """The sentence for *code* in the active language."""
    return str(WORDS[code]) % params
