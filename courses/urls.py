"""URLs of courses: learning here, live sessions and tests in ``urls_live``."""

from django.urls import path

from courses.urls_live import urlpatterns as live
from courses.views import enrolments, saved, talk, watch

app_name = "lms_courses"

urlpatterns = [
    path("learn/watched/", watch.heartbeat, name="beat"),
    path("learn/watched/offline/", watch.offline, name="watched_offline"),
    path("learn/classes/<int:pk>/enrol/", enrolments.enrol_self, name="enrol"),
    path("learn/<int:pk>/go/", talk.go, name="go"),
    path("learn/<int:pk>/lessons/<int:lesson>/go/", talk.go, name="go_lesson"),
    path("learn/<int:pk>/lessons/<int:lesson>/questions/", talk.thread, name="thread"),
    path("learn/<int:pk>/lessons/<int:lesson>/ask/", talk.ask, name="ask"),
    path("learn/<int:pk>/posts/<int:post>/report/", talk.report, name="report_post"),
    path("learn/<int:pk>/posts/<int:post>/take-back/", talk.take_back, name="take_post_back"),
    path("learn/<int:pk>/withdraw/", enrolments.withdraw_self, name="withdraw"),
    path("learn/<int:pk>/lessons/<int:lesson>/read/", enrolments.read, name="read"),
]
urlpatterns += [
    path("learn/saved/", saved.shell, name="saved"),
    path("learn/saved/who/", saved.who, name="who"),
    path("learn/<int:pk>/save/", saved.choose, name="save"),
    path("learn/<int:pk>/lessons/<int:lesson>/save/", saved.lesson, name="save_lesson"),
]
urlpatterns += live
