"""The service worker: to be mounted at the root of the site, outside any language prefix."""

from django.urls import path

from courses.views import saved

app_name = "lms_worker"
urlpatterns = [path("sw.js", saved.worker, name="worker")]
