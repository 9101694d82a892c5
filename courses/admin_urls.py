"""URLs of the course workbench, below the Wagtail admin."""

from django.urls import path

from courses.views import archives, copies, drafts, figures, moves, reviews, talk_desk, workbench

app_name = "lms_courses_admin"

urlpatterns = [
    path("", workbench.Index.as_view(), name="index"),
    path("figures/", figures.Figures.as_view(), name="figures"),
    path("new/", drafts.new, name="new"),
    path("publish/<int:pk>/", drafts.publish, name="publish"),
    path("<int:pk>/", workbench.Workbench.as_view(), name="course"),
    path("<int:pk>/rules/", workbench.save_rules, name="rules"),
    path("<int:pk>/submit/", workbench.submit, name="submit"),
    path("<int:pk>/reviewed/", workbench.reviewed, name="reviewed"),
    path("<int:pk>/staff/", workbench.assign, name="assign"),
    path("staff/<int:pk>/end/", workbench.end_staff, name="end_staff"),
    path("releases/<int:pk>/", workbench.Version.as_view(), name="release"),
    path("releases/<int:pk>/changes/", workbench.ask_changes, name="ask_changes"),
    path("releases/<int:pk>/appraise/", workbench.appraise, name="appraise"),
    path("releases/<int:pk>/issue/", workbench.issue, name="issue"),
    path("releases/<int:pk>/decision/", workbench.attach_decision, name="attach_decision"),
    path("releases/<int:pk>/decision/file/", workbench.decision, name="decision"),
    path("releases/<int:pk>/classes/", workbench.open_run, name="open_run"),
    path("classes/<int:pk>/close/", workbench.close_run, name="close_run"),
    path("classes/<int:pk>/copy/", copies.Copy.as_view(), name="copy_run"),
    path("classes/<int:pk>/newer/", moves.Move.as_view(), name="newer"),
    path("learners/<int:pk>/", workbench.Learner.as_view(), name="learner"),
    path("reviews/", reviews.Reviews.as_view(), name="reviews"),
    path("reviews/<int:pk>/", reviews.Review.as_view(), name="review"),
    path("reviews/<int:pk>/decide/", reviews.decide, name="decide"),
    path("<int:pk>/archive/", archives.Export.as_view(), name="archive"),
    path("<int:pk>/archive/file/", archives.fetch, name="archive_file"),
    path("import/", archives.Import.as_view(), name="import_course"),
    path("import/<slug:token>/", archives.ImportReport.as_view(), name="import_report"),
    path("<int:pk>/questions/", talk_desk.Talk.as_view(), name="talk"),
    path("<int:pk>/announce/", talk_desk.announce, name="announce"),
    path("posts/<int:pk>/answer/", talk_desk.answer, name="answer"),
    path("posts/<int:pk>/moderate/", talk_desk.moderate, name="moderate"),
    path("classes/<int:pk>/lessons/<int:lesson>/lock/", talk_desk.lock, name="lock"),
    path("waive/", workbench.waive, name="waive"),
]
