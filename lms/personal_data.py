"""What the ground app, the login and Wagtail hold about people, how it is erased and when it is forgotten."""

import secrets
from contextlib import suppress

from django.apps import apps
from django.contrib.auth import get_user_model
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.db.models import CharField, QuerySet, TextField
from django.utils.translation import gettext_lazy as _

from lms import guards, media, retention
from lms.events import Kind
from lms.holdings import Kept, Subject, register, skip
from lms.models import (
    AccessLog,
    Affiliation,
    Consent,
    DataRequest,
    DistinctPersons,
    Erasure,
    Invitation,
    Licence,
    Message,
    MessageTemplate,
    MessageWish,
    PeopleImport,
    Person,
    PersonMerge,
    RoleAssignment,
)

NAMELESS = "(đã xóa)"
"""What stands in the place of a name that was erased, in rows that stay."""

TRAINING = _("to train you, as you asked")
LAW = _("the law on medical examination and treatment")
SAFETY = _("to keep logins safe")
PROOF = _("to prove that the law on personal data is kept")
WHILE_KNOWN = _("until you ask for erasure")
OWN_STAFF = _("you; staff of your workplace and of the hospitals whose courses you take, within their role")
YOU = _("you")
OFFICER = _("you; the data protection officer")


def nameless_person(subject: Subject, rows: QuerySet) -> int:
    """Emptied: name, birth date, sex, phone, e-mail and titles go, the row stays for the register."""
    for person in rows:
        person.user = None
        person.full_name, person.academic_title = NAMELESS, ""
        person.birth_date = person.birth_year = person.profession = None
        person.sex = person.phone = person.email = ""
        if person.state != Person.State.MERGED:
            person.state = Person.State.ERASED
        person.save()
    _traces(Person, subject.persons, subject)
    return len(rows)


def nameless_login(subject: Subject, rows: QuerySet) -> int:
    """Emptied: nobody can sign in, no name is left; what it did in an office still points at the shell."""
    for user in rows:
        user.groups.clear()
        user.user_permissions.clear()
        for column in user._meta.concrete_fields:
            # Whatever words a site's own user model has: a phone, a nickname.
            if isinstance(column, CharField | TextField) and column.name != "password":
                setattr(user, column.name, None if column.null else "")
        setattr(user, user.USERNAME_FIELD, f"erased-{secrets.token_hex(8)}")
        user.last_login = None
        user.is_active = user.is_staff = user.is_superuser = False
        user.set_unusable_password()
        user.save()
        for session in Session.objects.iterator(chunk_size=500):
            if session.get_decoded().get("_auth_user_id") == str(user.pk):
                session.delete()
    _traces(get_user_model(), subject.users, subject)
    return len(rows)


def _traces(model, keys, subject: Subject) -> None:
    """Take the person out of what Wagtail notes about any row: log, revisions, search, references."""
    names = [word for word in subject.words if len(word) > 5]
    target = {"content_type": ContentType.objects.get_for_model(model), "object_id__in": list(map(str, keys))}
    for label in ("wagtailcore.Revision", "wagtailsearch.IndexEntry", "wagtailcore.ReferenceIndex"):
        with suppress(LookupError):
            apps.get_model(label).objects.filter(**target).delete()
    for label in ("wagtailcore.ModelLogEntry", "wagtailcore.PageLogEntry"):
        with suppress(LookupError):
            log = apps.get_model(label).objects
            if label.endswith("ModelLogEntry"):
                log.filter(**target).update(label=NAMELESS, data={})
            for name in names:
                log.filter(label__icontains=name).update(label=NAMELESS)


def messages_gone(subject: Subject, rows: QuerySet) -> int:
    """Deleted, those sent to the phone or the e-mail without knowing whose it is included."""
    to_address = Message.objects.filter(person=None, address__in=subject.words)
    return rows.delete()[0] + to_address.delete()[0]


def requests_emptied(subject: Subject, rows: QuerySet) -> int:
    """Emptied: that and when the person asked stays as proof, the words and the files go."""
    for row in rows.exclude(file=""):
        media.storage().delete(row.file)
    return rows.update(details="", answer="", extension_reason="", file="", file_expires_at=None)


def merges_emptied(subject: Subject, rows: QuerySet) -> int:
    """Emptied: that two records were one stays, the reason in words goes."""
    return rows.update(reason="", moved={})


def _person(row) -> str:
    return row.user.person.full_name if row.user and hasattr(row.user, "person") else str(row.user or "–")


register(
    Person,
    "pk",
    title=_("Who you are"),
    columns=[
        (_("Name"), "titled_name"),
        (_("Born"), "birth_text"),
        (_("Sex"), "get_sex_display"),
        (_("Phone"), "phone"),
        (_("E-mail"), "email"),
        (_("Professional title"), "profession"),
        (_("Language"), "language_name"),
    ],
    ground=TRAINING,
    period=WHILE_KNOWN,
    seen_by=OWN_STAFF,
    erase=nameless_person,
    secret=["name_folded", "sort_key"],
)
register(
    Licence,
    "person",
    title=_("Practice licences"),
    columns=[
        (_("Licence number"), "number"),
        (_("Kind"), "get_kind_display"),
        (_("State"), "get_status_display"),
    ],
    ground=LAW,
    period=WHILE_KNOWN,
    seen_by=OWN_STAFF,
)
register(
    Affiliation,
    "person",
    title=_("Workplaces"),
    columns=[
        (_("Facility"), "facility"),
        (_("Department"), "unit"),
        (_("From"), "valid_from"),
        (_("Until"), "valid_to"),
    ],
    ground=TRAINING,
    period=WHILE_KNOWN,
    seen_by=OWN_STAFF,
)
register(
    RoleAssignment,
    "user",
    title=_("Offices on this site"),
    columns=[
        (_("Office"), "get_role_display"),
        (_("Facility"), "facility"),
        (_("From"), "valid_from"),
        (_("Until"), "valid_to"),
    ],
    ground=LAW,
    period=_("as long as what was done in the office"),
    seen_by=_("you; administrators of the facility"),
    erase=Kept("kept: who acted in an office, by a login without a name"),
)
register(
    Consent,
    "person",
    title=_("What you agreed to"),
    columns=[
        (_("Purpose"), "purpose"),
        (_("Agreed"), "given"),
        (_("Version of the text"), "text_version"),
        (_("At"), "at"),
        (_("Channel"), "channel"),
    ],
    ground=PROOF,
    period=_("as long as the register"),
    seen_by=OFFICER,
    erase=Kept("kept as proof, without a name"),
)
register(
    DataRequest,
    "person",
    title=_("What you asked about your data"),
    columns=[
        (_("Which right"), "get_kind_display"),
        (_("In your words"), "details"),
        (_("State"), "get_state_display"),
        (_("Received"), "created_at"),
        (_("Answer"), "answer"),
    ],
    ground=PROOF,
    period=_("five years after it was closed"),
    seen_by=OFFICER,
    erase=requests_emptied,
    secret=["file"],
)
register(
    AccessLog,
    "person",
    title=_("Who looked at your data"),
    columns=[
        (_("When"), "at"),
        (_("Who"), _person),
        (_("What was shown"), "what"),
        (_("Purpose"), "purpose"),
    ],
    ground=PROOF,
    period=_("two years"),
    seen_by=OFFICER,
    erase=Kept("kept as proof, without a name"),
)
register(
    Message,
    "person",
    title=_("Messages to you"),
    columns=[
        (_("At"), "created_at"),
        (_("Channel"), "get_channel_display"),
        (_("Subject"), "subject"),
        (_("Text"), "body"),
        (_("State"), "get_state_display"),
        (_("Read at"), "read_at"),
    ],
    ground=TRAINING,
    period=_("the text six months, the rest until erasure"),
    seen_by=YOU,
    erase=messages_gone,
    secret=["key"],
)
register(
    MessageWish,
    "person",
    title=_("How you want to be told"),
    columns=[
        (_("Switched off"), lambda row: ", ".join(str(Kind(one).label) for one in row.muted)),
        (_("Reached by"), "get_via_display"),
        (_("Once a day, together"), "daily"),
        (_("Changed at"), "changed_at"),
    ],
    ground=TRAINING,
    period=WHILE_KNOWN,
    seen_by=YOU,
)
register(
    Invitation,
    "person",
    title=_("Invitations to claim your record"),
    columns=[
        (_("Sent to"), "sent_to"),
        (_("At"), "created_at"),
        (_("Until"), "expires_at"),
        (_("Used"), "accepted_at"),
    ],
    ground=SAFETY,
    period=WHILE_KNOWN,
    seen_by=_("you; the office that invited you"),
    secret=["code_hash"],
)
register(
    PersonMerge,
    "gone",
    "kept",
    title=_("Records that were joined"),
    columns=[(_("At"), "at"), (_("Reason"), "reason"), (_("Taken back"), "undone_at")],
    ground=LAW,
    period=WHILE_KNOWN,
    seen_by=_("you; administrators of the facility"),
    erase=merges_emptied,
    secret=["moved"],
)
register(
    DistinctPersons,
    "first",
    "second",
    title=_("Records of the same name that are not yours"),
    columns=[(_("At"), "at")],
    ground=LAW,
    period=WHILE_KNOWN,
    seen_by=_("you; administrators of the facility"),
    shown=False,
)
register(
    get_user_model(),
    "pk",
    title=_("Your login"),
    columns=[
        (_("User name"), "username"),
        (_("E-mail"), "email"),
        (_("Since"), "date_joined"),
        (_("Last sign-in"), "last_login"),
    ],
    ground=TRAINING,
    period=WHILE_KNOWN,
    seen_by=_("you; administrators of your workplace"),
    erase=nameless_login,
    secret=["password"],
)
skip(PeopleImport, Erasure, MessageTemplate, why="names the login of the office that acted")


# --- Wagtail -----------------------------------------------------------------------------------------


def _wagtail() -> None:
    """Declare what Wagtail itself keeps, of its apps that are installed."""
    office = {"ground": SAFETY, "seen_by": _("you; the superuser")}
    logs = Kept("kept: an office's acts, by a login without a name")
    for label in ("wagtailcore.ModelLogEntry", "wagtailcore.PageLogEntry"):
        register(
            apps.get_model(label),
            "user",
            title=_("What you did in the editor"),
            columns=[(_("At"), "timestamp"), (_("Act"), "action")],
            period=_("as long as what was done in the office"),
            erase=logs,
            # They may name other people.
            secret=["label", "data", "uuid", *(["object_id"] if "Model" in label else [])],
            shown=False,
            **office,
        )
    own = {
        "wagtailcore.APIToken": ["key_hash"],
        "wagtailcore.UploadedFile": ["file"],
        "wagtailcore.PageSubscription": [],
        "wagtailusers.UserProfile": [],
        "wagtailadmin.EditingSession": [],
        "wagtailadmin.FormState": ["data"],
    }
    for label, secret in own.items():
        with suppress(LookupError):
            model = apps.get_model(label)
            path = "uploaded_by_user" if label.endswith("UploadedFile") else "user"
            register(
                model,
                path,
                title=_("Your settings and drafts in the editor"),
                period=WHILE_KNOWN,
                secret=secret,
                shown=False,
                **office,
            )
    authored = "names the login that wrote or decided; what it says is about the site, not about the login"
    for label in (
        "wagtailcore.Page",
        "wagtailcore.Comment",
        "wagtailcore.CommentReply",
        "wagtailcore.WorkflowState",
        "wagtailcore.TaskState",
        "wagtaildocs.Document",
        "wagtailimages.Image",
    ):
        with suppress(LookupError):
            skip(apps.get_model(label), why=authored)
    for label in (
        "wagtailcore.Revision",
        "wagtailcore.ReferenceIndex",
        "wagtailsearch.IndexEntry",
        "wagtailsearch.SQLiteFTSIndexEntry",
        "taggit.TaggedItem",
    ):
        with suppress(LookupError):
            skip(apps.get_model(label), why="copies of pages; what it says of a person or a login is erased")


_wagtail()


# --- what is forgotten -------------------------------------------------------------------------------


@retention.rule(
    "lms.access_log",
    "who looked at whose data",
    setting="LMS_KEEP_ACCESS_LOG_DAYS",
    days=guards.DAYS,
    least=guards.DAYS,
    at="at",
    due=AccessLog.objects.all,
)
def forget_accesses(rows) -> int:
    """The log itself is personal data of two people."""
    return retention.delete(rows)


@retention.rule(
    "lms.messages",
    "texts of messages",
    setting="LMS_KEEP_MESSAGE_TEXT_DAYS",
    days=180,
    at="created_at",
    due=lambda: Message.objects.exclude(subject="", body="", short="", address="", url=""),
)
def forget_words(rows) -> int:
    """That something was sent stays; what and where to goes."""
    return rows.update(subject="", body="", short="", address="", url="")


@retention.rule(
    "lms.import_files",
    "files of finished imports",
    setting="LMS_KEEP_IMPORT_FILE_DAYS",
    days=30,
    at="created_at",
    due=lambda: PeopleImport.objects.exclude(file="", errors_file=""),
)
def drop_import_files(rows) -> int:
    """The rows say what came of it; the file lists hundreds of people."""
    for row in rows:
        for name in filter(None, (row.file, row.errors_file)):
            media.storage().delete(name)
    return rows.update(file="", errors_file="")


@retention.rule(
    "lms.exports",
    "copies of personal data made for their owner",
    setting="LMS_KEEP_EXPORT_DAYS",
    days=7,
    at="closed_at",
    due=lambda: DataRequest.objects.exclude(file=""),
)
def drop_exports(rows) -> int:
    """Whoever did not fetch it may ask again."""
    for row in rows:
        media.storage().delete(row.file)
    return rows.update(file="", file_expires_at=None)


@retention.rule(
    "lms.data_requests",
    "closed requests about personal data",
    setting="LMS_KEEP_DATA_REQUEST_DAYS",
    days=1826,
    at="closed_at",
    due=lambda: DataRequest.objects.filter(closed_at__isnull=False, file=""),
)
def forget_requests(rows) -> int:
    """Proof is needed as long as somebody may complain."""
    return retention.delete(rows)


@retention.rule(
    "lms.invitations",
    "addresses that invitations were sent to",
    setting="LMS_KEEP_INVITATION_ADDRESS_DAYS",
    days=90,
    at="expires_at",
    due=lambda: Invitation.objects.exclude(sent_to=""),
)
def forget_addresses(rows) -> int:
    """Who let whom in stays."""
    return rows.update(sent_to="")


@retention.rule(
    "lms.sessions",
    "sessions that have ended",
    setting="LMS_KEEP_ENDED_SESSION_DAYS",
    days=0,
    at="expire_date",
    due=Session.objects.all,
)
def forget_sessions(rows) -> int:
    """An ended session opens nothing and still says who signed in."""
    return retention.delete(rows)
