"""The logins of an office's own people in the Wagtail admin."""

from django import forms
from django.contrib import messages
from django.contrib.auth import get_user_model
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext, gettext_noop, pgettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.tables import BooleanColumn, Column, TitleColumn
from wagtail.admin.views import generic
from wagtail.admin.viewsets.model import ModelViewSet

from lms import scope
from lms.policies import ScopedPolicy
from lms.recent import recent_login_required
from lms.viewsets import ScopedViewSetMixin
from website.accounts import logins

VERBS = {
    "close": (
        logins.close_login,
        _("Close this login"),
        _("The login is closed. The person's record stays."),
    ),
    "reopen": (logins.reopen_login, _("Open this login again"), _("The person can sign in again.")),
    "sign_out": (
        logins.sign_out_everywhere,
        _("Sign out on every device"),
        _("The person is signed out on every device."),
    ),
    "reset": (
        logins.reset_second_step,
        _("Remove the lost second step"),
        _("The second step is removed; the site asks for a new one at the next sign-in."),
    ),
}
"""What is pressed, the action, its button and what is said afterwards."""


class ReasonForm(forms.Form):
    """Which verb, and why; the reason stays in the log."""

    do = forms.ChoiceField(choices=[(verb, label) for verb, (_a, label, _s) in VERBS.items()])
    reason = forms.CharField(label=_("Reason"), max_length=200)


POLICY = ScopedPolicy(get_user_model())
"""Asked by these screens only: Wagtail's own user screens stay the superuser's."""


class LoginsItem(MenuItem):
    """Shown to whoever administers the logins of a facility."""

    def is_shown(self, request):
        return POLICY.user_has_permission(request.user, "view")


class LoginIndex(generic.IndexView):
    """Logins with the person behind each."""

    permission_policy = POLICY

    def get_base_queryset(self):
        return super().get_base_queryset().order_by("person__sort_key", "pk")


class LoginDesk(generic.InspectView):
    """One login: who it is, which roles it holds, and what the office may do with it."""

    permission_policy = POLICY
    permission_required = "change"
    template_name = "website/admin/login.html"
    page_title = _("Login")

    def get_context_data(self, **kwargs):
        form = kwargs.pop("form", None) or ReasonForm()
        verbs = ["sign_out", "reset", "close"] if self.object.is_active else ["reopen"]
        return super().get_context_data(
            form=form,
            person=getattr(self.object, "person", None),
            roles=scope.assignments(self.object),
            refusal=logins.refusal(self.request.user, self.object),
            verbs=[(verb, VERBS[verb][1]) for verb in verbs],
            **kwargs,
        )

    def get_field_display_value(self, field_name, field):
        value = super().get_field_display_value(field_name, field)
        if isinstance(value, bool):
            return gettext("yes") if value else gettext("no")
        return "–" if value in (None, "") else value

    def get_field_label(self, field_name, field):
        return (
            pgettext("a login", "Open")
            if field_name == "is_active"
            else super().get_field_label(field_name, field)
        )

    @method_decorator(recent_login_required)
    def post(self, request, *args, **kwargs):
        form = ReasonForm(request.POST)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form), status=400)
        action, _label, said = VERBS[form.cleaned_data["do"]]
        try:
            action(self.object, by=request.user, reason=form.cleaned_data["reason"])
        except logins.LoginRefused as refused:
            messages.error(request, str(refused))
        else:
            messages.success(request, str(said))
        return redirect("lms-logins:desk", self.object.pk)


def desk_url(user) -> str:
    """Return where a login is shown whole."""
    return reverse("lms-logins:desk", args=[user.pk])


def name_of(user) -> str:
    """Return the person's name, or the login's where no person stands behind it."""
    person = getattr(user, "person", None)
    return person.full_name if person else user.get_username()


class LoginViewSet(ScopedViewSetMixin, ModelViewSet):
    """Logins of the people who work at the user's facilities."""

    model = get_user_model()
    subject = "person"
    looks = (gettext_noop("a list of logins"), gettext_noop("a login"))
    name = "lms-logins"
    menu_label = _("Logins")
    icon = "key"
    menu_order = 310
    add_to_admin_menu = True
    menu_item_class = LoginsItem
    list_select_related = ("person",)
    folded_field = "person__name_folded"
    search_fields = ["person__name_folded"]
    index_view_class = LoginIndex
    form_fields = ["is_active"]
    copy_view_enabled = False
    list_filter = ["is_active"]
    inspect_view_fields = ["username", "email", "last_login", "is_active"]
    list_display = [
        TitleColumn("person", label=_("Person"), accessor=name_of, get_url=desk_url),
        "username",
        Column("last_login", label=_("Last sign-in")),
        BooleanColumn("is_active", label=pgettext_lazy("a login", "Open")),
    ]

    def get_urlpatterns(self):
        # A login is neither made nor edited here: people sign up or are invited, and keep their own secrets.
        kept = {"index", "index_results"}
        desk = self.construct_view(LoginDesk, fields=self.inspect_view_fields)
        return [url for url in super().get_urlpatterns() if url.name in kept] + [
            path("<int:pk>/", desk, name="desk")
        ]

    def get_common_view_kwargs(self, **kwargs):
        found = super().get_common_view_kwargs(**kwargs)
        closed = ["add", "edit", "delete", "history", "usage"]
        return {**found, **{f"{name}_url_name": None for name in closed}}
