"""URLs of one's own certificates and credit, of batches and of the verifier's desk."""

from django.urls import path

from .desk import lists, people, register
from .views import batches, mine, office, scans

app_name = "lms_certificates"

urlpatterns = [
    path("certificates/", mine.certificates, name="mine"),
    path("certificates/credits/", mine.credits_ledger, name="credits"),
    path("certificates/<uuid:uuid>/file/", mine.download, name="download"),
    path("certificates/<uuid:uuid>/evidence.zip", mine.evidence, name="evidence"),
    path("certificates/<uuid:uuid>/scan/", scans.scan, name="scan"),
    path("certificates/batches/", batches.overview, name="batches"),
    path("certificates/batches/class/<int:run>/", batches.build, name="build_batch"),
    path("certificates/batches/issuer/<int:issuer>/", batches.by_person, name="build_by_person"),
    path("certificates/batches/<int:pk>/", batches.batch, name="batch"),
    path("certificates/batches/<int:pk>/files.zip", office.files, name="batch_files"),
    path("certificates/batches/<int:pk>/print.pdf", office.sheets, name="batch_sheets"),
    path("certificates/batches/<int:pk>/draft/<int:enrolment>/", office.draft, name="batch_draft"),
    path("certificates/book/", office.register_book, name="book"),
    path("certificates/desk/", lists.new, name="check_list"),
    path("certificates/desk/<uuid:uuid>/", lists.result, name="checked_list"),
    path("certificates/desk/<uuid:uuid>/result.csv", lists.result_csv, name="checked_list_csv"),
    path("certificates/desk/<uuid:uuid>/result.xlsx", lists.result_xlsx, name="checked_list_xlsx"),
    path("certificates/desk/person/", people.find, name="find_person"),
    path("certificates/desk/person/<uuid:uuid>/", people.person, name="person"),
    path("certificates/register/", register.overview, name="register"),
    path("certificates/register/register.jsonl", register.export, name="register_export"),
    path("certificates/register/check_register.py", register.checker, name="register_checker"),
]
