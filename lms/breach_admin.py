"""For the data protection officer: whom a breach touched, on screen and as a list, within 72 hours."""

from datetime import timedelta

from django import forms
from django.http import HttpResponse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _
from django.views.generic import FormView
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.widgets import AdminDateTimeInput

from lms import actions, breach, clock, scope, spreadsheets
from lms.models import AccessLog
from lms.recent import recent_login_required

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SHOWN = 100
LOOK = gettext_noop("list of those a breach touched")


class SpanForm(forms.Form):
    """When, and whose login it was if that is known."""

    since = forms.DateTimeField(label=_("From"), widget=AdminDateTimeInput)
    until = forms.DateTimeField(
        label=_("Until"), widget=AdminDateTimeInput, required=False, help_text=_("Empty: until now.")
    )
    username = forms.CharField(
        label=_("User name of the login"),
        max_length=150,
        required=False,
        help_text=_("Empty: whatever anybody was shown."),
    )

    def clean(self):
        data = super().clean()
        data["until"] = data.get("until") or clock.now() + timedelta(seconds=1)
        if data.get("since") and data["until"] <= data["since"]:
            self.add_error("until", _("The end lies before the beginning."))
        return data


class Breach(WagtailAdminTemplateMixin, FormView):
    """Asks for the span, shows whom it touched, and gives the list; each of them is told of this look."""

    form_class = SpanForm
    template_name = "lms/admin/breach.html"
    page_title = _("Whom a breach touched")
    header_icon = "warning"
    _show_breadcrumbs = True

    def get_breadcrumbs_items(self):
        return [*super().get_breadcrumbs_items(), {"url": "", "label": self.page_title}]

    def form_valid(self, form):
        return recent_login_required(lambda request: self.found(request, form))(self.request)

    def form_invalid(self, form):
        return self.render_to_response(self.get_context_data(form=form), status=400)

    def found(self, request, form):
        """Show the first hundred, or give all as a file."""
        data = form.cleaned_data
        mine = scope.limit(AccessLog.objects.all(), request.user, "view")
        looks = breach.shown_between(mine, data["since"], data["until"], data["username"])
        people = list(breach.affected(looks))
        fetched = "fetch" in request.POST
        told = people if fetched else people[:SHOWN]
        actions.log_accesses(request.user, {one.person for one in told}, what=LOOK)
        if fetched:
            answer = HttpResponse(sheet(people), content_type=XLSX)
            answer["Content-Disposition"] = 'attachment; filename="breach.xlsx"'
            answer["Cache-Control"] = "no-store"
            return answer
        shown = [(one, "; ".join(gettext(words) for words in one.what)) for one in told]
        return self.render_to_response(self.get_context_data(form=form, people=shown, count=len(people)))


def sheet(people: list[breach.Affected]) -> bytes:
    """Return the list as a workbook of plain text."""
    header = [
        _("Name"),
        _("Phone"),
        _("E-mail"),
        _("Looks"),
        _("Logins that looked"),
        _("First"),
        _("Last"),
        _("What was shown"),
    ]
    rows = (
        [
            one.full_name,
            one.phone,
            one.email,
            str(one.looks),
            str(one.logins),
            moment(one.first),
            moment(one.last),
            "; ".join(gettext(words) for words in one.what),
        ]
        for one in people
    )
    return spreadsheets.write_rows([str(title) for title in header], rows, title=gettext("Breach"))


def moment(value) -> str:
    """A moment to the minute, in the time of the site."""
    return date_format(timezone.localtime(value), "SHORT_DATETIME_FORMAT")
