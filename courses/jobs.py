"""Background work of courses; each kind takes one key and is safe twice."""

from datetime import timedelta

from courses.actions import (
    applications,
    archives,
    archiving,
    attempts,
    case_pictures,
    cases,
    clinical_reviews,
    making_up,
    packs,
    pathways,
    persons,
    reviews,
    scheduled,
    seats,
    sessions,
    settling,
    talk,
    telling,
)
from courses.actions.progress import refresh
from courses.models import Announcement, Application, Enrolment, Pathway, Run, Session
from courses.page_permissions import grant_pages
from courses.sync import sync_course
from lms.models import Person
from lms.queue import job, periodic


@job("lms_courses.sync", lease=120)
def sync(key, running):
    """Recompute one course from its pages."""
    sync_course(key)


@job("lms_courses.pages", lease=120)
def pages(key, running):
    """Give the role groups of a facility their rights on its provider pages."""
    grant_pages(int(key))


@periodic("lms_courses.catch_up", every=timedelta(hours=1), lease=300)
def catch_up(key, running):
    """Look again at everybody who learns; finds what a fault left unnoticed."""
    learning = Enrolment.objects.open().values_list("pk", flat=True).order_by("pk")
    total = learning.count()
    for number, pk in enumerate(learning.iterator(chunk_size=500)):
        if number % 100 == 0:
            running.progress(number * 100 // max(total, 1))
        if enrolment := Enrolment.objects.open().filter(pk=pk).first():
            refresh(enrolment)


@job("lms_courses.recount", lease=300)
def recount(key, running):
    """Weigh a person's evidence anew after two records became one."""
    if person := Person.objects.filter(pk=key).first():
        persons.recount(person)


@job("lms_courses.pathways")
def count_pathways(key, running):
    """Record the pathways that a person has completed."""
    if person := Person.objects.filter(pk=key).first():
        pathways.count_pathways(person)


@job("lms_courses.pathway", lease=600)
def count_pathway(key, running):
    """Record who had completed a pathway before it was published."""
    if pathway := Pathway.objects.filter(pk=key).first():
        pathways.count_everybody(pathway)


@job("lms_courses.reconsider")
def reconsider(key, running):
    """Open a review where the evidence no longer carries a completion."""
    if enrolment := Enrolment.objects.filter(pk=key).first():
        reviews.reconsider(enrolment)


@periodic("lms_courses.reconsider_all", every=timedelta(days=1), lease=600)
def reconsider_all(key, running):
    """Look at every completion again; finds evidence that was corrected past the actions."""
    completed = Enrolment.objects.filter(state=Enrolment.State.COMPLETED).order_by("pk")
    total = completed.count()
    for number, enrolment in enumerate(completed.iterator(chunk_size=500)):
        if number % 100 == 0:
            running.progress(number * 100 // max(total, 1))
        reviews.reconsider(enrolment)


@periodic("lms_courses.publish_due", every=timedelta(minutes=5), lease=300)
def publish_due(key, running):
    """Publish and take down what editors have put off to this hour."""
    scheduled.publish_due()


@periodic("lms_courses.clinical_reviews", every=timedelta(hours=12), lease=300)
def remind_of_clinical_reviews(key, running):
    """Remind trainers and training offices of clinical reviews that are due or will be."""
    clinical_reviews.remind()


@job("lms_courses.tell_session", lease=300)
def tell_session(key, running):
    """Tell everybody who learns with a session or works in it what became of it (``17:planned``)."""
    pk, _colon, what = key.partition(":")
    if row := Session.objects.select_related("hub").filter(pk=pk).first():
        telling.session(row, what=what)
        if what != "planned":
            telling.at_work(row, what=what)


@job("lms_courses.announce", lease=300)
def announce(key, running):
    """Tell everybody in a class what was announced."""
    if row := Announcement.objects.select_related("run").filter(pk=key).first():
        talk.spread(row)


@periodic("lms_courses.remind", every=timedelta(hours=1), lease=600)
def remind(key, running):
    """Remind learners of the session of tomorrow, of the end of their class, and of where they stopped."""
    for percent, of in ((0, telling.tomorrow), (30, telling.due), (60, telling.inactive)):
        running.progress(percent)
        of()


# ---- Seats and applications ----------------------------------------------------------------------


@job("lms_courses.advance")
def advance(key, running):
    """Offer the free seats of a class to those who wait."""
    if run := Run.objects.filter(pk=key).first():
        seats.advance(run)


@job("lms_courses.seat")
def seat(key, running):
    """Enrol who was offered a seat that needs no answer."""
    if application := Application.objects.filter(pk=key).first():
        applications.seat(application)


@periodic("lms_courses.line", every=timedelta(minutes=5))
def line(key, running):
    """End offers nobody accepted, pass on what nobody decided, close the lists of closed classes."""
    pending, runs = applications.overdue()
    for pk in pending:
        applications.pass_on(Application.objects.get(pk=pk))
    for run in Run.objects.filter(pk__in=runs).order_by("pk"):
        seats.advance(run)


# ---- Live sessions and tests ----------------------------------------------------------------------


@periodic("lms_courses.close_overdue", every=timedelta(minutes=1))
def close_overdue(key, running):
    """Close open attempts past their deadline, dated at it, with what was saved."""
    attempts.close_overdue()


@periodic("lms_courses.end_sessions", every=timedelta(minutes=5))
def end_sessions(key, running):
    """End sessions that the hub forgot to end."""
    sessions.end_forgotten()


@periodic("lms_courses.settle", every=timedelta(hours=1), lease=600)
def settle(key, running):
    """Settle sessions whose hub has not done so in time."""
    due = settling.due_for_settlement()
    for number, session in enumerate(due):
        running.progress(number * 100 // len(due))
        settling.settle(session)


@periodic("lms_courses.archive_sessions", every=timedelta(days=1), lease=600)
def archive_sessions(key, running):
    """Put sessions away that were settled long ago."""
    archiving.archive_due()


@periodic("lms_courses.case_follow_ups", every=timedelta(hours=1), lease=300)
def case_follow_ups(key, running):
    """Ask sites how the patients of concluded cases are, 7 and 30 days on."""
    cases.ask_due()


@periodic("lms_courses.case_pictures", every=timedelta(hours=6), lease=300)
def drop_case_pictures(key, running):
    """Remove the pictures of cases that have expired."""
    case_pictures.drop_expired()


@job("lms_courses.send_pack", lease=600)
def send_pack(key, running):
    """Tell everybody who took part in a session where its key points are."""
    if row := Session.objects.filter(pk=key).first():
        packs.send_pack(row)


@job("lms_courses.tell_make_up", lease=600)
def tell_make_up(key, running):
    """Tell who lacks minutes of a session that its recording makes up for them."""
    if row := Session.objects.filter(pk=key).first():
        making_up.tell_make_up(row)


@periodic("lms_courses.remind_hubs", every=timedelta(hours=1), lease=300)
def remind_hubs(key, running):
    """Remind hubs that have not written the key points of a session that is over."""
    packs.remind_hubs()


# ---- Courses on the move --------------------------------------------------------------------------


@job("lms_courses.export", lease=900, max_attempts=3)
def export(key, running):
    """Pack a course for whoever asked for it."""
    archives.export_course(key, running=running)


@job("lms_courses.drop_export")
def drop_export(key, running):
    """Delete an export that has expired."""
    archives.drop_export(key)


@job("lms_courses.check_archive", lease=900, max_attempts=3)
def check_archive(key, running):
    """Say what an archive that was sent in would make."""
    archives.check_archive(key, running=running)


@job("lms_courses.import", lease=900, max_attempts=3)
def import_archive(key, running):
    """Make the course of an archive that was sent in."""
    archives.run_import(key, running=running)


@job("lms_courses.drop_archive")
def drop_archive(key, running):
    """Delete an archive that was sent in and has expired."""
    archives.drop_archive(key)
