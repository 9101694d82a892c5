"""A recording says whether a patient can be recognised in it, and by which consent until when it is shown."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('lms_content', '0005_parts'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='video',
            name='shows_patient',
            field=models.BooleanField(blank=True, null=True, verbose_name='a patient can be recognised in it'),
        ),
        migrations.AddField(
            model_name='video',
            name='consent_form',
            field=models.CharField(blank=True, default='', max_length=120, verbose_name='where the signed consent lies'),
        ),
        migrations.AddField(
            model_name='video',
            name='consent_on',
            field=models.DateField(blank=True, null=True, verbose_name='signed on'),
        ),
        migrations.AddField(
            model_name='video',
            name='consent_by',
            field=models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='video',
            name='shown_until',
            field=models.DateField(blank=True, null=True, verbose_name='may be shown until'),
        ),
        migrations.AddConstraint(
            model_name='video',
            constraint=models.CheckConstraint(condition=models.Q(('shows_patient__isnull', True), ('shows_patient', False), models.Q(models.Q(('consent_form', ''), _negated=True), ('consent_on__isnull', False), ('shown_until__isnull', False)), _connector='OR'), name='lms_content_video_consent'),
        ),
    ]
