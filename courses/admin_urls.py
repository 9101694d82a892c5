"""URLs of the course workbench, below the Wagtail admin."""

from django.urls import path

from courses.views import (
    archives,
    classes,
    copies,
    drafts,
    figures,
    judgements,
    moves,
    reviews,
    talk_desk,
    workbench,
)

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
    # The name by which Wagtail's report of workflows asks for it.
    path(
        "releases/<int:pk>/workflow/<int:state>/", workbench.Version.as_view(), name="workflow_history_detail"
    ),
    path("releases/<int:pk>/changes/", workbench.ask_changes, name="ask_changes"),
    path("releases/<int:pk>/appraise/", workbench.appraise, name="appraise"),
    path("releases/<int:pk>/issue/", workbench.issue, name="issue"),
    path("releases/<int:pk>/decision/", workbench.attach_decision, name="attach_decision"),
    path("releases/<int:pk>/decision/file/", workbench.decision, name="decision"),
    path("releases/<int:pk>/classes/", workbench.open_run, name="open_run"),
    path("classes/<int:pk>/", classes.Class.as_view(), name="class"),
    path("classes/<int:pk>/change/", classes.change, name="change_run"),
    path("classes/<int:pk>/quotas/", classes.set_quota, name="set_quota"),
    path("quotas/<int:pk>/drop/", classes.drop_quota, name="drop_quota"),
    path("classes/<int:pk>/codes/", classes.make_code, name="make_code"),
    path("codes/<int:pk>/withdraw/", classes.withdraw_code, name="withdraw_code"),
    path("applications/<int:pk>/remove/", classes.remove, name="remove_application"),
    path("classes/<int:pk>/remind/", classes.remind, name="remind"),
    path("classes/<int:pk>/learners.xlsx", classes.export, {"kind": "xlsx"}, name="export_xlsx"),
    path("classes/<int:pk>/learners.csv", classes.export, {"kind": "csv"}, name="export_csv"),
    path("classes/<int:pk>/close/", workbench.close_run, name="close_run"),
    path("classes/<int:pk>/copy/", copies.Copy.as_view(), name="copy_run"),
    path("classes/<int:pk>/newer/", moves.Move.as_view(), name="newer"),
    path("learners/<int:pk>/", workbench.Learner.as_view(), name="learner"),
    path("learners/<int:pk>/sign-off/", judgements.sign_off, name="sign_off"),
    path("learners/<int:pk>/make-up/", judgements.make_up, name="make_up"),
    path("make-ups/<int:pk>/decide/", judgements.decide_make_up, name="decide_make_up"),
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
