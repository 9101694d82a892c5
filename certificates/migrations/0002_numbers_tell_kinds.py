"""Number patterns name the kind, so that two kinds never print one number."""

from django.db import migrations, models

OLD = "{seq:05d}/{year}/GCN-{issuer}"
NEW = "{seq:05d}/{year}/{kind}-{issuer}"


def name_the_kind(apps, schema_editor):
    """Certificates with credit keep their numbers: their kind is printed as GCN."""
    apps.get_model("lms_certificates", "Issuer").objects.filter(number_pattern=OLD).update(number_pattern=NEW)


def forget_the_kind(apps, schema_editor):
    apps.get_model("lms_certificates", "Issuer").objects.filter(number_pattern=NEW).update(number_pattern=OLD)


class Migration(migrations.Migration):
    dependencies = [
        ("lms_certificates", "0001_records"),
    ]

    operations = [
        migrations.AlterField(
            model_name="issuer",
            name="number_pattern",
            field=models.CharField(
                default=NEW,
                help_text="{seq}, {year}, {kind} and {issuer} are filled in; {kind} becomes GCN, GCNHT, …",
                max_length=60,
                verbose_name="number pattern",
            ),
        ),
        migrations.RunPython(name_the_kind, forget_the_kind),
    ]
