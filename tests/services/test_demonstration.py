"""The whole demonstration, as ``make demo-data`` loads it: every course, class and story, and a second time nothing."""

from decimal import Decimal

from django.core.management import call_command

from certificates.credit import standing
from certificates.models import Certificate
from courses.models import Course, Pathway, Release
from lms import clock
from lms.models import Job, Person
from tests import databases
from website.demo import classes, data, load


def test_all_of_it_stands_every_invariant_holds_and_loading_it_again_changes_nothing(race_db, settings):
    settings.LMS_COURSES_ALLOW_UNREVIEWED = settings.LMS_CERTIFICATES_SAMPLE = True
    # Lectures are looked at elsewhere; in every size they would cost half of this test.
    settings.LMS_CONTENT_LADDER, settings.LMS_CONTENT_SLIDES = ["audio", "240p"], False

    load.load("full", out=print)

    assert not Job.objects.filter(kind__startswith="website.demo").exclude(state=Job.State.DONE).exists()
    assert set(Course.objects.values_list("code", flat=True)) == set(data.PROGRAMMES)
    issued = Release.objects.filter(state="issued").values_list("course__code", flat=True)
    assert set(issued) == set(data.PROGRAMMES) - {classes.WAITING}
    assert Pathway.objects.exists()
    assert not Certificate.objects.filter(is_sample=False).exists()
    promised = data.rows("demo_people")
    assert [(row["name"], hours_of(row)) for row in promised] == [
        (row["name"], Decimal(row["hours"])) for row in promised
    ]
    call_command("lms_verify", verbosity=0)

    before = databases.digests()
    load.load("full", out=print, again=True)

    assert {name for name, value in databases.digests().items() if value != before[name]} == set()


def hours_of(row: dict) -> Decimal:
    """What the credit ledger says of somebody of the list today."""
    found = Person.objects.filter(full_name=row["name"], birth_year=int(row["birth"][:4]))
    return standing(found.get(), clock.today()).hours
