"""Where lectures, pictures and documents are fetched."""

from django.urls import path

from content import views

app_name = "lms_content"
urlpatterns = [
    path("video/<uuid:uuid>/<int:version>/captions-<str:language>.vtt", views.captions, name="captions"),
    path("video/<uuid:uuid>/<int:version>/slides/<int:place>.webp", views.slide, name="slide"),
    path("video/<uuid:uuid>/<int:version>/<slug:kind>", views.video, name="video"),
    path("video/<uuid:uuid>/<int:version>/<slug:kind>/part-<int:number>", views.part, name="part"),
    path("video/<uuid:uuid>/<int:version>/<slug:kind>/index.m3u8", views.playlist, name="playlist"),
    path("video/<uuid:uuid>/<int:version>/<slug:kind>/<int:number>.m4s", views.piece, name="piece"),
    path("figure/<int:pk>/", views.figure, name="figure"),
    path("document/<int:pk>/", views.document, name="document"),
    path("library/<path:name>", views.library, name="library"),
]
