"""Proving oneself again by a code to the proved phone: for those who sign in without a password."""

from allauth.account import app_settings
from allauth.account.adapter import get_adapter
from allauth.account.forms import BaseConfirmCodeForm
from allauth.account.internal.flows.code_verification import AbstractCodeVerificationProcess
from allauth.account.internal.flows.login import record_authentication
from allauth.account.views import BaseReauthenticateView
from allauth.core import ratelimit
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponseRedirect
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from website.accounts import phones
from website.accounts.forms import ask_for_digits

SESSION_KEY = "account_reauthenticate_code"


class CodeForm(BaseConfirmCodeForm):
    """Six digits."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        ask_for_digits(self)


class Proof(AbstractCodeVerificationProcess):
    """A code on its way to the phone of somebody who is signed in."""

    def __init__(self, request, state):
        self.request = request
        super().__init__(
            user=request.user,
            state=state,
            timeout=app_settings.LOGIN_BY_CODE_TIMEOUT,
            max_attempts=app_settings.LOGIN_BY_CODE_MAX_ATTEMPTS,
        )

    @classmethod
    def resume(cls, request):
        """Return the code that was sent and is not too old, or None."""
        state = request.session.get(SESSION_KEY)
        return cls(request, state).abort_if_invalid() if state else None

    def send(self):
        adapter, phone = get_adapter(), self.user.phone
        self.state["code"] = adapter.generate_phone_verification_code(user=self.user, phone=phone)
        adapter.send_verification_code_sms(user=self.user, phone=phone, code=self.code)
        self.persist()

    def persist(self):
        self.request.session[SESSION_KEY] = self.state

    def abort(self):
        self.request.session.pop(SESSION_KEY, None)


@method_decorator([never_cache, login_required], name="dispatch")
class ReauthenticateByCodeView(BaseReauthenticateView):
    """Send a code when asked, then take it."""

    form_class = CodeForm
    template_name = "account/reauthenticate_code.html"

    def post(self, request, *args, **kwargs):
        if "send" in request.POST:
            return self.send()
        return super().post(request, *args, **kwargs)

    def send(self):
        user = self.request.user
        if ratelimit.consume(self.request, action="request_login_code", key=user.phone):
            Proof(self.request, Proof.initial_state(user, phone=user.phone)).send()
        else:
            messages.error(self.request, get_adapter().error_messages["rate_limited"])
        return HttpResponseRedirect(self.passthrough_next_url(self.request.path))

    def get_form_kwargs(self):
        proof = Proof.resume(self.request)
        return {**super().get_form_kwargs(), "code": proof.code if proof else ""}

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            sent=Proof.resume(self.request) is not None,
            phone=phones.local(self.request.user.phone),
            **kwargs,
        )

    def form_valid(self, form):
        Proof.resume(self.request).abort()
        record_authentication(self.request, self.request.user, method="code", reauthenticated=True)
        return super().form_valid(form)

    def form_invalid(self, form):
        proof = Proof.resume(self.request)
        if proof is None or not proof.record_invalid_attempt():
            messages.error(self.request, _("This code is no longer good. Ask for a new one."))
        return super().form_invalid(form)
