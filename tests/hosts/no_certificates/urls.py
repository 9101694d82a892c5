"""The host's addresses."""

from django.contrib.auth.views import LoginView
from django.urls import include, path
from wagtail import urls as wagtail_urls
from wagtail.admin import urls as wagtailadmin_urls

urlpatterns = [
    path("admin/", include(wagtailadmin_urls)),
    path("accounts/login/", LoginView.as_view(), name="login"),
    path("", include("content.urls")),
    path("", include("courses.urls")),
    path("", include("lms.urls")),
    path("", include(wagtail_urls)),
]
