# The scanned decision beside an issued version.

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('lms_courses', '0009_citations'),
    ]

    operations = [
        migrations.AddField(
            model_name='release',
            name='decision_file',
            field=models.CharField(blank=True, editable=False, help_text='name in private storage', max_length=200),
        ),
    ]
