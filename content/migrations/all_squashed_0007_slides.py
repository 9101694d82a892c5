# All tables of a new site at once; a site that has some of the migrations replaced here goes through the rest of them.

import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models
from lms.tables import CreateTables


class Migration(migrations.Migration):

    replaces = [
        ('lms_content', '0001_records'),
        ('lms_content', '0002_uploads'),
        ('lms_content', '0003_chapters'),
        ('lms_content', '0004_pieces'),
        ('lms_content', '0005_parts'),
        ('lms_content', '0006_patient_consent'),
        ('lms_content', '0007_slides'),
    ]

    initial = True

    dependencies = [
        ('lms', '0002_people_and_privacy'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        CreateTables(
            models=[
                migrations.CreateModel(
                    name='Checklist',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('title_vi', models.CharField(max_length=200, verbose_name='title (Vietnamese)')),
                        ('title_en', models.CharField(blank=True, max_length=200, verbose_name='title (English)')),
                        ('pass_pct', models.PositiveSmallIntegerField(default=70, verbose_name='share of points to pass, in per cent')),
                        ('facility', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='checklists', to='lms.facility', verbose_name='facility')),
                    ],
                    options={
                        'verbose_name': 'checklist',
                        'verbose_name_plural': 'checklists',
                        'ordering': ['title_vi'],
                        'constraints': [models.CheckConstraint(condition=models.Q(('pass_pct__lte', 100)), name='lms_content_checklist_pct')],
                    },
                ),
                migrations.CreateModel(
                    name='ChecklistItem',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('position', models.PositiveSmallIntegerField(default=0, verbose_name='order')),
                        ('text_vi', models.CharField(max_length=300, verbose_name='step (Vietnamese)')),
                        ('text_en', models.CharField(blank=True, max_length=300, verbose_name='step (English)')),
                        ('weight', models.PositiveSmallIntegerField(default=1, verbose_name='points')),
                        ('is_critical', models.BooleanField(default=False, verbose_name='critical step')),
                        ('checklist', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='items', to='lms_content.checklist')),
                    ],
                    options={
                        'verbose_name': 'step',
                        'verbose_name_plural': 'steps',
                        'ordering': ['position', 'pk'],
                        'constraints': [models.CheckConstraint(condition=models.Q(('weight__gte', 1)), name='lms_content_item_weight')],
                    },
                ),
                migrations.CreateModel(
                    name='Guideline',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('key', models.SlugField(unique=True, verbose_name='key')),
                        ('number', models.CharField(max_length=60, verbose_name='number')),
                        ('issued_on', models.DateField(verbose_name='date')),
                        ('issuer', models.CharField(max_length=120, verbose_name='issuer')),
                        ('title', models.CharField(max_length=300, verbose_name='title')),
                        ('status', models.CharField(choices=[('in_force', 'in force'), ('check', 'to be checked'), ('superseded', 'superseded')], default='check', max_length=12, verbose_name='status')),
                        ('replaces', models.CharField(blank=True, max_length=200, verbose_name='replaces')),
                        ('warning', models.CharField(blank=True, max_length=300, verbose_name='warning')),
                        ('superseded_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='supersedes', to='lms_content.guideline', verbose_name='superseded by')),
                    ],
                    options={
                        'verbose_name': 'guideline',
                        'verbose_name_plural': 'guidelines',
                        'ordering': ['-issued_on', 'number'],
                        'constraints': [models.UniqueConstraint(fields=('number', 'issued_on', 'issuer'), name='lms_content_guideline_cited_once')],
                    },
                ),
                migrations.CreateModel(
                    name='Question',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('code', models.CharField(max_length=40, verbose_name='code')),
                        ('state', models.CharField(choices=[('draft', 'draft'), ('review', 'waiting for review'), ('approved', 'approved'), ('retired', 'retired')], default='draft', max_length=10, verbose_name='state')),
                        ('tags', models.JSONField(blank=True, default=list, verbose_name='tags')),
                        ('difficulty', models.CharField(blank=True, max_length=10, verbose_name='difficulty')),
                        ('created_at', models.DateTimeField(auto_now_add=True)),
                        ('created_by', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('facility', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='questions', to='lms.facility', verbose_name='facility')),
                        ('latest', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='lms_content.questionversion')),
                    ],
                    options={
                        'verbose_name': 'question',
                        'verbose_name_plural': 'questions',
                        'ordering': ['code'],
                        'constraints': [models.UniqueConstraint(fields=('facility', 'code'), name='lms_content_question_code_once')],
                    },
                ),
                migrations.CreateModel(
                    name='QuestionVersion',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('number', models.PositiveSmallIntegerField(verbose_name='version')),
                        ('body', models.JSONField()),
                        ('key', models.JSONField()),
                        ('from_memory', models.BooleanField(default=False, help_text='A clinician must check it.', verbose_name='rests on memory of the guideline')),
                        ('created_at', models.DateTimeField(auto_now_add=True)),
                        ('reviewed_at', models.DateTimeField(blank=True, null=True, verbose_name='reviewed at')),
                        ('author', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('citations', models.ManyToManyField(blank=True, related_name='question_versions', to='lms_content.guideline')),
                        ('question', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='versions', to='lms_content.question')),
                        ('reviewed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'verbose_name': 'question version',
                        'verbose_name_plural': 'question versions',
                        'ordering': ['question', 'number'],
                        'constraints': [models.UniqueConstraint(fields=('question', 'number'), name='lms_content_version_once'), models.CheckConstraint(condition=models.Q(('reviewed_by__isnull', True), ('author__isnull', True), models.Q(('reviewed_by', models.F('author')), _negated=True), _connector='OR'), name='lms_content_reviewer_is_not_author')],
                    },
                ),
                migrations.CreateModel(
                    name='Quiz',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('title_vi', models.CharField(max_length=200, verbose_name='title (Vietnamese)')),
                        ('title_en', models.CharField(blank=True, max_length=200, verbose_name='title (English)')),
                        ('time_limit_s', models.PositiveIntegerField(blank=True, null=True, verbose_name='time limit in seconds')),
                        ('shuffle_questions', models.BooleanField(default=True, verbose_name='shuffle the questions')),
                        ('shuffle_options', models.BooleanField(default=True, verbose_name='shuffle the options')),
                        ('review', models.CharField(choices=[('never', 'never'), ('passed', 'after passing or the last attempt'), ('always', 'after each attempt')], default='passed', max_length=8, verbose_name='show the right answers')),
                        ('facility', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='quizzes', to='lms.facility', verbose_name='facility')),
                    ],
                    options={
                        'verbose_name': 'test',
                        'verbose_name_plural': 'tests',
                        'ordering': ['title_vi'],
                    },
                ),
                migrations.CreateModel(
                    name='QuizSlot',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('position', models.PositiveSmallIntegerField(default=0, verbose_name='order')),
                        ('tag', models.CharField(blank=True, max_length=60, verbose_name='drawn by tag')),
                        ('count', models.PositiveSmallIntegerField(default=1, verbose_name='how many')),
                        ('question', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='slots', to='lms_content.question', verbose_name='question')),
                        ('quiz', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='slots', to='lms_content.quiz')),
                    ],
                    options={
                        'verbose_name': 'place in the test',
                        'verbose_name_plural': 'places in the test',
                        'ordering': ['position', 'pk'],
                        'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('count', 1), ('question__isnull', False), ('tag', '')), models.Q(('count__gte', 1), ('question__isnull', True), models.Q(('tag', ''), _negated=True)), _connector='OR'), name='lms_content_slot_fixed_or_drawn'), models.UniqueConstraint(condition=models.Q(('question__isnull', False)), fields=('quiz', 'question'), name='lms_content_slot_question_once')],
                    },
                ),
                migrations.CreateModel(
                    name='Survey',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('title_vi', models.CharField(max_length=200, verbose_name='title (Vietnamese)')),
                        ('title_en', models.CharField(blank=True, max_length=200, verbose_name='title (English)')),
                        ('is_anonymous', models.BooleanField(default=True, verbose_name='anonymous')),
                        ('facility', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='surveys', to='lms.facility', verbose_name='facility')),
                    ],
                    options={
                        'verbose_name': 'survey',
                        'verbose_name_plural': 'surveys',
                        'ordering': ['title_vi'],
                    },
                ),
                migrations.CreateModel(
                    name='SurveyQuestion',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('position', models.PositiveSmallIntegerField(default=0, verbose_name='order')),
                        ('kind', models.CharField(choices=[('scale', '1 to 5'), ('text', 'own words')], default='scale', max_length=8, verbose_name='kind')),
                        ('text_vi', models.CharField(max_length=300, verbose_name='question (Vietnamese)')),
                        ('text_en', models.CharField(blank=True, max_length=300, verbose_name='question (English)')),
                        ('is_required', models.BooleanField(default=True, verbose_name='must be answered')),
                        ('survey', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='questions', to='lms_content.survey')),
                    ],
                    options={
                        'verbose_name': 'survey question',
                        'verbose_name_plural': 'survey questions',
                        'ordering': ['position', 'pk'],
                    },
                ),
                migrations.CreateModel(
                    name='Video',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                        ('title', models.CharField(max_length=200, verbose_name='title')),
                        ('version', models.PositiveSmallIntegerField(default=1, editable=False)),
                        ('state', models.CharField(choices=[('uploaded', 'waiting to be processed'), ('processing', 'being processed'), ('ready', 'ready'), ('failed', 'could not be processed')], default='uploaded', editable=False, max_length=10, verbose_name='state')),
                        ('error', models.TextField(blank=True, editable=False, verbose_name='why it failed')),
                        ('source', models.CharField(blank=True, editable=False, help_text='name in private storage', max_length=200)),
                        ('source_name', models.CharField(blank=True, editable=False, max_length=200, verbose_name='file as uploaded')),
                        ('source_size', models.BigIntegerField(default=0, editable=False)),
                        ('source_sha256', models.CharField(blank=True, editable=False, max_length=64)),
                        ('duration_ms', models.PositiveIntegerField(default=0, editable=False, verbose_name='length in milliseconds')),
                        ('width', models.PositiveSmallIntegerField(default=0, editable=False)),
                        ('height', models.PositiveSmallIntegerField(default=0, editable=False)),
                        ('transcript', models.TextField(blank=True, verbose_name='transcript')),
                        ('created_at', models.DateTimeField(auto_now_add=True)),
                        ('created_by', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('facility', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='videos', to='lms.facility', verbose_name='facility')),
                        ('shows_patient', models.BooleanField(blank=True, null=True, verbose_name='a patient can be recognised in it')),
                        ('consent_form', models.CharField(blank=True, default='', max_length=120, verbose_name='where the signed consent lies')),
                        ('consent_on', models.DateField(blank=True, null=True, verbose_name='signed on')),
                        ('consent_by', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('shown_until', models.DateField(blank=True, null=True, verbose_name='may be shown until')),
                    ],
                    options={
                        'verbose_name': 'video lecture',
                        'verbose_name_plural': 'video lectures',
                        'ordering': ['-created_at', '-pk'],
                        'constraints': [models.CheckConstraint(condition=models.Q(('shows_patient__isnull', True), ('shows_patient', False), models.Q(models.Q(('consent_form', ''), _negated=True), ('consent_on__isnull', False), ('shown_until__isnull', False)), _connector='OR'), name='lms_content_video_consent')],
                    },
                ),
                migrations.CreateModel(
                    name='Rendition',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('version', models.PositiveSmallIntegerField()),
                        ('kind', models.CharField(choices=[('audio', 'sound only'), ('240p', '240p'), ('360p', '360p'), ('480p', '480p'), ('poster', 'poster'), ('slides', 'slides')], max_length=8)),
                        ('name', models.CharField(help_text='name in private storage', max_length=200)),
                        ('size', models.BigIntegerField(help_text='bytes')),
                        ('sha256', models.CharField(max_length=64)),
                        ('content_type', models.CharField(max_length=40)),
                        ('created_at', models.DateTimeField(auto_now_add=True)),
                        ('video', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='renditions', to='lms_content.video')),
                        ('pieces', models.JSONField(blank=True, default=list, help_text='the same form for streaming, as ``content.pieces``')),
                        ('pieces_name', models.CharField(blank=True, help_text='name in private storage', max_length=200)),
                        ('pieces_size', models.BigIntegerField(default=0, help_text='bytes')),
                        ('parts', models.JSONField(blank=True, default=list, help_text='a long form to be played part by part, as ``content.pieces``')),
                        ('parts_size', models.BigIntegerField(default=0, help_text='bytes')),
                        ('stills', models.JSONField(blank=True, default=list, help_text='slides in their order: [second, first byte, bytes], …')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('video', 'version', 'kind'), name='lms_content_rendition_once')],
                    },
                ),
                migrations.CreateModel(
                    name='Caption',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('version', models.PositiveSmallIntegerField()),
                        ('language', models.CharField(max_length=5, verbose_name='language')),
                        ('vtt', models.TextField(verbose_name='WebVTT text')),
                        ('video', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='captions', to='lms_content.video')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('video', 'version', 'language'), name='lms_content_caption_once')],
                    },
                ),
                migrations.CreateModel(
                    name='Upload',
                    fields=[
                        ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        ('name', models.CharField(max_length=200, verbose_name='file as uploaded')),
                        ('fingerprint', models.CharField(blank=True, help_text="what the sender's browser knows the file by", max_length=300)),
                        ('length', models.BigIntegerField()),
                        ('offset', models.BigIntegerField(default=0)),
                        ('touched_at', models.DateTimeField()),
                        ('expires_at', models.DateTimeField()),
                        ('by', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('facility', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='lms.facility', verbose_name='facility')),
                    ],
                    options={
                        'ordering': ['touched_at'],
                        'constraints': [models.CheckConstraint(condition=models.Q(('length__gt', 0), ('offset__gte', 0), ('offset__lte', models.F('length'))), name='lms_content_upload_offset')],
                    },
                ),
                migrations.CreateModel(
                    name='Chapter',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('version', models.PositiveSmallIntegerField()),
                        ('at_ms', models.PositiveIntegerField(verbose_name='begins at')),
                        ('title_vi', models.CharField(max_length=120, verbose_name='title in Vietnamese')),
                        ('title_en', models.CharField(blank=True, max_length=120, verbose_name='title in English')),
                        ('video', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='chapters', to='lms_content.video')),
                    ],
                    options={
                        'ordering': ['video', 'version', 'at_ms'],
                        'constraints': [models.UniqueConstraint(fields=('video', 'version', 'at_ms'), name='lms_content_chapter_once')],
                    },
                ),
                migrations.CreateModel(
                    name='SlideEdit',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('version', models.PositiveSmallIntegerField()),
                        ('is_off', models.BooleanField(default=False, help_text='slides and sound are not offered')),
                        ('left_out', models.JSONField(blank=True, default=list, help_text='seconds at which slides begin that are none')),
                        ('video', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='slide_edits', to='lms_content.video')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('video', 'version'), name='lms_content_slide_edit_once')],
                    },
                ),
            ],
        ),
    ]
