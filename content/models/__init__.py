"""The records of teaching content, split by subject."""

from .chapters import Chapter
from .checklists import Checklist, ChecklistItem
from .guidelines import Guideline
from .questions import Question, QuestionVersion, Quiz, QuizSlot, cite_pools, fill_pools
from .slides import SlideEdit, Slideshow, weigh_slides
from .surveys import Survey, SurveyQuestion
from .uploads import Upload
from .videos import Caption, Rendition, Video

__all__ = [
    "Caption",
    "Chapter",
    "Checklist",
    "ChecklistItem",
    "Guideline",
    "Question",
    "QuestionVersion",
    "Quiz",
    "QuizSlot",
    "Rendition",
    "SlideEdit",
    "Slideshow",
    "Survey",
    "SurveyQuestion",
    "Upload",
    "Video",
    "cite_pools",
    "fill_pools",
    "weigh_slides",
]
