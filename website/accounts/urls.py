"""The pages of signing in that are ours; allauth's stand behind them."""

from allauth.account import views as allauth_views
from django.urls import path, re_path
from django.views.generic import RedirectView

from lms.recent import recent_login_required
from website.accounts.reauthentication import ReauthenticateByCodeView

urlpatterns = [
    path(
        "reauthenticate/code/",
        ReauthenticateByCodeView.as_view(),
        name="account_reauthenticate_code",
    ),
    # allauth asks for the old password where there is one; a first one is set after a fresh proof.
    path(
        "password/set/",
        recent_login_required(allauth_views.password_set),
        name="account_set_password",
    ),
    # What allauth offers for identities of providers stands on the account page (website/oidc).
    re_path(r"^(?:3rdparty|social)/", RedirectView.as_view(pattern_name="account")),
]
