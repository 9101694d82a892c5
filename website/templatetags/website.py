"""Tags of the frame: the way around, the language switch, the demo banner, form fields."""

from urllib.parse import urlencode

from django import template
from django.conf import settings
from django.templatetags.static import static
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import override, pgettext

from website.accounts import devices, phones
from website.navigation import corner_ways, main_ways

register = template.Library()
register.filter("device", devices.device)


@register.simple_tag(takes_context=True)
def stylesheet(context):
    """The address of the stylesheet; the answer names it in a header too (``website.middleware.headers``)."""
    address = static("website/vuonxa.css")
    request = context.get("request")
    if request is not None:
        request.stylesheet = address
    return address


@register.inclusion_tag("website/includes/navigation.html", takes_context=True)
def navigation(context, current=""):
    """The bar at the top; *current* is the key of the way one is on."""
    request = context.get("request")
    if request is None:
        return {"home": "/", "items": [], "corner": [], "current": ""}
    return {
        "home": reverse("wagtail_serve", args=[""]),
        "items": main_ways(request),
        "corner": corner_ways(request),
        "current": str(current).strip(),
    }


@register.simple_tag(takes_context=True)
def language_links(context):
    """One entry per language: code, own name, and the address that leads to this page in it."""
    request = context.get("request")
    links = []
    for code, name in settings.LANGUAGES:
        with override(code):
            url = reverse("language", args=[code])
        if request is not None:
            url += "?" + urlencode({"from": request.get_full_path()})
        links.append({"code": code, "name": name, "url": url})
    return links


@register.inclusion_tag("website/includes/demo_banner.html")
def demo_banner():
    """The line that says that nothing here is real; empty outside the demo."""
    return {"demo": settings.DEMO}


@register.filter
def local_phone(text: str) -> str:
    """A phone number as people in Vietnam say it; an e-mail stays as it is."""
    return phones.local(str(text))


@register.filter
def is_checkbox(bound_field) -> bool:
    """Whether a bound field is drawn as one box with its words beside it."""
    return getattr(bound_field.field.widget, "input_type", "") == "checkbox" and not hasattr(
        bound_field.field.widget, "choices"
    )


ADDRESSED = {"f": ("chị", "Chị"), "m": ("anh", "Anh")}


@register.simple_block_tag
def addressed(content, person) -> str:
    """Say chị to a woman and anh to a man throughout what stands between, as their greeting does; else both stay."""
    if person and (words := ADDRESSED.get(person.sex)):
        low, high = words
        content = content.replace("anh/chị", low).replace("Anh/chị", high)
    return mark_safe(content)  # noqa: S308 - rendered and escaped already; only letters of ours were put in


@register.simple_tag
def greeting(person, user) -> str:
    """Greet by the given name, as one does in Vietnamese: anh or chị where known."""
    name = {"name": person.given_name if person else user.get_username()}
    if person and person.sex == "f":
        return pgettext("to a woman", "Hello, %(name)s") % name
    if person and person.sex == "m":
        return pgettext("to a man", "Hello, %(name)s") % name
    return _("Hello, %(name)s") % name
