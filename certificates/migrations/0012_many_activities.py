"""A certificate may certify several activities: each row says what it came from and whether it stands."""

from django.db import migrations, models
from django.db.models import Exists, OuterRef, Subquery


def carry(apps, schema_editor):
    """Until now each certificate had one row; it came from what the certificate came from."""
    certificate = apps.get_model("lms_certificates", "Certificate").objects.filter(pk=OuterRef("certificate"))
    # In one statement: PostgreSQL builds no index over rows changed twice in its transaction.
    apps.get_model("lms_certificates", "CertificateActivity").objects.update(
        origin_key=Subquery(certificate.values("origin_key")[:1]),
        stands=Exists(certificate.filter(state="issued")),
    )


def carry_back(apps, schema_editor):
    """The first row of a certificate says it for all."""
    rows = apps.get_model("lms_certificates", "CertificateActivity").objects
    first = rows.filter(certificate=OuterRef("pk")).order_by("position")
    apps.get_model("lms_certificates", "Certificate").objects.update(
        origin_key=Subquery(first.values("origin_key")[:1])
    )


class Migration(migrations.Migration):

    dependencies = [
        ("lms_certificates", "0011_signed_scans"),
    ]

    operations = [
        migrations.AddField(
            model_name="batch",
            name="grouping",
            field=models.CharField(
                choices=[
                    ("activity", "one certificate for each activity"),
                    ("person", "one certificate for each person"),
                ],
                default="activity",
                max_length=10,
                verbose_name="grouping",
            ),
        ),
        migrations.AddField(
            model_name="certificateactivity",
            name="origin_key",
            field=models.CharField(default="", max_length=80),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="certificateactivity",
            name="stands",
            field=models.BooleanField(default=True),
        ),
        migrations.AlterField(
            model_name="certificate",
            name="origin_key",
            field=models.CharField(default="", max_length=80),
        ),
        migrations.RunPython(carry, migrations.RunPython.noop),
        migrations.RemoveConstraint(model_name="certificate", name="lms_certificates_one_per_origin"),
        migrations.RemoveIndex(model_name="certificate", name="lms_certificates_of_origin"),
        # On the way back before the constraint that asks for it.
        migrations.RunPython(migrations.RunPython.noop, carry_back),
        migrations.RemoveField(model_name="certificate", name="origin_key"),
        migrations.AddIndex(
            model_name="certificateactivity",
            index=models.Index(fields=["origin_key"], name="lms_certificates_of_origin"),
        ),
        migrations.AddConstraint(
            model_name="certificateactivity",
            constraint=models.UniqueConstraint(
                condition=models.Q(("stands", True)),
                fields=("origin_key",),
                name="lms_certificates_certified_once",
            ),
        ),
    ]
