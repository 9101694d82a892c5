"""What courses tell people about, and the words it begins with."""

from django.utils.translation import gettext_lazy as _

from courses.events_live import CLASS, SESSION, number_of
from courses.models import Application, Enrolment
from lms import clock
from lms.events import Event, Kind, declare

COURSE = _("Stroke: recognition and emergency care")


def still_learning(key: str) -> bool:
    """Whether the enrolment of a reminder is still open: who is done or gone is left in peace."""
    return Enrolment.objects.open().filter(pk=number_of(key)).exists()


declare(
    Event(
        key="enrolled",
        kind=Kind.LEARNING,
        title=_("Somebody was enrolled by an office or a coordinator"),
        subject=_("You were enrolled: {course}"),
        text=_("You were enrolled in class {class} of the course “{course}”. You can begin at once."),
        short=_("You were enrolled in class {class}: {course}."),
        example={"course": COURSE, "class": CLASS},
    )
)
declare(
    Event(
        key="withdrawn",
        kind=Kind.LEARNING,
        title=_("Somebody was taken out of a class by an office"),
        subject=_("You were taken out of a class: {course}"),
        text=_(
            "The training office took you out of class {class} of the course “{course}”. What you have learnt "
            "stays on record. If this is a mistake, ask {contact}."
        ),
        short=_("You were taken out of class {class}. Questions: {contact}."),
        example={"course": COURSE, "class": CLASS, "contact": _("the training office")},
    )
)
declare(
    Event(
        key="moved",
        kind=Kind.LEARNING,
        title=_("A learner goes on in a newer version"),
        subject=_("A newer version of your course: {course}"),
        text=_(
            "You go on with version {version} of the course “{course}”, in class {class}. Reason: {reason}. "
            "What you have done stays done; the course page says what changed."
        ),
        short=_("You go on in class {class}, version {version}. What you have done stays done."),
        example={
            "course": COURSE,
            "class": CLASS,
            "version": "2",
            "reason": _("new guideline of the ministry"),
        },
    )
)
declare(
    Event(
        key="completed",
        kind=Kind.LEARNING,
        title=_("A course was completed"),
        subject=_("Completed: {course}"),
        text=_("You have completed the course “{course}” on {day}. The certificate follows on the site."),
        short=_("You have completed the course “{course}”."),
        example={"course": COURSE, "day": "15/03/2026"},
    )
)
declare(
    Event(
        key="pathway-completed",
        kind=Kind.LEARNING,
        title=_("A pathway was completed"),
        subject=_("Completed: {pathway}"),
        text=_("You have completed every course that the pathway “{pathway}” asks for, on {day}."),
        short=_("You have completed the pathway “{pathway}”."),
        example={"pathway": _("Stroke care at a regional hospital"), "day": "15/03/2026"},
    )
)
declare(
    Event(
        key="completion-revoked",
        kind=Kind.RIGHTS,
        title=_("A completion was not upheld"),
        subject=_("Your completion was not upheld: {course}"),
        text=_(
            "The completion of the course “{course}” was looked at again and not upheld. Reason: {reason}. "
            "If you disagree, write to {contact}."
        ),
        short=_("Your completion of “{course}” was not upheld. Read the reason on the site."),
        example={"course": COURSE, "reason": _("attendance corrected"), "contact": _("the training office")},
    )
)
declare(
    Event(
        key="inactive",
        kind=Kind.REMINDER,
        title=_("A learner has not gone on for some time"),
        subject=_("Go on with: {course}"),
        text=_(
            "You last worked on the course “{course}” on {day}; {done} of {total} lessons are done. Everything is "
            "kept: you go on where you stopped."
        ),
        short=_("{done} of {total} lessons done: go on with “{course}”."),
        example={"course": COURSE, "day": "01/03/2026", "done": "3", "total": "8"},
        still=still_learning,
    )
)
declare(
    Event(
        key="due",
        kind=Kind.REMINDER,
        title=_("A class ends soon and a learner is not done"),
        subject=_("Until {day}: {course}"),
        text=_(
            "Class {class} of the course “{course}” ends on {day}. Still to do: {left} lessons. If the time does "
            "not suffice, ask {contact} now."
        ),
        short=_("Class {class} ends on {day}; lessons still to do: {left}."),
        example={
            "course": COURSE,
            "class": CLASS,
            "day": "31/03/2026",
            "left": "3",
            "contact": _("the training office"),
        },
        still=still_learning,
    )
)
declare(
    Event(
        key="clinical-review",
        kind=Kind.WORK,
        title=_("The clinical review of a course is due (to trainers and the office)"),
        subject=_("Clinical review of a course"),
        text=_(
            "The clinical review of “{course}” ({code}) is due on {day}. Compare the content with the guidelines "
            "in force, then confirm it in the course's workbench."
        ),
        short=_("Clinical review of {code} is due on {day}."),
        example={"course": COURSE, "code": "DQ-01", "day": "31/03/2026"},
    )
)
declare(
    Event(
        key="question-asked",
        kind=Kind.WORK,
        title=_("A learner asked a question (to the trainers)"),
        subject=_("A question about: {lesson}"),
        text=_("In class {class} somebody asked a question about the lesson “{lesson}”."),
        short=_("Class {class}: a question about “{lesson}”."),
        example={"lesson": _("Recognising a stroke"), "class": CLASS},
    )
)
declare(
    Event(
        key="question-answered",
        kind=Kind.QUESTION,
        title=_("A question was answered"),
        subject=_("Your question was answered: {lesson}"),
        text=_("Somebody answered your question about the lesson “{lesson}” in class {class}."),
        short=_("Your question about “{lesson}” was answered."),
        example={"lesson": _("Recognising a stroke"), "class": CLASS},
    )
)
declare(
    Event(
        key="post-hidden",
        kind=Kind.QUESTION,
        title=_("A question or an answer was hidden"),
        subject=_("What you wrote was hidden: {lesson}"),
        text=_("What you wrote about “{lesson}” in class {class} was hidden by a trainer. Reason: {reason}."),
        short=_("What you wrote about “{lesson}” was hidden. Read the reason on the site."),
        example={"lesson": _("Recognising a stroke"), "class": CLASS, "reason": _("it names a patient")},
    )
)
declare(
    Event(
        key="announcement",
        kind=Kind.ANNOUNCEMENT,
        title=_("An announcement to a class"),
        subject=_("Class {class}: {title}"),
        text="{text}",
        short=_("Class {class}: {title}. Read it on the site."),
        example={
            "class": CLASS,
            "title": _("New room from Thursday"),
            "text": _("From Thursday the session is held in hall B."),
        },
    )
)


# --- seats and applications ------------------------------------------------------------------------


def still_offered(key: str) -> bool:
    """Whether the seat of a message is still held for its reader."""
    return Application.objects.filter(
        pk=number_of(key), state=Application.State.OFFERED, due_at__gt=clock.now()
    ).exists()


def still_pending(key: str) -> bool:
    """Whether the application of a message still waits for somebody's decision."""
    return Application.objects.filter(pk=number_of(key), state=Application.State.PENDING).exists()


declare(
    Event(
        key="seat-offered",
        kind=Kind.LEARNING,
        title=_("A seat is free for somebody on the waiting list"),
        subject=_("A seat is free for you: {course}"),
        text=_(
            "A seat in class {class} of the course “{course}” is held for you until {until}. Accept it on the "
            "course page; after that it goes to the next on the waiting list."
        ),
        short=_("A seat in class {class} is held for you until {until}. Accept it on the course page."),
        example={"course": COURSE, "class": CLASS, "until": _("17:00 on 24/11/2026")},
        still=still_offered,
    )
)
declare(
    Event(
        key="application-ended",
        kind=Kind.LEARNING,
        title=_("An application led to no seat"),
        subject=_("No seat: {course}"),
        text=_(
            "Your application for class {class} of the course “{course}” has ended. {reason} The course page "
            "says which classes you can still apply for."
        ),
        short=_("Your application for class {class} has ended. More on the course page."),
        example={"course": COURSE, "class": CLASS, "reason": _("Enrolment in the class has closed.")},
    )
)
declare(
    Event(
        key="to-approve",
        kind=Kind.WORK,
        title=_("An application waits for an approval"),
        # Who asks is read under “Approvals”, where the look is told to them; mail travels further.
        subject=_("To approve: an application for {course}"),
        text=_(
            "Somebody asks to learn “{course}” (class {class}) and needs your approval. Please decide under “Approvals”."
        ),
        short=_("An application for class {class} waits for your approval."),
        example={"course": COURSE, "class": CLASS},
        still=still_pending,
    )
)
declare(
    Event(
        key="go-on",
        kind=Kind.REMINDER,
        title=_("A trainer asks a learner to go on"),
        subject=_("Please go on: {course}"),
        text=_(
            "Your trainer asks you to go on with the course “{course}” (class {class}). You are at: {lesson}. "
            "What you have done is kept; you go on where you stopped."
        ),
        short=_("Your trainer asks you to go on in class {class}. You are at: {lesson}."),
        example={"course": COURSE, "class": CLASS, "lesson": _("The first ten minutes")},
        still=still_learning,
    )
)

for _key, _title, _subject, _text, _short in (
    (
        "case-accepted",
        _("A case of a site was accepted for a session"),
        _("Your case is accepted: {session}"),
        _(
            "The hub has accepted your case for “{session}”, {at}. Whoever presents it is named as case "
            "presenter. The page of the case says at which place it comes."
        ),
        _("Your case is accepted for the session {at}."),
    ),
    (
        "case-returned",
        _("A case was returned to its site"),
        _("Please change your case: {session}"),
        _("The hub has returned your case for “{session}”, {at}. What to change: {reason}"),
        _("The hub has returned your case for the session {at}. Please look at its page."),
    ),
    (
        "case-concluded",
        _("A case of a site was concluded"),
        _("Conclusion of your case: {session}"),
        _(
            "The experts have concluded on your case of “{session}”, {at}. Conclusion and recommendation stand "
            "on the page of the case. You will be asked after 7 and 30 days how the patient is."
        ),
        _("The conclusion on your case of the session {at} is on its page."),
    ),
    (
        "case-follow-up",
        _("A site is asked how the patient of a case is"),
        _("How is the patient of your case? {session}"),
        _(
            "{days} days ago the experts concluded on your case of “{session}”, {at}. Please record on the page "
            "of the case how the patient is; it takes half a minute. Write no name."
        ),
        _("Please record how the patient of your case of the session {at} is."),
    ),
):
    declare(
        Event(
            key=_key,
            kind=Kind.WORK,
            title=_title,
            subject=_subject,
            text=_text,
            short=_short,
            example={
                "session": SESSION,
                "at": "14:00 15/03/2026",
                **({"days": "7"} if _key == "case-follow-up" else {}),
                **({"reason": _("Please add the blood pressure.")} if _key == "case-returned" else {}),
            },
        )
    )

declare(
    Event(
        key="session-after",
        kind=Kind.SESSION,
        title=_("Key points, slides and recording of a session are there"),
        subject=_("Key points and slides: {session}"),
        text=_(
            "Thank you for taking part in “{session}”, {at}. Key points, slides and recording stand on its page; "
            "so does the survey, which takes three minutes."
        ),
        short=_("Key points, slides and survey of the session {at} are on its page."),
        example={"session": SESSION, "at": "14:00 15/03/2026"},
    )
)
declare(
    Event(
        key="make-up",
        kind=Kind.SESSION,
        title=_("Missed minutes of a session can be made up for with its recording"),
        subject=_("Make up for missed minutes: {session}"),
        text=_(
            "Minutes of “{session}”, {at}, are missing for your lesson. Watch the parts you missed in its recording "
            "until {day}; the page says which they are."
        ),
        short=_("Minutes of the session {at} are missing. Watch its recording until {day}."),
        example={"session": SESSION, "at": "14:00 15/03/2026", "day": "29/03/2026"},
        still=still_learning,
    )
)
declare(
    Event(
        key="session-after-missing",
        kind=Kind.WORK,
        title=_("A session is over and its key points are missing"),
        subject=_("Key points are missing: {session}"),
        text=_(
            "“{session}”, {at}, is over, and the sites wait for its key points. Please write them on its page "
            "within a day of its end; slides and recording go with them."
        ),
        short=_("Please write the key points of the session {at}; the sites wait for them."),
        example={"session": SESSION, "at": "14:00 15/03/2026"},
    )
)

for _key, _kind, _title, _subject, _text, _short in (
    (
        "excuse-said",
        Kind.SESSION,
        _("A coordinator explained somebody's absence"),
        _("Your absence was explained: {session}"),
        _(
            "The coordinator of your site told the hub that you do not come, or did not come, to “{session}”, "
            "{at}. If that is not so, tell the coordinator."
        ),
        _("Your absence from the session {at} was explained to the hub."),
    ),
    (
        "excuse-accepted",
        Kind.SESSION,
        _("An excuse was accepted"),
        _("You are absent with leave: {session}"),
        _(
            "The hub has accepted why you do not come, or did not come, to “{session}”, {at}: {reason}. It counts "
            "as no presence; the page of the session says what follows for your class."
        ),
        _("You are absent with leave from the session {at}."),
    ),
    (
        "excuse-refused",
        Kind.RIGHTS,
        _("An excuse was refused and can be appealed"),
        _("Your excuse was not accepted: {session}"),
        _(
            "The hub has not accepted your excuse for “{session}”, {at}. Reason: {reason}. If you disagree, ask "
            "for a second decision by somebody else, once, until {until}."
        ),
        _("Your excuse for the session {at} was not accepted. You can appeal until {until}."),
    ),
    (
        "excuse-upheld",
        Kind.RIGHTS,
        _("An appeal about an excuse was decided against the person"),
        _("The decision stands: {session}"),
        _(
            "Somebody else has decided again about your excuse for “{session}”, {at}. It is not accepted. "
            "Reason: {reason}. This decision is final."
        ),
        _("The decision on your excuse for the session {at} stands."),
    ),
    (
        "excuse-waits",
        Kind.WORK,
        _("An excuse waits for the hub"),
        _("An excuse waits for your decision: {session}"),
        _("Somebody explained an absence from “{session}”, {at}. Please decide; the page says whose it is."),
        _("An excuse for the session {at} waits for your decision."),
    ),
):
    declare(
        Event(
            key=_key,
            kind=_kind,
            title=_title,
            subject=_subject,
            text=_text,
            short=_short,
            example={
                "session": SESSION,
                "at": "14:00 15/03/2026",
                **({} if _key in {"excuse-said", "excuse-waits"} else {"reason": _("on duty that night")}),
                **({"until": "22/03/2026"} if _key == "excuse-refused" else {}),
            },
        )
    )
