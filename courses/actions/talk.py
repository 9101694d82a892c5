"""Asking, answering and announcing in a class, and seeing that nothing stands there that should not."""

import uuid

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from courses import discretion
from courses.models import (
    Announcement,
    Course,
    CourseStaff,
    Enrolment,
    Lesson,
    Post,
    PostReport,
    Run,
    ThreadLock,
)
from courses.permissions import item_of
from lms import clock, names, queue
from lms.messages import tell
from lms.models import Person
from lms.permissions import person_of

LONGEST = 2000
SHORTEST = 5


class TalkRefused(Exception):
    """What was written cannot stand there; the text says why and may be shown to the author."""


def ask(
    enrolment: Enrolment, *, lesson: Lesson, text: str, token: uuid.UUID, below: Post | None = None
) -> Post:
    """Write a question about a lesson of one's class, or something *below* a question. Idempotent by *token*.

    The trainers of the course are told of a question. Raises TalkRefused.
    """
    run = enrolment.run
    if enrolment.state == Enrolment.State.WITHDRAWN or item_of(enrolment, lesson) is None:
        raise TalkRefused(_("You do not learn this lesson, so you cannot write here."))
    with transaction.atomic():
        made, is_new = _write(run, lesson, enrolment.person, text, token, below=below)
        if is_new and below is None:
            for trainer in trainers_of(run.release.course):
                tell(
                    trainer,
                    "question-asked",
                    key=f"question-asked:{made.pk}:{trainer.pk}",
                    about={"lesson": lesson, "class": run.code},
                    url=("lms_courses_admin:talk", run.release.course_id),
                )
        elif is_new:
            _tell_asker(made)
    return made


def answer(question: Post, *, text: str, token: uuid.UUID, by, is_expert: bool = True) -> Post:
    """Answer a question as a trainer, marked as the expert's answer where *is_expert*. Idempotent by *token*.

    A lock holds learners back, not trainers. Whoever asked is told. Raises TalkRefused.
    """
    person = person_of(by)
    if person is None:
        raise TalkRefused(_("This login belongs to no person, so nobody would know who answers."))
    with transaction.atomic():
        made, is_new = _write(
            question.run, question.lesson, person, text, token, below=question, by_staff=True
        )
        if is_new and is_expert:
            mark(made, by=by)
        if is_new:
            _tell_asker(made)
    return made


def _write(
    run: Run, lesson: Lesson, person: Person, text: str, token: uuid.UUID, *, below, by_staff: bool = False
) -> tuple[Post, bool]:
    text = "\n".join(names.clean(line) for line in text.replace("\r\n", "\n").split("\n")).strip()
    if not SHORTEST <= len(text) <= LONGEST:
        raise TalkRefused(
            _("Please write between %(least)d and %(most)d signs.") % {"least": SHORTEST, "most": LONGEST}
        )
    if below is not None and (below.parent_id or below.hidden_at or below.run_id != run.pk):
        raise TalkRefused(_("This question is no longer there."))
    if known := Post.objects.filter(person=person, token=token).first():
        return known, False
    if not by_staff and ThreadLock.objects.filter(run=run, lesson=lesson).exists():
        raise TalkRefused(_("The trainers have closed this thread; what stands there can still be read."))
    _check(text, run, lesson)
    try:
        with transaction.atomic():
            values = {"run": run, "lesson": lesson, "person": person, "parent": below, "by_staff": by_staff}
            return Post.objects.create(text=text, token=token, at=clock.now(), **values), True
    except IntegrityError:
        return Post.objects.get(person=person, token=token), False


def _check(text: str, run: Run, lesson: Lesson) -> None:
    known = [one.full_name for one in trainers_of(run.release.course)]
    here = Post.objects.filter(run=run, lesson=lesson).values("person")
    known += Person.objects.filter(pk__in=here).values_list("full_name", flat=True)
    _refuse(discretion.telling(text, known=known))


def _refuse(found: list[str]) -> None:
    if found:
        raise TalkRefused(
            _(
                "Nothing was sent, because this may tell who somebody is: %(words)s. Leave out names, telephone "
                "numbers, papers and birth days of patients: “a woman of 60” says enough."
            )
            % {"words": "; ".join(f"“{one}”" for one in found[:5])}
        )


def trainers_of(course: Course) -> list[Person]:
    """Who is told of questions: the trainers named in the course today."""
    today = clock.today()
    rows = CourseStaff.objects.filter(course=course, role=CourseStaff.Role.TRAINER).select_related("person")
    return [
        row.person
        for row in rows
        if not (row.valid_to and row.valid_to < today) and not (row.valid_from and row.valid_from > today)
    ]


def _tell_asker(reply: Post) -> None:
    """Tell whoever asked that somebody answered: that, not what, because it may travel by mail."""
    question = reply.parent
    if question.person_id == reply.person_id:
        return
    enrolment = _enrolment(question)
    tell(
        question.person,
        "question-answered",
        key=f"question-answered:{reply.pk}",
        about={"lesson": question.lesson, "class": question.run.code},
        url=("lms_courses:go_lesson", enrolment.pk, question.lesson_id) if enrolment else (),
    )


def _enrolment(post: Post) -> Enrolment | None:
    rows = Enrolment.objects.filter(run=post.run_id, person=post.person_id)
    return rows.exclude(state=Enrolment.State.WITHDRAWN).order_by("-pk").first()


@transaction.atomic
def mark(post: Post, *, by) -> Post:
    """Mark what stands below a question as the expert's answer, in the place of another. Idempotent."""
    if post.parent_id is None or post.hidden_at is not None:
        raise TalkRefused(_("Only what is shown below a question can be its answer."))
    Post.objects.select_for_update(no_key=True).get(pk=post.parent_id)
    Post.objects.filter(parent=post.parent_id).exclude(pk=post.pk).update(marked_at=None, marked_by=None)
    Post.objects.filter(pk=post.pk, marked_at=None).update(marked_at=clock.now(), marked_by=by)
    post.refresh_from_db()
    return post


@transaction.atomic
def hide(post: Post, *, by, reason: str) -> Post:
    """Take a post out of sight with a reason that its author reads; reports of it are settled. Idempotent."""
    reason = names.clean(reason)[:300]
    if len(reason) < SHORTEST:
        raise TalkRefused(_("Say why; the author reads it."))
    now = clock.now()
    changed = Post.objects.filter(pk=post.pk, hidden_at=None).update(
        hidden_at=now, hidden_by=by, hidden_reason=reason, marked_at=None, marked_by=None
    )
    PostReport.objects.filter(post=post, settled_at=None).update(settled_at=now)
    post.refresh_from_db()
    if changed and post.person.user_id != by.pk:
        tell(
            post.person,
            "post-hidden",
            key=f"post-hidden:{post.pk}",
            about={"lesson": post.lesson, "class": post.run.code, "reason": reason.rstrip(".")},
        )
    return post


def take_back(post: Post) -> Post:
    """Let its author take a post back. Idempotent."""
    return hide(post, by=post.person.user, reason=_("taken back by the author"))


def report(post: Post, *, person: Person, reason: str) -> PostReport:
    """Note that *person* finds a post should not stand there; said once, it counts. Raises TalkRefused."""
    reason = names.clean(reason)[:300]
    if len(reason) < SHORTEST:
        raise TalkRefused(_("Please say in a few words what is wrong."))
    with transaction.atomic():
        values = {"reason": reason, "at": clock.now()}
        return PostReport.objects.get_or_create(post=post, person=person, defaults=values)[0]


def leave_standing(post: Post, *, by) -> int:
    """Settle the reports of a post that may stay; returns how many."""
    return PostReport.objects.filter(post=post, settled_at=None).update(settled_at=clock.now())


def lock(run: Run, *, lesson: Lesson, by, reason: str) -> ThreadLock:
    """Let nobody write about a lesson in a class any more, with the reason. Idempotent."""
    reason = names.clean(reason)[:300]
    if len(reason) < SHORTEST:
        raise TalkRefused(_("Say why; the learners read it."))
    values = {"reason": reason, "by": by, "at": clock.now()}
    with transaction.atomic():
        return ThreadLock.objects.get_or_create(run=run, lesson=lesson, defaults=values)[0]


def unlock(run: Run, *, lesson: Lesson, by) -> None:
    """Let learners write again. Idempotent."""
    ThreadLock.objects.filter(run=run, lesson=lesson).delete()


def announce(run: Run, *, title: str, text: str, by, token: uuid.UUID) -> Announcement:
    """Tell everybody who learns in *run*; a job writes the messages. Idempotent by *token*. Raises TalkRefused."""
    title, text = names.clean(title)[:120], text.replace("\r\n", "\n").strip()
    if len(title) < SHORTEST or not SHORTEST <= len(text) <= LONGEST:
        raise TalkRefused(_("An announcement needs a title and a text of at most 2,000 signs."))
    known = [one.full_name for one in trainers_of(run.release.course)]
    _refuse(discretion.telling(f"{title}\n{text}", known=known, allowed=discretion.HOTLINE))
    with transaction.atomic():
        values = {"run": run, "title": title, "text": text, "by": by, "at": clock.now()}
        made, is_new = Announcement.objects.get_or_create(token=token, defaults=values)
        if is_new:
            queue.enqueue("lms_courses.announce", made.pk)
    return made


def spread(made: Announcement) -> int:
    """Write the messages of an announcement to whoever learns in the class now; returns how many. Idempotent."""
    told = 0
    rows = Enrolment.objects.open().filter(run=made.run_id).select_related("person").order_by("pk")
    for enrolment in rows.iterator(chunk_size=100):
        about = {"class": made.run.code, "title": made.title, "text": made.text}
        key = f"announcement:{made.pk}:{enrolment.person_id}"
        told += bool(
            tell(enrolment.person, "announcement", key=key, about=about, url=("lms_courses:go", enrolment.pk))
        )
    return told
