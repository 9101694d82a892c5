"""What Wagtail's editor says by script is Vietnamese, too."""

import json
import re
from pathlib import Path

import polib
import wagtail.admin
from django.urls import reverse
from wagtail.users.models import UserProfile


def catalogue(client) -> dict:
    """What the page's script reads."""
    script = client.get(reverse("wagtailadmin_javascript_catalog")).content.decode()
    found = re.search(r"const newcatalog = (\{.*?\});", script, re.DOTALL)
    return json.loads(found[1]) if found else {}


def test_the_editor_speaks_vietnamese_where_scripts_speak(cast):
    words = catalogue(cast.client(cast.ung))

    assert words["Collapse all"] == "Thu gọn tất cả"
    assert words["Changes have been autosaved."] == "Các thay đổi đã được tự lưu."
    assert words["Reply"] == "Trả lời"


def test_every_word_that_wagtails_scripts_say_has_its_vietnamese(cast):
    source = Path(wagtail.admin.__file__).parent / "locale" / "en" / "LC_MESSAGES" / "djangojs.po"
    words = catalogue(cast.client(cast.ung))

    missing = [one.msgid for one in polib.pofile(str(source)) if not words.get(one.msgid)]

    assert not missing


def test_who_works_in_english_is_spoken_to_in_english(cast):
    UserProfile.objects.update_or_create(user=cast.ung.user, defaults={"preferred_language": "en"})

    assert catalogue(cast.client(cast.ung)).get("Collapse all", "Collapse all") == "Collapse all"
