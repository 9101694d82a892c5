"""Forms of the people's register."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from lms import permissions, scope
from lms.models import Facility, Licence, Person, RoleAssignment
from lms.names import normal_licence
from lms.viewsets import ScopedModelForm


class PersonForm(ScopedModelForm):
    """A person's own facts; a new one is added at a facility of the user's scope."""

    facility = forms.ModelChoiceField(
        Facility.objects.none(),
        label=_("Workplace"),
        required=False,
        help_text=_("Where this person works now."),
    )
    licence = forms.CharField(
        label=_("Licence number"),
        max_length=60,
        required=False,
        help_text=_("As written, for example 008071/ĐL-CCHN."),
    )

    class Meta:
        model = Person
        fields = [
            "full_name",
            "academic_title",
            "birth_date",
            "birth_year",
            "sex",
            "phone",
            "email",
            "profession",
            "language",
            "state",
        ]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        states = [choice for choice in Person.State.choices if choice[0] != Person.State.MERGED]
        self.fields["state"].choices = states
        if self.instance.pk:
            del self.fields["facility"], self.fields["licence"]
            return
        roles = scope.policy_of(Person).acts["add"]
        self.fields["facility"].queryset = scope.facilities(self.for_user, roles).order_by("name")
        self.fields["facility"].required = not self.for_user.is_superuser

    def clean_licence(self):
        number = normal_licence(self.cleaned_data["licence"])
        if number and Licence.objects.numbered(number).exists():
            raise ValidationError(_("This licence number is already recorded for another person."))
        return self.cleaned_data["licence"]


class RoleForm(forms.ModelForm):
    """Which role somebody is given, where and for how long."""

    person = forms.ModelChoiceField(Person.objects.none(), label=_("Person"))

    class Meta:
        model = RoleAssignment
        fields = ["role", "facility", "include_children", "valid_from", "valid_to"]

    field_order = ["person", "role", "facility", "include_children", "valid_from", "valid_to"]

    def __init__(self, *args, for_user, **kwargs):
        super().__init__(*args, **kwargs)
        self.for_user = for_user
        people = scope.limit(Person.objects.filter(user__isnull=False), for_user, "choose")
        self.fields["person"].queryset = people.by_given_name()
        roles = scope.policy_of(RoleAssignment).acts["add"]
        self.fields["facility"].queryset = scope.facilities(for_user, roles).order_by("name")

    def clean(self):
        data = super().clean()
        role, facility = data.get("role"), data.get("facility")
        if role and facility:
            wide = data.get("include_children", False)
            if not permissions.can_grant(self.for_user, role, facility, include_children=wide):
                raise ValidationError(_("You may not give this role there, or not with so wide a reach."))
        if data.get("valid_from") and data.get("valid_to") and data["valid_to"] < data["valid_from"]:
            self.add_error("valid_to", _("The last day lies before the first."))
        person = data.get("person")
        if person and person.user_id == self.for_user.pk and not self.for_user.is_superuser:
            raise ValidationError(_("Nobody gives roles to himself."))
        return data

    def _post_clean(self):
        """Leave the row to the action, which knows that an equal assignment is no error."""
