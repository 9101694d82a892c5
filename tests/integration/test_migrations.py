"""A new site gets its tables at once, one that grew got them step by step: both are the same site."""

from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.loader import MigrationLoader

from lms.tables import StepByStep


def test_a_site_that_took_every_step_has_the_tables_of_a_new_one():
    grown, new = StepByStep(None), MigrationLoader(None)
    assert len(new.graph.nodes) < len(grown.graph.nodes) - 40

    for old, other in ((grown, new), (new, grown)):
        changes = MigrationAutodetector(old.project_state(), other.project_state())._detect_changes()
        assert {app: steps[0].operations for app, steps in changes.items()} == {}


def test_our_tables_come_after_those_of_the_libraries():
    graph = MigrationLoader(None).graph
    plan = [key for leaf in sorted(graph.leaf_nodes()) for key in graph.forwards_plan(leaf)]
    first = {key: plan.index(key) for key in plan}

    ours = min(place for (app, _name), place in first.items() if app.startswith("lms"))
    assert ours > max(
        place for (app, _name), place in first.items() if not app.startswith(("lms", "website"))
    )
