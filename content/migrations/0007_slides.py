# The slides found in a lecture, and what a trainer changed about them.

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('lms_content', '0006_patient_consent'),
    ]

    operations = [
        migrations.AddField(
            model_name='rendition',
            name='stills',
            field=models.JSONField(blank=True, default=list, help_text='slides in their order: [second, first byte, bytes], …'),
        ),
        migrations.AlterField(
            model_name='rendition',
            name='kind',
            field=models.CharField(choices=[('audio', 'sound only'), ('240p', '240p'), ('360p', '360p'), ('480p', '480p'), ('poster', 'poster'), ('slides', 'slides')], max_length=8),
        ),
        migrations.CreateModel(
            name='SlideEdit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveSmallIntegerField()),
                ('is_off', models.BooleanField(default=False, help_text='slides and sound are not offered')),
                ('left_out', models.JSONField(blank=True, default=list, help_text='seconds at which slides begin that are none')),
                ('video', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='slide_edits', to='lms_content.video')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('video', 'version'), name='lms_content_slide_edit_once')],
            },
        ),
    ]
