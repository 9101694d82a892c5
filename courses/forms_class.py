"""The forms by which the training office says how one gets into a class."""

from datetime import datetime, time

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from courses.forms import RunForm
from lms.models import Province


class ChangeRunForm(RunForm):
    """A class that is open; its code stays."""

    class Meta(RunForm.Meta):
        fields = tuple(name for name in RunForm.Meta.fields if name != "code")


class QuotaForm(forms.Form):
    """How many people of one province a class takes."""

    province = forms.ModelChoiceField(label=_("Province"), queryset=Province.objects.order_by("name"))
    seats = forms.IntegerField(label=_("Seats"), min_value=0, max_value=100_000)


class CodeForm(forms.Form):
    """A code for people who are invited."""

    note = forms.CharField(label=_("For whom"), max_length=120, required=False)
    most = forms.IntegerField(
        label=_("People at most"),
        min_value=1,
        max_value=100_000,
        required=False,
        help_text=_("Empty: as many as there are seats."),
    )
    expires_at = forms.DateField(
        label=_("Valid until"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def clean_expires_at(self):
        """A code is valid to the end of its last day."""
        return timezone.make_aware(datetime.combine(self.cleaned_data["expires_at"], time.max))
