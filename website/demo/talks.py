"""What is asked and announced in the class of today: a question with the expert's answer, one that waits, a message."""

from datetime import timedelta
from uuid import NAMESPACE_URL, uuid5

from courses.actions import talk
from courses.models import Announcement, Enrolment, Lesson, Run
from lms import clock, messages

from . import calendar, people

CLASS = "DQ-01.K2"
QUESTION = (
    "Trạm cách bệnh viện có chụp CT hơn hai giờ đường. Người bệnh yếu tay phải đã 3 giờ thì nên chuyển thẳng "
    "hay ghé bệnh viện khu vực trước ạ?"
)
ANSWER = (
    "Chuyển thẳng đến nơi chụp được CT và điều trị tái thông, gọi báo trước để nơi nhận chuẩn bị. Ghé nơi không có CT "
    "chỉ làm mất thời gian vàng. Trong lúc chờ xe: đo đường huyết, ghi giờ cuối cùng còn bình thường."
)
WAITING = "Không có máy đo đường huyết tại bản thì có cách nào phân biệt hạ đường huyết với đột quỵ không ạ?"
ANNOUNCEMENT = (
    "Buổi hội chẩn tuần tới dành 30 phút trả lời câu hỏi.\n"
    "Anh/chị gửi câu hỏi trước ở mục Hỏi đáp của từng bài; không ghi tên người bệnh."
)


def load() -> None:
    """Make them; twice changes nothing."""
    run = Run.objects.filter(code=CLASS).first()
    first, second = people.person("hocvien.taphin"), people.person("hocvien.thacba")
    rows = Enrolment.objects.open().filter(run=run).select_related("run__release__course", "person")
    asking = {row.person_id: row for row in rows.filter(person__in=[first, second])}
    if len(asking) < 2:
        return
    item = next(one for one in asking[first.pk].run.release.outline if one["kind"] == "video")
    lesson = Lesson.objects.get(pk=item["lesson"])
    asked = calendar.at(-2, 19)
    with clock.at(asked), messages.untold():
        question = talk.ask(asking[first.pk], lesson=lesson, text=QUESTION, token=_token("question"))
    with clock.at(asked + timedelta(hours=13)):
        talk.answer(question, text=ANSWER, token=_token("answer"), by=people.user("giangvien.bachmai"))
    with clock.at(calendar.at(-1, 20)):
        talk.ask(asking[second.pk], lesson=lesson, text=WAITING, token=_token("waiting"))
    if Announcement.objects.filter(token=_token("announcement")).exists():
        # Spread again it would reach those who have joined since: a start would change what people were told.
        return
    with clock.at(calendar.at(-1, 9)):
        made = talk.announce(
            run,
            title="Gửi câu hỏi trước buổi hội chẩn",
            text=ANNOUNCEMENT,
            by=people.user("daotao.bachmai"),
            token=_token("announcement"),
        )
        talk.spread(made)


def _token(name: str):
    return uuid5(NAMESPACE_URL, f"vuonxa:demo:{CLASS}:{name}")
