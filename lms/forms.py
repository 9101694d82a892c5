"""Forms of the people's register, and the scoped forms that other apps build on."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms.choosers import BaseFilterForm
from wagtail.admin.forms.models import WagtailAdminModelForm
from wagtail.admin.widgets import AdminDateInput

from lms import permissions, scope
from lms.models import Facility, Licence, Person, RoleAssignment, TeleSite
from lms.names import clean, fold, is_of_letters, normal_licence


def matching(queryset, text: str, field: str):
    """Return the rows whose folded *field* contains each word of *text*, diacritics ignored."""
    for word in fold(text).split():
        queryset = queryset.filter(**{f"{field}__contains": word})
    return queryset


def holding(queryset, text: str, *fields: str):
    """Return the rows of which *fields* together hold each word of *text*, diacritics ignored.

    For fields without a folded column, and for the few hundred rows of one facility: each is read.
    """
    wanted = fold(text).split()
    return queryset.filter(
        pk__in=[
            pk
            for pk, *texts in queryset.values_list("pk", *fields)
            if all(word in fold(" ".join(str(part or "") for part in texts)) for word in wanted)
        ]
    )


class ScopedModelForm(WagtailAdminModelForm):
    """Offers in each select only rows that the user may choose, and keeps a new row inside his scope."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.for_user is None:
            return
        for field in self.fields.values():
            if isinstance(field, forms.ModelChoiceField) and scope.is_registered(field.queryset.model):
                act = scope.choosing_act(field.queryset.model)
                field.queryset = scope.limit(field.queryset, self.for_user, act)

    def _post_clean(self):
        super()._post_clean()
        model = self._meta.model
        if self.errors or self.for_user is None or not scope.is_registered(model):
            return
        # The row as it would be saved: moving one into another hospital is adding it there.
        path = scope.policy_of(model).path
        act = "add" if self.instance._state.adding else "change"
        if isinstance(path, str) and path and not scope.covers_row(self.for_user, act, self.instance):
            field = path.split("__")[0]
            self.add_error(
                field if field in self.fields else None,
                _("You hold no role there that allows this. Please choose one of your own facilities."),
            )


class FoldedFilterForm(BaseFilterForm):
    """The search field of a chooser, diacritics ignored."""

    q = forms.CharField(
        label=_("Search term"), required=False, widget=forms.TextInput(attrs={"placeholder": _("Search")})
    )
    folded_field = "name_folded"

    def filter(self, objects):
        objects = super().filter(objects)
        if text := self.cleaned_data.get("q"):
            self.is_searching, self.search_query = True, text
            objects = matching(objects, text, self.folded_field)
        return objects


class FacilityFilterForm(FoldedFilterForm):
    """Finds facilities in force by every name they have or had."""

    def filter(self, objects):
        text, found = self.cleaned_data.get("q"), objects.in_force()
        if text:
            self.is_searching, self.search_query = True, text
            found = found.matching(text)
        return found


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
        # Merging and erasing have ways of their own.
        states = [choice for choice in Person.State.choices if choice[0] in {"active", "provisional"}]
        self.fields["state"].choices = states
        if self.instance.pk and self.instance.user_id:
            # Who signs in says himself how he is reached: a code goes there.
            for name in ("phone", "email"):
                self.fields[name].disabled = True
                self.fields[name].help_text = _("This person signs in and changes it alone.")
        if self.instance.pk:
            del self.fields["facility"], self.fields["licence"]
            return
        roles = scope.policy_of(Person).acts["add"]
        self.fields["facility"].queryset = scope.facilities(self.for_user, roles).order_by("name")
        self.fields["facility"].required = not self.for_user.is_superuser

    def clean_full_name(self):
        name = clean(self.cleaned_data["full_name"])
        if name != self.instance.full_name and not is_of_letters(name):
            raise ValidationError(_("A name has letters only."))
        return name

    def clean_licence(self):
        number = normal_licence(self.cleaned_data["licence"])
        if number and Licence.objects.numbered(number).exists():
            raise ValidationError(_("This licence number is already recorded for another person."))
        return self.cleaned_data["licence"]


class FacilityForm(ScopedModelForm):
    """What may be said of a facility on screen; its place in the tree is fixed once it stands."""

    class Meta:
        model = Facility
        fields = [
            "name",
            "abbreviation",
            "kind",
            "parent",
            "province",
            "governing_body",
            "technical_level",
            "legacy_tier",
            "code",
            "cme_code",
            "is_provider",
            "valid_from",
            "valid_to",
        ]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        adding = scope.policy_of(Facility).acts["add"]
        if self.instance.pk:
            # A new name and another place in the tree are recorded with their day, on screens of their own.
            del self.fields["parent"], self.fields["name"]
        else:
            # Its maker watches over it, or nobody would; who heads a whole tree may plant another one.
            parent = self.fields["parent"]
            parent.queryset = scope.facilities(self.for_user, adding).order_by("name")
            parent.required = not (self.for_user.is_superuser or scope.heads_a_tree(self.for_user, adding))
        here = self.instance if self.instance.pk else None
        if not scope.has_role(self.for_user, RoleAssignment.Role.SYS_ADMIN, facility=here):
            # What makes a hospital a provider is decided above it.
            for name in ("is_provider", "cme_code", "code", "kind", "technical_level", "legacy_tier"):
                self.fields.pop(name, None)

    def clean_code(self):
        # The column is unique, and many facilities have none.
        return self.cleaned_data["code"] or None


class SiteForm(ScopedModelForm):
    """A room that joins live sessions."""

    class Meta:
        model = TeleSite
        fields = ["facility", "code", "name", "capacity", "latitude", "longitude", "note", "is_active"]


class RoleForm(forms.ModelForm):
    """Which role somebody is given, where and for how long."""

    person = forms.ModelChoiceField(Person.objects.none(), label=_("Person"))

    class Meta:
        model = RoleAssignment
        fields = ["role", "facility", "include_children", "valid_from", "valid_to"]
        widgets = {"valid_from": AdminDateInput, "valid_to": AdminDateInput}

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
