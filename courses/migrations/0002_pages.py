# The concrete pages, apart from the records for ever: a host may swap the base page.

import django.db.models.deletion
import swapper
import wagtail.fields
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('lms', '0001_records'),
        ('lms_content', '0001_records'),
        ('lms_courses', '0001_records'),
        ('wagtailcore', '0097_baselogentry_uuid_action_timestamp_indexes'),
    ]

    operations = [
        migrations.CreateModel(
            name='CatalogPage',
            fields=[
                ('page_ptr', models.OneToOneField(auto_created=True, on_delete=django.db.models.deletion.CASCADE, parent_link=True, primary_key=True, serialize=False, to='wagtailcore.page')),
                ('intro', wagtail.fields.RichTextField(blank=True, verbose_name='introduction')),
            ],
            options={
                'verbose_name': 'course catalogue',
            },
            bases=('wagtailcore.page',),
        ),
        migrations.CreateModel(
            name='CoursePage',
            fields=[
                ('page_ptr', models.OneToOneField(auto_created=True, on_delete=django.db.models.deletion.CASCADE, parent_link=True, primary_key=True, serialize=False, to='wagtailcore.page')),
                ('summary', models.TextField(blank=True, max_length=500, verbose_name='summary')),
                ('objectives', wagtail.fields.RichTextField(blank=True, verbose_name='learning objectives')),
                ('needs', models.TextField(blank=True, verbose_name='needs assessment')),
                ('review_due', models.DateField(blank=True, null=True, verbose_name='review due on')),
            ],
            options={
                'verbose_name': 'course page',
            },
            bases=('wagtailcore.page',),
        ),
        migrations.CreateModel(
            name='ModulePage',
            fields=[
                ('page_ptr', models.OneToOneField(auto_created=True, on_delete=django.db.models.deletion.CASCADE, parent_link=True, primary_key=True, serialize=False, to='wagtailcore.page')),
                ('summary', models.TextField(blank=True, verbose_name='summary')),
            ],
            options={
                'verbose_name': 'module page',
            },
            bases=('wagtailcore.page',),
        ),
        migrations.CreateModel(
            name='LessonPage',
            fields=[
                ('page_ptr', models.OneToOneField(auto_created=True, on_delete=django.db.models.deletion.CASCADE, parent_link=True, primary_key=True, serialize=False, to='wagtailcore.page')),
                ('body', wagtail.fields.StreamField([('heading', 0), ('text', 1), ('figure', 5), ('document', 8), ('callout', 12), ('case', 16)], blank=True, block_lookup={0: ('wagtail.blocks.CharBlock', (), {'icon': 'title', 'label': 'Heading', 'max_length': 120, 'template': 'lms_content/blocks/heading.html'}), 1: ('wagtail.blocks.RichTextBlock', (), {'features': ['bold', 'italic', 'ul', 'ol', 'link', 'superscript', 'subscript', 'hr'], 'label': 'Text', 'template': 'lms_content/blocks/text.html'}), 2: ('wagtail.images.blocks.ImageChooserBlock', (), {'label': 'Picture'}), 3: ('wagtail.blocks.CharBlock', (), {'label': 'What the picture shows', 'max_length': 300}), 4: ('wagtail.blocks.CharBlock', (), {'label': 'Caption', 'max_length': 300, 'required': False}), 5: ('wagtail.blocks.StructBlock', [[('image', 2), ('alt', 3), ('caption', 4)]], {}), 6: ('wagtail.documents.blocks.DocumentChooserBlock', (), {'label': 'Document'}), 7: ('wagtail.blocks.CharBlock', (), {'label': 'Title', 'max_length': 200}), 8: ('wagtail.blocks.StructBlock', [[('document', 6), ('title', 7)]], {}), 9: ('wagtail.blocks.ChoiceBlock', [], {'choices': [('note', 'Remember'), ('warn', 'Careful'), ('bad', 'Danger')], 'label': 'Kind'}), 10: ('wagtail.blocks.CharBlock', (), {'label': 'Title', 'max_length': 120, 'required': False}), 11: ('wagtail.blocks.RichTextBlock', (), {'features': ['bold', 'italic', 'ul', 'ol', 'link'], 'label': 'Text'}), 12: ('wagtail.blocks.StructBlock', [[('kind', 9), ('title', 10), ('text', 11)]], {}), 13: ('wagtail.blocks.RichTextBlock', (), {'features': ['bold', 'italic', 'ul', 'ol'], 'label': 'Story'}), 14: ('wagtail.blocks.TextBlock', (), {'label': 'Question', 'required': False}), 15: ('wagtail.blocks.BooleanBlock', (), {'help_text': 'No name, exact date, address, number or face.', 'label': 'Nobody can be recognised', 'required': True}), 16: ('wagtail.blocks.StructBlock', [[('title', 7), ('story', 13), ('question', 14), ('is_deidentified', 15)]], {})}, verbose_name='body')),
                ('activity', models.CharField(choices=[('reading', 'reading'), ('video', 'video lecture'), ('quiz', 'test'), ('session', 'live session'), ('checklist', 'skills checklist'), ('survey', 'survey')], default='reading', max_length=10, verbose_name='activity')),
                ('checklist', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='lms_content.checklist', verbose_name='checklist')),
                ('quiz', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='lms_content.quiz', verbose_name='test')),
                ('survey', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='lms_content.survey', verbose_name='survey')),
                ('video', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='lms_content.video', verbose_name='video lecture')),
            ],
            options={
                'verbose_name': 'lesson page',
            },
            bases=('wagtailcore.page',),
        ),
        migrations.CreateModel(
            name='ProviderPage',
            fields=[
                ('page_ptr', models.OneToOneField(auto_created=True, on_delete=django.db.models.deletion.CASCADE, parent_link=True, primary_key=True, serialize=False, to='wagtailcore.page')),
                ('intro', wagtail.fields.RichTextField(blank=True, verbose_name='introduction')),
                ('facility', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='lms.facility', verbose_name='facility')),
            ],
            options={
                'verbose_name': 'provider page',
            },
            bases=('wagtailcore.page',),
        ),
    ]

    # A host with its own base page defines its own classes from the mixins.
    if swapper.is_swapped("wagtailcore", "Page"):
        operations = []
