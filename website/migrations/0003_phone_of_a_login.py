from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("website", "0002_home_page"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="phone",
            field=models.CharField(blank=True, max_length=16, null=True, unique=True, verbose_name="phone"),
        ),
        migrations.AddField(
            model_name="user",
            name="phone_unproved",
            field=models.CharField(blank=True, editable=False, max_length=16),
        ),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.CheckConstraint(
                condition=models.Q(("phone__isnull", True), ("phone__startswith", "+84"), _connector="OR"),
                name="website_user_phone_is_e164",
            ),
        ),
    ]
