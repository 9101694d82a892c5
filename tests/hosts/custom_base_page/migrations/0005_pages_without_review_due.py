from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('custom_base_page', '0004_pages'),
    ]

    operations = [
        migrations.RemoveField(
            model_name='hostcourse',
            name='review_due',
        ),
    ]
