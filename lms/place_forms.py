"""Forms about places: another name, a merge."""

from django import forms
from django.utils.translation import gettext_lazy as _
from wagtail.admin.widgets import AdminDateInput

from lms import clock, scope
from lms.models import Facility


class RenameForm(forms.Form):
    """The new name and the day from which it holds."""

    name = forms.CharField(label=_("New name"), max_length=200)
    since = forms.DateField(label=_("In force from"), required=False, widget=AdminDateInput)
    was_misspelt = forms.BooleanField(
        label=_("The name was only misspelt"),
        required=False,
        help_text=_("Then no former name is kept."),
    )

    def __init__(self, *args, facility, for_user, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["name"].initial = facility.name
        self.fields["since"].initial = clock.today()


class MoveForm(forms.Form):
    """The body above, and the day from which it is that."""

    under = forms.ModelChoiceField(Facility.objects.none(), label=_("Part of"))
    since = forms.DateField(
        label=_("In force from"),
        widget=AdminDateInput,
        help_text=_("Until the day before, the facility is kept below the body where it stood."),
    )

    def __init__(self, *args, facility, for_user, **kwargs):
        super().__init__(*args, **kwargs)
        reach = scope.limit(Facility.objects.in_force(), for_user, "merge")
        below = Facility.objects.under(facility)
        self.fields["under"].queryset = reach.exclude(pk__in=below.values("pk")).order_by("name")
        self.fields["under"].initial = facility.parent_id
        self.fields["under"].widget.attrs["class"] = "w-w-full"
        self.fields["since"].initial = clock.today()


class MergeFacilityForm(forms.Form):
    """The successor and the day from which it is one."""

    into = forms.ModelChoiceField(Facility.objects.none(), label=_("Successor"))
    on = forms.DateField(label=_("Merged on"), widget=AdminDateInput)

    def __init__(self, *args, facility, for_user, **kwargs):
        super().__init__(*args, **kwargs)
        reach = scope.limit(Facility.objects.in_force(), for_user, "merge")
        self.fields["into"].queryset = reach.exclude(pk=facility.pk).order_by("name")
        self.fields["into"].widget.attrs["class"] = "w-w-full"
        self.fields["on"].initial = clock.today()
