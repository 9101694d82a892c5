"""Why a video was refused, in words for the trainer: what happened and what to do."""

from django.utils.translation import gettext_lazy as _

WORDS = {
    "empty": _("The file is empty. Please choose the recording again."),
    "too_big": _("The file has %(size)d MB; %(limit)d MB are allowed. Please cut the recording into parts."),
    "quota": _(
        "The lectures of this hospital take %(used)d MB of the %(limit)d MB it has; this recording of %(size)d MB "
        "does not fit. Please ask the administrator for more room."
    ),
    "not_video": _(
        "This is not a video file that can be used. Please upload an MP4, MOV, MKV, WebM or AVI recording."
    ),
    "unreadable": _(
        "The recording cannot be read; it is damaged or was not uploaded completely. Please upload it again."
    ),
    "no_picture": _("The file has no picture. Please upload the recording with its picture."),
    "too_long": _(
        "The recording is %(minutes)d minutes long; %(limit)d are allowed. Please cut it into parts."
    ),
    "too_large_frame": _("The picture measures %(width)d × %(height)d; it may have at most %(limit)s."),
    "too_fast": _("The recording has %(fps)d pictures a second; %(limit)d are allowed."),
    "cut_short": _(
        "The file promises %(said)d seconds but only %(got)d can be played: it was cut off. "
        "Please upload the whole recording."
    ),
    "not_picture": _("This is no picture that can be used. Please choose a JPEG, PNG or WebP picture."),
    "picture_too_big": _("The picture is too big. At most %(limit)d MB and %(pixels)d megapixels are taken."),
    "ffmpeg_missing": _(
        "This server has no ffmpeg, so lectures cannot be processed. An administrator installs ffmpeg or sets "
        "LMS_CONTENT_FFMPEG to its path, then presses “Process again”. The recording is kept."
    ),
    "source_missing": _("The stored recording is gone. Please upload it again."),
    "storage": _(
        "The server could not store the lecture (disk full or folder not writable). "
        "The recording is kept; processing is tried again by itself."
    ),
    "stopped": _(
        "Processing took too long and was stopped. The recording is kept; please press “Process again”."
    ),
    "cancelled": _("Processing was cancelled. The recording is kept; “Process again” takes it up."),
    "encoder": _(
        "The recording could not be converted. It is kept; please try again or upload another file."
    ),
}


def words(code: str, params: dict) -> str:
    """The sentence for *code* in the active language."""
    return str(WORDS.get(code, WORDS["encoder"])) % params
