"""What the content app holds about people: nothing but who wrote what."""

from content.models import Question, QuestionVersion, Upload, Video
from lms.holdings import skip

skip(Question, QuestionVersion, why="names the login of the author; teaching material of the hospital")
skip(
    Video,
    why="names the logins of the author and of who noted a patient's consent; teaching material of the hospital",
)
skip(Upload, why="names the login that sends a recording; row and file are gone within days")
