# The day of the clinical review stands on the record, once for all languages.

import swapper
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('lms_courses', '0006_clinical_reviews'),
    ]

    operations = [
        migrations.RemoveField(
            model_name='coursepage',
            name='review_due',
        ),
    ]

    # A host with its own base page defines its own classes from the mixins.
    if swapper.is_swapped("wagtailcore", "Page"):
        operations = []
