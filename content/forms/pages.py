"""The form of pages that show pictures and documents: for ``base_form_class``."""

from collections.abc import Iterator
from typing import Any

from django.db.models import Model
from django.utils.translation import gettext as _
from wagtail.admin.forms import WagtailAdminPageForm
from wagtail.blocks import StreamValue, StructValue
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.permissions import policy_registry

from lms.keys import read_keys


class OwnFilesForm(WagtailAdminPageForm):
    """Takes pictures and documents that the editor may choose, or that stand in the same field already.

    The choosers offer no others; this is for what they did not send, in bodies and in rich text.
    """

    def may_take(self, thing: Model) -> bool:
        """Whether the editor may put *thing* on this page."""
        policy = policy_registry.get_by_type(type(thing))
        return policy.user_has_permission_for_instance(self.for_user, "choose", thing)

    def clean(self):
        """Refuse what the editor may not take."""
        data = super().clean()
        for name in self.fields:
            # What lacks something else is shown again as well.
            value = data[name] if name in data else self[name].value()
            new = self._named(name, value) - self._named(name, getattr(self.instance, name, None))
            refused = {thing for thing in _found(new) if not self.may_take(thing)}
            if refused:
                kept = _without(value, refused)
                message = _(
                    "A picture or document may not be shown here. Choose one of this page's own hospital."
                )
                self.add_error(name, message)
                self.forget(name, kept)
        return data

    def forget(self, name: str, value: Any) -> None:
        """Show the field *name* with *value*, not with what was sent: a chooser tells what the row is called."""
        self.fields[name].bound_data = lambda posted, initial: value

    def _named(self, name: str, value: Any) -> set[tuple[type[Model], str]]:
        """The pictures and documents that *value* of the field *name* names."""
        kinds = (get_image_model(), get_document_model())
        if isinstance(value, kinds):
            return {(type(value), str(value.pk))}
        columns = {column.name: column for column in self.instance._meta.get_fields()}
        extract = getattr(columns.get(name), "extract_references", None)
        found = extract(value) if extract and value else ()
        return {(model, str(pk)) for model, pk, *_paths in found if model in kinds}


def _found(named: set[tuple[type[Model], str]]) -> Iterator[Model]:
    """The rows behind *named*; what is no key is no row."""
    for kind in {model for model, _text in named}:
        keys = read_keys(text for model, text in named if model is kind)
        yield from kind._default_manager.filter(pk__in=keys)


def _without(value: Any, things: set[Model]) -> Any:
    """*value* without *things* where a block names them; a field that is no body is left empty."""
    if not isinstance(value, StreamValue):
        return None
    for child in value:
        if isinstance(child.value, StructValue):
            for key, one in child.value.items():
                if isinstance(one, Model) and one in things:
                    child.value[key] = None
    return value
