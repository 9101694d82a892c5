"""The addresses of the ground app that learners use."""

from django.urls import path

from lms import views

app_name = "lms"
urlpatterns = [
    path("me/claim/", views.claim, name="claim"),
    path("me/claim/done/", views.claim_done, name="claim_done"),
]
