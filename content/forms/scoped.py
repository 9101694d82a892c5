"""Forms of rows that belong to a hospital, with or without rows of their own below."""

from django import forms
from django.forms import BaseInlineFormSet
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms.models import WagtailAdminModelForm

from content.permissions import MAKERS
from lms import scope


class ScopedForm(WagtailAdminModelForm):
    """Offers only the facilities for which the user makes content; the facility is fixed once saved."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "facility" not in self.fields:
            return
        if self.instance.pk:
            del self.fields["facility"]
            return
        own = scope.facilities(self.for_user, MAKERS).order_by("name")
        field = self.fields["facility"]
        field.queryset = own
        field.empty_label = None
        if first := own.first():
            self.initial.setdefault("facility", first.pk)


class Rows(BaseInlineFormSet):
    """Rows in the order that the person gave them; ``position`` follows it."""

    title = ""
    help_text = ""

    def add_fields(self, form, index):
        super().add_fields(form, index)
        if "ORDER" in form.fields:
            form.fields["ORDER"].label = _("Order")
            form.fields["ORDER"].widget.attrs["class"] = "lms-order"
        if "DELETE" in form.fields:
            form.fields["DELETE"].label = _("Remove")

    def save(self, commit=True):
        for position, form in enumerate(self.ordered_forms):
            form.instance.position = position
        saved = super().save(commit)
        for form in self.ordered_forms:
            # Rows that only moved because another one did are not "changed" for Django.
            if form.instance.pk and not form.has_changed():
                form.instance.save(update_fields=["position"])
        return saved


class RowsForm(ScopedForm):
    """A form whose object owns rows; both are valid or neither is saved."""

    rows_class: type[Rows]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        data, files = (self.data, self.files) if self.is_bound else (None, None)
        self.rows = self.rows_class(data, files, instance=self.instance, prefix="rows", **self.rows_kwargs())

    def rows_kwargs(self) -> dict:
        """What the rows need to know of this form."""
        return {}

    def is_valid(self):
        return all([super().is_valid(), self.rows.is_valid()])

    def save(self, commit=True):
        saved = super().save(commit)
        self.rows.instance = saved
        self.rows.save()
        return saved


def rows_of(parent, model, *, fields, title, help_text="", formset=Rows, extra=3, **kwargs):
    """Build the rows class of *model* below *parent*."""
    made = forms.inlineformset_factory(
        parent, model, formset=formset, fields=fields, extra=extra, can_order=True, can_delete=True, **kwargs
    )
    made.title = title
    made.help_text = help_text
    return made
