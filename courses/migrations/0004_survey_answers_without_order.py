"""Survey responses stand in the order of a random number, no longer in that of writing."""

import random

import django.db.models.deletion
from django.db import migrations, models

import courses.models.surveys


def copy(source: str, target: str):
    """A step that copies the rows of one table to another, in an order drawn by lot."""

    def step(apps, schema_editor):
        rows = list(
            apps.get_model("lms_courses", source).objects.values(
                "survey_id", "run_id", "lesson_id", "enrolment_id", "answers"
            )
        )
        random.SystemRandom().shuffle(rows)
        model = apps.get_model("lms_courses", target)
        model.objects.bulk_create((model(**row) for row in rows), batch_size=500)

    return step


class Migration(migrations.Migration):
    dependencies = [
        ("lms_content", "0001_records"),
        ("lms_courses", "0003_completion_review"),
    ]

    operations = [
        migrations.CreateModel(
            name="ShuffledResponse",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        default=courses.models.surveys.random_key,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("answers", models.JSONField()),
                (
                    "enrolment",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="survey_responses",
                        to="lms_courses.enrolment",
                    ),
                ),
                (
                    "lesson",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="survey_responses",
                        to="lms_courses.lesson",
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="survey_responses",
                        to="lms_courses.run",
                    ),
                ),
                (
                    "survey",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="responses",
                        to="lms_content.survey",
                    ),
                ),
            ],
            options={
                "verbose_name": "survey response",
                "verbose_name_plural": "survey responses",
                "ordering": ["pk"],
            },
        ),
        migrations.RunPython(
            copy("SurveyResponse", "ShuffledResponse"), copy("ShuffledResponse", "SurveyResponse")
        ),
        migrations.DeleteModel(name="SurveyResponse"),
        migrations.RenameModel(old_name="ShuffledResponse", new_name="SurveyResponse"),
    ]
