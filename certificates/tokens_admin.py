"""Tokens of other systems in the Wagtail admin: who may ask, for what, until when; made, shown once, revoked."""

from django import forms
from django.contrib import messages
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect
from django.urls import path
from django.utils.decorators import method_decorator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.viewsets.base import ViewSet

from certificates import permissions
from certificates.actions import make_token, revoke_token
from certificates.actions.tokens import MOST_DAYS, TokenRefused
from certificates.models import ApiToken
from lms.models import RoleAssignment
from lms.recent import recent_login_required


class TokenForm(forms.Form):
    """Which system asks as which verifier, for what, how long."""

    name = forms.CharField(label=_("System"), max_length=80)
    user = forms.ModelChoiceField(label=_("Asks as the verifier"), queryset=get_user_model().objects.none())
    purpose = forms.CharField(
        label=_("Purpose"),
        min_length=5,
        max_length=200,
        help_text=_("Recorded at each look and shown to the person."),
    )
    scopes = forms.MultipleChoiceField(
        label=_("May ask for"), choices=ApiToken.Scope.choices, widget=forms.CheckboxSelectMultiple
    )
    days = forms.IntegerField(label=_("Days it is valid"), min_value=1, max_value=MOST_DAYS, initial=180)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        holding = RoleAssignment.objects.in_force().filter(role=RoleAssignment.Role.VERIFIER)
        self.fields["user"].queryset = get_user_model().objects.filter(
            is_active=True, pk__in=holding.values("user")
        )


class Tokens(WagtailAdminTemplateMixin, TemplateView):
    """Every token there was; POST makes one, whose secret stands on the answer and nowhere else."""

    template_name = "lms_certificates/admin/tokens.html"
    page_title = _("Other systems")
    header_icon = "key"

    def dispatch(self, request, *args, **kwargs):
        if not permissions.manages_tokens(request.user):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get_breadcrumbs_items(self):
        return [*super().get_breadcrumbs_items(), {"url": "", "label": self.page_title}]

    def get_context_data(self, **kwargs):
        kwargs.setdefault("form", TokenForm())
        rows = ApiToken.objects.select_related("user", "created_by", "revoked_by")[:200]
        return super().get_context_data(tokens=rows, **kwargs)

    @method_decorator(recent_login_required)
    def post(self, request, *args, **kwargs):
        form = TokenForm(request.POST)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form), status=422)
        try:
            token, secret = make_token(by=request.user, **form.cleaned_data)
        except TokenRefused as error:
            form.add_error(None, str(error))
            return self.render_to_response(self.get_context_data(form=form), status=422)
        response = self.render_to_response(self.get_context_data(made=token, secret=secret))
        response["Cache-Control"] = "no-store"
        return response


class RevokeToken(Tokens):
    """Revokes one; there is nothing to look at."""

    http_method_names = ["post"]

    @method_decorator(recent_login_required)
    def post(self, request, *args, **kwargs):
        token = ApiToken.objects.filter(pk=kwargs["pk"]).first()
        if token is not None:
            revoke_token(token, by=request.user)
            messages.success(request, gettext("The token opens nothing any more."))
        return redirect("lms-api-tokens:index")


class TokenViewSet(ViewSet):
    """Who else may ask the register."""

    name = "lms-api-tokens"
    menu_label = _("Other systems")
    icon = "key"

    def get_menu_item(self, order=None):
        item = super().get_menu_item(order)
        item.is_shown = lambda request: permissions.manages_tokens(request.user)
        return item

    def get_urlpatterns(self):
        return [
            path("", self.construct_view(Tokens), name="index"),
            path("revoke/<int:pk>/", self.construct_view(RevokeToken), name="revoke"),
        ]
