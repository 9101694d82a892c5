"""The form by which a course is sent in."""

from django import forms
from django.utils.translation import gettext_lazy as _

from courses.actions.archives import facilities_for
from courses.conf import conf
from lms.models import Facility
from lms.uploads import UploadRefused, check_size


class ArchiveForm(forms.Form):
    """An exported course, and for which of one's own hospitals."""

    facility = forms.ModelChoiceField(Facility.objects.none(), label=_("Hospital"), empty_label=None)
    file = forms.FileField(
        label=_("Exported course"),
        help_text=_("The ZIP file as it was exported."),
        widget=forms.FileInput(attrs={"accept": ".zip,application/zip"}),
    )

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["facility"].queryset = facilities_for(user)
        self.fields["facility"].widget.attrs["class"] = "w-w-full"

    def clean_file(self):
        file = self.cleaned_data["file"]
        try:
            check_size(file, conf.ARCHIVE_MAX_BYTES)
        except UploadRefused as refused:
            raise forms.ValidationError(refused.message) from refused
        return file
