"""URLs of courses: learning and check-in here, live sessions and tests in ``urls_live``."""

from django.urls import path

from courses.urls_live import urlpatterns as live
from courses.views import approvals, checkin, enrolments, pathways, people, quiz, saved, talk, watch

app_name = "lms_courses"

urlpatterns = [
    # What hundreds ask for in the same minute stands first: each pattern before it costs them time.
    path("learn/watched/", watch.heartbeat, name="beat"),
    path("learn/check-in/<uuid:uuid>/", checkin.check_in, name="check_in"),
    path("learn/check-in/", checkin.check_in, name="check_in"),
    path("learn/tests/<int:pk>/answers/", quiz.answers, name="answers"),
    path("learn/watched/offline/", watch.offline, name="watched_offline"),
    path("learn/classes/<int:pk>/enrol/", enrolments.enrol_self, name="enrol"),
    path("learn/<int:pk>/go/", talk.go, name="go"),
    path("learn/<int:pk>/lessons/<int:lesson>/go/", talk.go, name="go_lesson"),
    path("learn/<int:pk>/lessons/<int:lesson>/questions/", talk.thread, name="thread"),
    path("learn/<int:pk>/lessons/<int:lesson>/ask/", talk.ask, name="ask"),
    path("learn/<int:pk>/posts/<int:post>/report/", talk.report, name="report_post"),
    path("learn/<int:pk>/posts/<int:post>/take-back/", talk.take_back, name="take_post_back"),
    path("learn/classes/<int:pk>/go/", enrolments.go_class, name="go_class"),
    path("learn/classes/<int:pk>/apply/", enrolments.apply, name="apply"),
    path("learn/applications/<int:pk>/accept/", enrolments.accept, name="accept"),
    path("learn/applications/<int:pk>/give-up/", enrolments.give_up, name="give_up"),
    path("learn/join/", enrolments.join, name="join"),
    path("learn/join/<slug:code>/", enrolments.join, name="join"),
    path("learn/approvals/", approvals.waiting, name="approvals"),
    path("learn/approvals/<int:pk>/", approvals.decide, name="decide_application"),
    path("learn/approvals/deputy/", approvals.name_deputy, name="name_deputy"),
    path("learn/approvals/deputy/<int:pk>/end/", approvals.end_deputy, name="end_deputy"),
    path("learn/people/", people.people, name="people"),
    path("learn/people/enrol/", people.enrol, name="enrol_people"),
    path("learn/people/list/", people.send_list, name="send_list"),
    path("learn/people/list/empty/", people.list_template, name="list_template"),
    path("learn/people/list/<int:pk>/", people.people_list, name="people_list"),
    path("learn/people/list/<int:pk>/errors/", people.list_errors, name="list_errors"),
    path("learn/<int:pk>/withdraw/", enrolments.withdraw_self, name="withdraw"),
    path("learn/<int:pk>/lessons/<int:lesson>/read/", enrolments.read, name="read"),
]
urlpatterns += [
    path("learn/pathways/", pathways.pathways, name="pathways"),
    path("learn/pathways/<int:pk>/", pathways.pathway, name="pathway"),
    path("learn/saved/", saved.shell, name="saved"),
    path("learn/saved/who/", saved.who, name="who"),
    path("learn/<int:pk>/save/", saved.choose, name="save"),
    path("learn/<int:pk>/lessons/<int:lesson>/save/", saved.lesson, name="save_lesson"),
]
urlpatterns += live
