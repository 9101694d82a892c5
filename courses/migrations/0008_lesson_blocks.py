# Sounds and downloads in the body of a lesson.

import swapper
import wagtail.fields
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('lms_courses', '0007_pages_without_review_due'),
    ]

    operations = [
        migrations.AlterField(
            model_name='lessonpage',
            name='body',
            field=wagtail.fields.StreamField([('heading', 0), ('text', 1), ('figure', 5), ('audio', 9), ('document', 11), ('download', 13), ('callout', 17), ('case', 21)], blank=True, block_lookup={0: ('wagtail.blocks.CharBlock', (), {'icon': 'title', 'label': 'Heading', 'max_length': 120, 'template': 'lms_content/blocks/heading.html'}), 1: ('wagtail.blocks.RichTextBlock', (), {'features': ['bold', 'italic', 'ul', 'ol', 'link', 'superscript', 'subscript', 'hr'], 'label': 'Text', 'template': 'lms_content/blocks/text.html'}), 2: ('wagtail.images.blocks.ImageChooserBlock', (), {'label': 'Picture'}), 3: ('wagtail.blocks.CharBlock', (), {'label': 'What the picture shows', 'max_length': 300}), 4: ('wagtail.blocks.CharBlock', (), {'label': 'Caption', 'max_length': 300, 'required': False}), 5: ('wagtail.blocks.StructBlock', [[('image', 2), ('alt', 3), ('caption', 4)]], {}), 6: ('wagtail.documents.blocks.DocumentChooserBlock', (), {'help_text': 'MP3 or M4A, from the documents.', 'label': 'Sound file'}), 7: ('wagtail.blocks.CharBlock', (), {'label': 'Title', 'max_length': 200}), 8: ('wagtail.blocks.TextBlock', (), {'help_text': 'The words that are spoken, or what there is to hear; shown under the sound.', 'label': 'What is heard'}), 9: ('wagtail.blocks.StructBlock', [[('sound', 6), ('title', 7), ('words', 8)]], {}), 10: ('wagtail.documents.blocks.DocumentChooserBlock', (), {'label': 'Document'}), 11: ('wagtail.blocks.StructBlock', [[('document', 10), ('title', 7)]], {}), 12: ('wagtail.blocks.CharBlock', (), {'label': 'What it is for', 'max_length': 300, 'required': False}), 13: ('wagtail.blocks.StructBlock', [[('document', 10), ('title', 7), ('use', 12)]], {}), 14: ('wagtail.blocks.ChoiceBlock', [], {'choices': [('note', 'Remember'), ('warn', 'Careful'), ('bad', 'Danger')], 'label': 'Kind'}), 15: ('wagtail.blocks.CharBlock', (), {'label': 'Title', 'max_length': 120, 'required': False}), 16: ('wagtail.blocks.RichTextBlock', (), {'features': ['bold', 'italic', 'ul', 'ol', 'link'], 'label': 'Text'}), 17: ('wagtail.blocks.StructBlock', [[('kind', 14), ('title', 15), ('text', 16)]], {}), 18: ('wagtail.blocks.RichTextBlock', (), {'features': ['bold', 'italic', 'ul', 'ol'], 'label': 'Story'}), 19: ('wagtail.blocks.TextBlock', (), {'label': 'Question', 'required': False}), 20: ('wagtail.blocks.BooleanBlock', (), {'help_text': 'No name, exact date, address, number or face.', 'label': 'Nobody can be recognised', 'required': True}), 21: ('wagtail.blocks.StructBlock', [[('title', 7), ('story', 18), ('question', 19), ('is_deidentified', 20)]], {})}, verbose_name='body'),
        ),
    ]

    # A host with its own base page defines its own classes from the mixins.
    if swapper.is_swapped("wagtailcore", "Page"):
        operations = []
