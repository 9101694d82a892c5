"""The public check, mounted at ``V/`` outside the language prefix: printed on paper, the same for ever."""

from django.urls import path

from .views import offline, public

app_name = "lms_certificates_public"

urlpatterns = [
    path("", public.verify_form, name="verify_form"),
    path("offline/", offline.about, name="offline"),
    path("offline/check.html", offline.page, name="offline_page"),
    path("keys.json", offline.keys, name="keys"),
    path("<str:text>", public.verify, name="verify"),
]
