# What a course follows, and whom it is for beyond a profession.

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('lms_content', '0003_chapters'),
        ('lms_courses', '0008_lesson_blocks'),
    ]

    operations = [
        migrations.AddField(
            model_name='course',
            name='guidelines',
            field=models.ManyToManyField(blank=True, help_text='Cited on the course page, with a mark where one no longer holds.', related_name='courses', to='lms_content.guideline', verbose_name='guidelines it follows'),
        ),
        migrations.AddField(
            model_name='course',
            name='scope',
            field=models.CharField(blank=True, help_text='Whom among them, by what they do; for example: emergency care, family medicine.', max_length=300, verbose_name='scope of practice'),
        ),
    ]
