"""Where lectures are fetched."""

from django.urls import path

from content import views

app_name = "lms_content"
urlpatterns = [
    path("video/<uuid:uuid>/<int:version>/captions-<str:language>.vtt", views.captions, name="captions"),
    path("video/<uuid:uuid>/<int:version>/<slug:kind>", views.video, name="video"),
]
