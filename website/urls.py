"""Where everything is. The public check of a certificate stands outside the language prefix, for ever."""

from django.conf.urls.i18n import i18n_patterns
from django.urls import include, path, re_path
from django.views.generic import RedirectView
from wagtail import urls as wagtail_urls
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.documents import urls as wagtaildocs_urls

from website import demo_role, views
from website.accounts import views as accounts
from website.me import data as my_data
from website.me import views as me

# One login door: Wagtail's own would take a password alone (reference/security E1).
_login = RedirectView.as_view(pattern_name="account_login", query_string=True)
_reset = RedirectView.as_view(pattern_name="account_reset_password")


handler500 = "website.views.server_error"

urlpatterns = [
    path("healthz", views.healthz, name="healthz"),
    path("robots.txt", views.robots, name="robots"),
    path("manifest.webmanifest", views.manifest, name="manifest"),
    path("", include("courses.worker_urls")),
    path("i18n/", include("django.conf.urls.i18n")),
    path("admin/login/", _login),
    re_path(r"^admin/password_reset/.*$", _reset),
    path("admin/jsi18n/", views.editor_words, name="editor_words"),
    path("admin/", include(wagtailadmin_urls)),
    path("documents/", include(wagtaildocs_urls)),
    path("V/", include("certificates.public_urls")),
    path("api/v1/", include("certificates.api_urls")),
]
urlpatterns += i18n_patterns(
    path("me/", me.mine, name="me"),
    path("me/data/", accounts.account, name="account"),
    path("me/my-data/", my_data.mine, name="my_data"),
    path("me/my-data/consent/", my_data.consent, name="my_data_consent"),
    path("me/my-data/ask/", my_data.ask, name="my_data_ask"),
    path("me/my-data/ask/<int:pk>/cancel/", my_data.cancel, name="my_data_cancel"),
    path("me/my-data/copy/", my_data.export, name="my_data_export"),
    path("me/my-data/copy/<int:pk>/", my_data.fetch, name="my_data_fetch"),
    path("me/my-data/looks/", my_data.accesses, name="my_data_accesses"),
    path("me/my-data/erase/", my_data.erase, name="my_data_erase"),
    path("accounts/workplaces/", accounts.workplaces, name="workplaces"),
    path("accounts/", include("website.accounts.urls")),
    path("accounts/", include("allauth.urls")),
    path("language/<str:code>/", views.language, name="language"),
    path("privacy/", views.privacy, name="privacy"),
    path("styleguide/", views.styleguide, name="styleguide"),
    path("try/<slug:role>/", demo_role.enter, name="demo_role"),
    # First: what hundreds ask for in the same minute.
    path("", include("courses.urls")),
    path("", include("lms.urls")),
    path("", include("content.urls")),
    path("", include("certificates.urls")),
    # Wagtail's login for private pages is one more door: closed too.
    path("_util/login/", _login),
    path("", include(wagtail_urls)),
    prefix_default_language=False,
)
