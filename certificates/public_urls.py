"""The public check, mounted at ``V/`` outside the language prefix: printed on paper, the same for ever."""

from django.urls import path

from .views import public

app_name = "lms_certificates_public"

urlpatterns = [
    path("", public.verify_form, name="verify_form"),
    path("<str:text>", public.verify, name="verify"),
]
