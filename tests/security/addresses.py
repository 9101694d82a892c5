"""Every address that runs code of ours, found by walking the resolver, so that none can be forgotten."""

from dataclasses import dataclass

from django.apps import apps
from django.urls import get_resolver
from django.urls.resolvers import URLPattern, URLResolver

OURS = ("lms", "content", "courses", "certificates", "website")
OUR_LABELS = {"lms", "lms_content", "lms_courses", "lms_certificates", "website"}


@dataclass(frozen=True)
class Address:
    """One named address: ``name`` as ``reverse`` takes it, with the names of its arguments."""

    name: str
    arguments: tuple[str, ...]
    route: str


def is_ours(callback) -> bool:
    """Whether a view is written by us, or is Wagtail's view of a model of ours."""
    view = getattr(callback, "view_class", callback)
    if getattr(view, "__module__", "").split(".")[0] in OURS:
        return True
    model = getattr(callback, "view_initkwargs", {}).get("model")
    label = (
        model.split(".")[0]
        if isinstance(model, str)
        else getattr(getattr(model, "_meta", None), "app_label", "")
    )
    return label in OUR_LABELS


def walk(resolver: URLResolver | None = None, namespace: str = "", route: str = "", known=()):
    """Yield every ``Address`` of ours below *resolver*."""
    for item in (resolver or get_resolver()).url_patterns:
        here = route + str(item.pattern)
        arguments = (*known, *item.pattern.regex.groupindex)
        if isinstance(item, URLPattern):
            if is_ours(item.callback):
                name = f"{namespace}:{item.name}" if namespace else item.name
                yield Address(name or f"<{here}>", arguments, here)
        else:
            inner = ":".join(part for part in (namespace, item.namespace) if part)
            yield from walk(item, inner, here, arguments)


def models_of_ours():
    """Every model of our apps."""
    return [model for model in apps.get_models() if model._meta.app_label in OUR_LABELS]
