"""The form by which a hospital writes a pathway."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from courses.models import Course, Pathway
from lms import scope


class PathwayForm(forms.ModelForm):
    """Words and courses of a pathway; of a published one only the words."""

    required = forms.ModelMultipleChoiceField(
        queryset=None,
        required=False,
        label=gettext_lazy("Required courses"),
        widget=forms.CheckboxSelectMultiple,
    )
    electives = forms.ModelMultipleChoiceField(
        queryset=None,
        required=False,
        label=gettext_lazy("Elective courses"),
        widget=forms.CheckboxSelectMultiple,
    )

    class Meta:
        model = Pathway
        fields = ("facility", "title_vi", "title_en", "about_vi", "about_en", "electives_needed")
        widgets = {
            "about_vi": forms.Textarea(attrs={"rows": 3}),
            "about_en": forms.Textarea(attrs={"rows": 3}),
        }

    field_order = (*Meta.fields[:-1], "required", "electives", "electives_needed")

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        places = scope.facilities(user, {*scope.policy_of(Pathway).acts["build"]})
        self.fields["facility"].queryset = places.filter(is_provider=True)
        self.fields["facility"].initial = places.filter(is_provider=True).first()
        parts = list(self.instance.courses.all()) if self.instance.pk else []
        if not self.instance.is_draft:
            for name in ("facility", "electives_needed", "required", "electives"):
                del self.fields[name]
            return
        if self.instance.pk:
            del self.fields["facility"]
        named = [part.course_id for part in parts]
        # What is published is no secret: a pathway may name courses of other hospitals.
        courses = Course.objects.filter(is_open=True) | Course.objects.filter(pk__in=named)
        for name, is_required in (("required", True), ("electives", False)):
            self.fields[name].queryset = courses
            self.fields[name].initial = [p.course_id for p in parts if p.is_required == is_required]

    def clean(self):
        """A course is either required or elective."""
        data = super().clean()
        if twice := set(data.get("required") or ()) & set(data.get("electives") or ()):
            names = ", ".join(str(course) for course in twice)
            self.add_error(
                "electives", _("Named among the required courses already: %(names)s.") % {"names": names}
            )
        return data
