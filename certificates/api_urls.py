"""The verification API, mounted at ``api/v1/`` outside the language prefix."""

from django.urls import path

from . import api

app_name = "lms_certificates_api"

urlpatterns = [
    path("openapi.json", api.describe, name="describe"),
    path("check", api.batch, name="batch"),
    path("certificates/<path:code>", api.one, name="one"),
    path("person", api.person, name="person"),
    path("register/checkpoint", api.checkpoint, name="checkpoint"),
    path("register/export", api.export, name="export"),
]
