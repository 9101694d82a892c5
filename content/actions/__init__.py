"""The verbs of teaching content: videos are uploaded and processed, questions written and reviewed."""

from .posters import draw_frame, set_poster
from .processing import process_video, sweep_pieces
from .questions import (
    QuestionRefused,
    ReviewRefused,
    add_question,
    approve_question,
    ask_review,
    retire_question,
    revise_question,
)
from .uploads import drop_upload, open_upload, sweep_uploads, write_upload
from .videos import (
    VideoRefused,
    add_video,
    cancel_processing,
    complete_videos,
    process_again,
    replace_video,
    set_captions,
    set_chapters,
    set_slides,
)

__all__ = [
    "QuestionRefused",
    "ReviewRefused",
    "VideoRefused",
    "add_question",
    "add_video",
    "approve_question",
    "cancel_processing",
    "ask_review",
    "complete_videos",
    "draw_frame",
    "drop_upload",
    "open_upload",
    "process_again",
    "process_video",
    "replace_video",
    "retire_question",
    "revise_question",
    "set_captions",
    "set_chapters",
    "set_poster",
    "set_slides",
    "sweep_pieces",
    "sweep_uploads",
    "write_upload",
]
