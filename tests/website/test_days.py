"""Days are typed and shown as Vietnamese people write them: day first, whichever language is chosen."""

import datetime

import pytest
from django import forms
from django.urls import reverse
from django.utils import formats, translation

JUNE = datetime.date(1990, 6, 5)


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("typed", ["05/06/1990", "5/6/1990", "5-6-1990", "05.06.1990", "1990-06-05"])
def test_the_fifth_of_june_is_never_the_sixth_of_may(language, typed):
    with translation.override(language):
        assert forms.DateField().clean(typed) == JUNE
        assert forms.DateTimeField().clean(f"{typed} 14:30").date() == JUNE


@pytest.mark.parametrize("language", ["vi", "en"])
def test_what_a_field_for_moments_sends_is_understood(language):
    with translation.override(language):
        assert forms.DateTimeField().clean("1990-06-05T14:30").date() == JUNE


@pytest.mark.parametrize("typed", ["31/02/1990", "06/25/1990", "05/06/90", "5 tháng 6"])
def test_what_is_no_day_is_refused(typed):
    with translation.override("vi"), pytest.raises(forms.ValidationError):
        forms.DateField().clean(typed)


@pytest.mark.parametrize("language", ["vi", "en"])
def test_a_short_day_is_written_with_strokes(language):
    with translation.override(language):
        assert formats.date_format(JUNE, "SHORT_DATE_FORMAT") == "05/06/1990"


def test_a_birth_date_goes_through_the_form_and_comes_back_the_same(cast):
    office, edit = cast.client(cast.hang), reverse("lms-persons:edit", args=[cast.ung.pk])
    sent = {"full_name": cast.ung.full_name, "birth_date": "05/06/1990", "birth_year": "1990"}
    sent |= {"language": "vi", "state": "active"}
    for formset in office.get(edit).context["formsets"]:
        sent |= {field.html_name: field.value() for field in formset.management_form}
        for one in formset:
            sent |= {field.html_name: field.value() for field in one if field.value() not in (None, False)}

    office.post(edit, sent)

    cast.ung.refresh_from_db()
    assert cast.ung.birth_date == JUNE
    page = office.get(edit).content.decode()
    assert 'value="05/06/1990"' in page
