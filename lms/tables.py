"""A step of a migration that creates many tables at once, so that a new site stands in seconds (decision 27)."""

from collections.abc import Sequence

from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations import CreateModel
from django.db.migrations.operations.base import Operation

SHORT_CUT = "all_squashed_"
"""What the name of a migration that replaces all begins with; the name of the last one it replaces follows."""


class CreateTables(Operation):
    """Several ``CreateModel``, between which Django draws no picture of the project.

    After each step Django makes anew the classes of all models that are related to what changed. Nearly
    all are related through logins and content types, so a hundred tables took ten seconds one by one.
    """

    reversible = True
    serialization_expand_args = ["models"]

    def __init__(self, models: Sequence[CreateModel]):
        """Take the steps in an order in which each may rest on those before."""
        self.models = list(models)

    def deconstruct(self):
        """Say how to write this step down."""
        return self.__class__.__name__, [], {"models": self.models}

    def state_forwards(self, app_label, state):
        """Add all models, then leave the classes to be made once, by whoever asks first."""
        state.__dict__.pop("apps", None)
        for model in self.models:
            model.state_forwards(app_label, state)

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        """Create the tables."""
        for model in self.models:
            model.database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(self, app_label, schema_editor, from_state, to_state):
        """Drop the tables, last ones first."""
        for model in reversed(self.models):
            model.database_backwards(app_label, schema_editor, from_state, to_state)

    def describe(self):
        """Name it in what ``migrate`` prints."""
        return f"Create {len(self.models)} tables"


class StepByStep(MigrationLoader):
    """The migrations that a site went through which grew with ours: all numbered ones, none that replaces them."""

    def load_disk(self):
        """Read the files, and forget what stands for many; who rests on it rests on the last of those."""
        super().load_disk()
        numbered = {key: one for key, one in self.disk_migrations.items() if not key[1].startswith(SHORT_CUT)}
        for migration in numbered.values():
            migration.dependencies = [
                (need[0], need[1].removeprefix(SHORT_CUT)) if need[1].startswith(SHORT_CUT) else need
                for need in migration.dependencies
            ]
        self.disk_migrations = numbered
