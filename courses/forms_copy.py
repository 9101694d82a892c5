"""The forms by which a class is copied to other days."""

from datetime import date, datetime, timedelta

from django import forms
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from courses.actions.runs import WAYS
from courses.forms import RunForm
from courses.models import Run, Session
from lms import clock, workdays
from lms.conf import conf

DAYS = ("starts_on", "ends_on", "enrol_from", "enrol_until")
"""What of a class moves along with its first day."""


class FirstDayForm(forms.Form):
    """On which day the new class begins; everything else is moved by as many days."""

    first = forms.DateField(
        label=gettext_lazy("First day of the new class"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def clean_first(self):
        """Refuse a day that nobody plans for; far away the calendar itself ends."""
        first = self.cleaned_data["first"]
        if abs((first - clock.today()).days) > 3660:
            raise forms.ValidationError(_("Choose a day within ten years."))
        return first


def first_day(run: Run, sessions: list[Session]) -> date:
    """The day from which the days of *run* are counted."""
    if run.starts_on:
        return run.starts_on
    begins = [one.starts_at for one in sessions] or [run.created_at]
    return timezone.localdate(min(begins))


def next_first_day(first: date, today: date) -> date:
    """The same weekday as *first*, at least a week from *today*."""
    weeks = max(1, -(-((today - first).days + 7) // 7))
    return first + timedelta(weeks=weeks)


def run_form(run: Run, shift: timedelta) -> RunForm:
    """A new class like *run*, its days moved by *shift*."""
    moved = {name: value + shift for name in DAYS if (value := getattr(run, name))}
    kept = {name: getattr(run, name) for name in ("mode", "seats", "contact", *WAYS)}
    return RunForm(initial={**moved, **kept}, prefix="run")


class SessionForm(forms.Form):
    """Whether a session is held for the new class, and when."""

    take = forms.BooleanField(label=gettext_lazy("Hold it"), required=False, initial=True)
    starts_at = forms.DateTimeField(label=gettext_lazy("From"))
    ends_at = forms.DateTimeField(label=gettext_lazy("Until"))

    def __init__(self, *args, session: Session, shift: timedelta, **kwargs):
        begins, ends = timezone.localtime(session.starts_at), timezone.localtime(session.ends_at)
        initial = {"take": True, "starts_at": begins + shift, "ends_at": ends + shift}
        super().__init__(*args, initial=initial, prefix=f"session-{session.pk}", **kwargs)
        self.session = session
        for name in ("starts_at", "ends_at"):
            self.fields[name].widget = forms.DateTimeInput(
                attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"
            )

    @property
    def remark(self) -> str:
        """What to think about: a day on which offices do not work."""
        return remark(self["starts_at"].value())

    def clean(self):
        """Refuse a session that ends before it begins."""
        data = super().clean()
        if data.get("starts_at") and data.get("ends_at") and data["ends_at"] <= data["starts_at"]:
            self.add_error("ends_at", _("A session must end after it begins."))
        return data


def remark(value: date | datetime | str | None) -> str:
    """The weekday of *value*, where it is a weekend or a public holiday; else empty."""
    if not isinstance(value, date):
        return ""
    # Forms show moments in local time already.
    day = value.date() if isinstance(value, datetime) else value
    if workdays.is_workday(day, conf.HOLIDAYS):
        return ""
    if day.weekday() >= 5:
        return date_format(day, "l")
    return _("public holiday")
