# A long form a third time, in parts to be played one after the other.

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('lms_content', '0004_pieces'),
    ]

    operations = [
        migrations.AddField(
            model_name='rendition',
            name='parts',
            field=models.JSONField(blank=True, default=list, help_text='a long form to be played part by part, as ``content.pieces``'),
        ),
        migrations.AddField(
            model_name='rendition',
            name='parts_size',
            field=models.BigIntegerField(default=0, help_text='bytes'),
        ),
    ]
