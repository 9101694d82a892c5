"""The public plan of a hospital: on a phone, without scripts, at a desk."""

import pytest

from tests.browser.conftest import DESK, PHONE
from tests.factories.programme import provider_page


@pytest.mark.parametrize(("size", "scripts"), [(PHONE, False), (PHONE, True), (DESK, True)])
def test_the_plan_is_read_by_anybody(site, visit, size, scripts):
    course = site.course

    visitor = visit(size=size, scripts=scripts)
    visitor.go(provider_page(site.cast.bach_mai).get_url())
    visitor.look()

    plan = visitor.page.locator("#plan").inner_text()
    assert course.run.code in plan
    assert course.release.decision_number in plan
    assert len(visitor.page.content().encode()) < 60_000
