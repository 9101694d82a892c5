# A finished form a second time, cut for streaming.

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('lms_content', '0003_chapters'),
    ]

    operations = [
        migrations.AddField(
            model_name='rendition',
            name='pieces',
            field=models.JSONField(blank=True, default=list, help_text='the same form for streaming, as ``content.pieces``'),
        ),
        migrations.AddField(
            model_name='rendition',
            name='pieces_name',
            field=models.CharField(blank=True, help_text='name in private storage', max_length=200),
        ),
        migrations.AddField(
            model_name='rendition',
            name='pieces_size',
            field=models.BigIntegerField(default=0, help_text='bytes'),
        ),
    ]
