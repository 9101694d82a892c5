"""The licences and workplaces of a person, several to a page."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.widgets import AdminDateInput

from lms import actions, scope
from lms.models import Affiliation, Facility, Licence, Person


def _check_days(form) -> None:
    data = form.cleaned_data
    if data.get("valid_from") and data.get("valid_to") and data["valid_to"] < data["valid_from"]:
        form.add_error("valid_to", gettext("The last day lies before the first."))


class LicenceForm(forms.ModelForm):
    """One licence: any shape is taken, an odd one with a warning; only somebody else's is refused."""

    class Meta:
        model = Licence
        fields = ["raw", "status", "valid_from", "valid_to"]
        widgets = {"valid_from": AdminDateInput, "valid_to": AdminDateInput}

    @property
    def legend(self) -> str:
        """The number as recorded, or nothing for a new one."""
        return self.instance.raw if self.instance.pk else ""

    @property
    def is_odd(self) -> bool:
        """Whether the recorded number has no known shape."""
        return bool(self.instance.pk) and not self.instance.is_well_formed

    def clean_raw(self):
        held = Licence.objects.numbered(self.cleaned_data["raw"]).exclude(pk=self.instance.pk)
        if held.exists():
            raise ValidationError(_("This licence number is already recorded. Please check the number."))
        return self.cleaned_data["raw"]

    def clean(self):
        super().clean()
        _check_days(self)


class BaseLicences(forms.BaseInlineFormSet):
    """Licences that are recorded through the action."""

    title = _("Licences")

    def save(self, commit=True) -> list[str]:
        """Record what changed; return a warning for each number of no known shape."""
        odd = []
        for form in self.forms:
            if not form.has_changed():
                continue
            data = form.cleaned_data
            row = actions.record_licence(
                self.instance,
                raw=data["raw"],
                licence=form.instance if form.instance.pk else None,
                status=data["status"],
                valid_from=data["valid_from"],
                valid_to=data["valid_to"],
            )
            if not row.is_well_formed:
                odd.append(
                    gettext(
                        "The licence number “%(number)s” has an unusual form. It was kept; please compare it with the paper."
                    )
                    % {"number": row.number}
                )
        return odd


class WorkplaceForm(forms.ModelForm):
    """One workplace with its days."""

    class Meta:
        model = Affiliation
        fields = ["facility", "unit", "is_primary", "valid_from", "valid_to"]
        widgets = {"valid_from": AdminDateInput, "valid_to": AdminDateInput}

    is_odd = False

    @property
    def legend(self) -> str:
        """The facility, or nothing for a new one."""
        return str(self.instance.facility) if self.instance.pk else ""

    def clean(self):
        super().clean()
        _check_days(self)


class BaseWorkplaces(forms.BaseInlineFormSet):
    """Workplaces at the user's own facilities; where else somebody works is not shown here."""

    title = _("Workplaces")

    def __init__(self, *args, reach, **kwargs):
        self.reach = reach
        super().__init__(*args, **kwargs)

    def add_fields(self, form, index):
        super().add_fields(form, index)
        field = form.fields["facility"]
        field.widget.attrs["class"] = "w-w-full"
        if form.instance.pk:
            field.disabled, field.queryset = True, Facility.objects.filter(pk=form.instance.facility_id)
        else:
            field.queryset = self.reach.in_force().order_by("name")
            form.fields["is_primary"].initial = False

    def save(self, commit=True) -> list[str]:
        """Write what changed; a new main workplace makes the others lesser ones."""
        for form in self.forms:
            if not form.has_changed():
                continue
            data = form.cleaned_data
            if form.instance.pk:
                form.save()
            elif not data.get("facility"):
                continue
            if form.instance.pk is None or (
                data["is_primary"] and Affiliation.objects.in_force().filter(pk=form.instance.pk).exists()
            ):
                actions.affiliate(
                    self.instance,
                    facility=data["facility"],
                    unit=data["unit"],
                    since=data["valid_from"],
                    until=data["valid_to"],
                    is_primary=data["is_primary"],
                )
        return []


LicenceFormSet = forms.inlineformset_factory(
    Person, Licence, form=LicenceForm, formset=BaseLicences, extra=1, can_delete=False
)
WorkplaceFormSet = forms.inlineformset_factory(
    Person, Affiliation, form=WorkplaceForm, formset=BaseWorkplaces, extra=1, can_delete=False
)


def person_formsets(person: Person, user, data=None) -> list[forms.BaseInlineFormSet]:
    """Return the formsets of licences and workplaces that *user* may change."""
    reach = scope.facilities(user, scope.policy_of(Person).acts["change"])
    works = Affiliation.objects.filter(facility__in=reach.values("pk")).order_by("-valid_to", "pk")
    return [
        LicenceFormSet(data, instance=person, prefix="licences", queryset=Licence.objects.order_by("pk")),
        WorkplaceFormSet(data, instance=person, prefix="works", queryset=works, reach=reach),
    ]
