"""The forms that plan a live session, alone or as a series, and give it other hours."""

from django import forms
from django.utils.translation import gettext_lazy as _

from courses import hours, recurrence
from courses.models import Run, Session
from courses.models.outline import LessonKind
from lms import scope

WEEKDAYS = (
    _("Monday"),
    _("Tuesday"),
    _("Wednesday"),
    _("Thursday"),
    _("Friday"),
    _("Saturday"),
    _("Sunday"),
)


class PlanSession(forms.ModelForm):
    """When, where from, about what, and for which classes; hubs are those the user acts for."""

    join_url = forms.URLField(label=_("Link to join"), required=False, assume_scheme="https")
    weekdays = forms.TypedMultipleChoiceField(
        label=_("Again each week on"),
        required=False,
        coerce=int,
        choices=list(enumerate(WEEKDAYS)),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Leave it empty for a single session."),
    )
    until = forms.DateField(
        label=_("Until the day"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    skips_holidays = forms.BooleanField(label=_("Not on public holidays"), required=False, initial=True)
    makeup_days = forms.IntegerField(
        label=Session._meta.get_field("makeup_days").verbose_name,
        help_text=Session._meta.get_field("makeup_days").help_text,
        required=False,
        min_value=0,
        max_value=366,
        initial=0,
    )
    makeup_pct = forms.IntegerField(
        label=Session._meta.get_field("makeup_pct").verbose_name,
        required=False,
        min_value=1,
        max_value=100,
        initial=50,
    )
    is_draft = forms.BooleanField(
        label=_("Keep it as a draft: only the hub sees it, nobody is told yet"), required=False
    )
    uses = forms.MultipleChoiceField(
        label=_("Serves as a lesson of"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Minutes of this session count for these lessons. More classes can be added later."),
    )

    field_order = (
        "hub",
        "title_vi",
        "title_en",
        "starts_at",
        "ends_at",
        "weekdays",
        "until",
        "skips_holidays",
        "join_url",
        "uses",
        "rule_code",
        "is_draft",
    )
    SELDOM = frozenset({"credits_outages", "makeup_days", "makeup_pct", "makeup_with_test", "excuse_effect"})
    """What most sessions leave as it is; the page folds it away."""

    class Meta:
        model = Session
        fields = [
            "hub",
            "title_vi",
            "title_en",
            "starts_at",
            "ends_at",
            "join_url",
            "rule_code",
            "credits_outages",
            "makeup_days",
            "makeup_pct",
            "makeup_with_test",
            "excuse_effect",
        ]
        widgets = {
            "starts_at": forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
            "ends_at": forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        }
        help_texts = {
            "rule_code": _("Only where the session earns credit by itself, without a class."),
        }

    def __init__(self, *args, user, roles, **kwargs):
        super().__init__(*args, **kwargs)
        hubs = scope.facilities(user, roles)
        self.fields["hub"].queryset = hubs
        self.fields["excuse_effect"].required = False
        if rules := hours.rule_choices():
            self.fields["rule_code"] = forms.ChoiceField(
                label=self.fields["rule_code"].label,
                help_text=self.fields["rule_code"].help_text,
                required=False,
                choices=[("", _("none: it earns nothing by itself")), *rules],
            )
        if hubs.count() == 1:
            self.fields["hub"].empty_label = None
        runs = Run.objects.filter(is_closed=False, release__course__facility__in=hubs).select_related(
            "release"
        )
        self._uses = {
            f"{run.pk}:{item['lesson']}": (run, item)
            for run in runs.order_by("-pk")[:100]
            for item in run.release.outline
            if item["kind"] == LessonKind.SESSION
        }
        self.fields["uses"].choices = [
            (key, f"{run.code} · {run.release.title}: {item['title']['vi']}")
            for key, (run, item) in self._uses.items()
        ]

    def clean_makeup_days(self):
        """None where nothing was said."""
        return self.cleaned_data["makeup_days"] or 0

    def clean_makeup_pct(self):
        """Half of the session where nothing was said."""
        return self.cleaned_data["makeup_pct"] or 50

    def clean_excuse_effect(self):
        """What an excuse does where nothing was chosen."""
        return self.cleaned_data["excuse_effect"] or Session.ExcuseEffect.NOTED

    def clean(self):
        """Refuse a session that ends before it begins."""
        data = super().clean()
        if data.get("starts_at") and data.get("ends_at") and data["ends_at"] <= data["starts_at"]:
            self.add_error("ends_at", _("A session must end after it begins."))
        if data.get("weekdays") and not data.get("until"):
            self.add_error("until", _("Say until which day the sessions repeat."))
        if data.get("excuse_effect") == Session.ExcuseEffect.MAKE_UP and not data.get("makeup_days"):
            self.add_error("makeup_days", _("Say within how many days the recording makes up for it."))
        return data

    def usual(self):
        """The fields that every session is asked for."""
        return [self[name] for name in self.fields if name not in self.SELDOM]

    def seldom(self):
        """The rules declared beforehand that most sessions leave as they are."""
        return [self[name] for name in self.fields if name in self.SELDOM]

    def has_seldom_errors(self) -> bool:
        """Whether one of those is to be corrected, so that it must be seen."""
        return any(name in self.SELDOM for name in self.errors)

    def rule(self) -> str:
        """The rule of a series, or nothing for a single session."""
        data = self.cleaned_data
        return recurrence.weekly(data["weekdays"], until=data["until"]) if data["weekdays"] else ""

    def chosen(self):
        """The pairs of run and lesson id that were chosen."""
        return [(self._uses[key][0], self._uses[key][1]["lesson"]) for key in self.cleaned_data["uses"]]


class ChangeHours(forms.ModelForm):
    """Other hours for a session, and why."""

    reason = forms.CharField(label=_("Reason"), max_length=200)

    class Meta:
        model = Session
        fields = ["starts_at", "ends_at"]
        widgets = PlanSession.Meta.widgets
