"""The addresses of the ground app that learners use."""

from django.urls import path

from lms import inbox, views

app_name = "lms"
urlpatterns = [
    path("me/claim/", views.claim, name="claim"),
    path("me/claim/done/", views.claim_done, name="claim_done"),
    path("me/messages/", inbox.inbox, name="inbox"),
    path("me/messages/<int:pk>/open/", inbox.opened, name="opened"),
    path("me/messages/read/", inbox.all_read, name="all_read"),
    path("me/messages/wishes/", inbox.wishes, name="wishes"),
    path("messages/stop/<str:token>/", inbox.stop, name="stop"),
]
