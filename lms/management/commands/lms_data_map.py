"""``manage.py lms_data_map``: the table of docs/privacy.md, from what the apps declare."""

from django.core.management.base import BaseCommand
from django.utils.translation import override

from lms import holdings, retention


class Command(BaseCommand):
    """Prints what is held about people and what is forgotten when, as two tables in Markdown, in English."""

    help = "Prints the data map as Markdown: fields, ground, period, who sees it, what erasure does."

    def handle(self, **options):
        with override("en"):
            self.stdout.write("| Model | Fields | Ground | Kept | Seen by | At erasure |")
            self.stdout.write("|---|---|---|---|---|---|")
            for one in sorted(holdings.holdings(), key=lambda one: one.model._meta.label):
                fields = ", ".join(f"`{field.name}`" for field in one.fields) or "that it exists"
                cells = [f"`{one.model._meta.label}`", fields, one.ground, one.period, one.seen_by]
                self.stdout.write(f"| {' | '.join(map(str, cells))} | {one.at_erasure} |")
            self.stdout.write("")
            self.stdout.write("| Rule | What is forgotten | Setting | Days |")
            self.stdout.write("|---|---|---|---|")
            for rule in retention.rules():
                self.stdout.write(f"| `{rule.name}` | {rule.what} | `{rule.setting}` | {rule.default_days} |")
