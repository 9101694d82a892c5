"""Who may enter where: one row per address, one letter per role; ``doors.LETTERS`` explains the letters."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """The arguments of an address (paths into the world) and what each role gets by GET and by POST."""

    arguments: str
    get: str
    post: str


# By GET and by POST, in the order of world.ROLES, grouped as doors.GROUPS:
#   an le ot · tA tB oA oB aA aB sA sB · gA gB eA eB dA dB yA yB · ob c1 c2 u1 u2 · ve of su
# A new row: write its name and arguments, let ``python -m tests.security.draw 'NAME ARGUMENTS'`` draw it,
# ask of each letter whether that role should get that, and only then put it here.
TABLE = """
healthz                                      |                                                  | ... ........ ........ ..... ... | mmm mmmmmmmm mmmmmmmm mmmmm mmm
robots                                       |                                                  | ... ........ ........ ..... ... | mmm mmmmmmmm mmmmmmmm mmmmm mmm
manifest                                     |                                                  | ... ........ ........ ..... ... | mmm mmmmmmmm mmmmmmmm mmmmm mmm
editor_words                                 |                                                  | .xx ........ ........ x.... ... | mxx mmmmmmmm mmmmmmmm xmmmm mmm
lms_worker:worker                            |                                                  | ... ........ ........ ..... ... | mmm mmmmmmmm mmmmmmmm mmmmm mmm
lms_courses_admin:index                      |                                                  | Lxx abab.... ..xxxxxx xxxxx xx* | Lxx mmmmmmmm mmxxxxxx xxxxx xxm
lms_courses_admin:figures                    |                                                  | Lxx xxxxxxxx xx..xxxx xxxxx xx. | Lxx xxxxxxxx xxmmxxxx xxxxx xxm
lms_courses_admin:course                     | pk=a.course.pk                                   | Lxx a-a-a-a- a------- x---- --a | Lxx mmmmmmmm mmmmmmmm xmmmm mmm
lms_courses_admin:new                        |                                                  | Lxx mmmmmmmm mmmmmmmm xmmmm mmm | Lxx -------- -------- x---- ---
lms_courses_admin:publish                    | pk=a.page.pk                                     | Lxx mmmmmmmm mmmmmmmm xmmmm mmm | Lxx --+----- -------- x---- --+
lms_courses_admin:rules                      | pk=a.course.pk                                   | Lxx mmmmmmmm mmmmmmmm xmmmm mmm | Lxx !-!----- -------- x---- --!
lms_courses_admin:submit                     | pk=a.course.pk                                   | Lxx mmmmmmmm mmmmmmmm xmmmm mmm | Lxx >->----- -------- x---- -->
lms_courses_admin:reviewed                   | pk=a.course.pk                                   | Lxx mmmmmmmm mmmmmmmm xmmmm mmm | Lxx !-!----- -------- x---- --!
lms_courses_admin:assign                     | pk=a.course.pk                                   | Lxx mmmmmmmm mmmmmmmm xmmmm mmm | Lxx -->----- -------- x---- -->
lms_courses_admin:end_staff                  | pk=a.course.staff.first.pk                       | Lxx mmmmmmmm mmmmmmmm xmmmm mmm | Lxx --+----- -------- x---- --+
lms_courses_admin:release                    | pk=a.release.pk                                  | Lxx .-.-.-.- .------- x---- --. | Lxx mmmmmmmm mmmmmmmm xmmmm mmm
lms_courses_admin:workflow_history_detail    | pk=a.release.pk state=:1                         | Lxx .-.-.-.- .------- x---- --. | Lxx mmmmmmmm mmmmmmmm xmmmm mmm
lms_courses_admin:ask_changes                | pk=submitted.pk                                  | Lxx mmmmmmmm mmmmmmmm xmmmm mmm | Lxx ---->--- -------- x---- -->
lms_courses_admin:appraise                   | pk=submitted.pk                                  | Lxx mmmmmmmm mmmmmmmm xmmmm mmm | Lxx ----+--- -------- x---- --+
lms_courses_admin:issue                      | pk=submitted.pk                                  | Lxx mmmmmmmm mmmmmmmm xmmmm mmm | Lxx --!----- -------- x---- --!
lms_courses_admin:attach_decision            | pk=a.release.pk                                  | Lxx mmmmmmmm mmmmmmmm xmmmm mmm | Lxx -->----- -------- x---- -->
lms_courses_admin:decision                   | pk=a.release.pk                                  | Lxx .-.-.-.- .------- x---- --. | Lxx mmmmmmmm mmmmmmmm xmmmm mmm
lms_courses_admin:open_run                   | pk=a.release.pk                                  | Lxx mmmmmmmm mmmmmmmm xmmmm mmm | Lxx --!----- -------- x---- --!
lms_courses_admin:close_run                  | pk=a.run.pk                                      | Lxx mmmmmmmm mmmmmmmm xmmmm mmm | Lxx --+----- -------- x---- --+
lms_courses_admin:class                      | pk=a.run.pk                                      | Lxx .-.---.- -------- x---- --. | Lxx mmmmmmmm mmmmmmmm xmmmm mmm
lms_courses_admin:change_run                 | pk=approved_run.pk                               | Lxx mmmmmmmm mmmmmmmm xmmmm mmm | Lxx --!----- -------- x---- --!
lms_courses_admin:set_quota                  | pk=approved_run.pk                               | Lxx mmmmmmmm mmmmmmmm xmmmm mmm | Lxx --!----- -------- x---- --!
lms_courses_admin:drop_quota                 | pk=quota.pk                                      | Lxx mmmmmmmm mmmmmmmm xmmmm mmm | Lxx --+----- -------- x---- --+
lms_courses_admin:make_code                  | pk=approved_run.pk                               | Lxx mmmmmmmm mmmmmmmm xmmmm mmm | Lxx --!----- -------- x---- --!
lms_courses_admin:withdraw_code              | pk=code.pk                                       | Lxx mmmmmmmm mmmmmmmm xmmmm mmm | Lxx --+----- -------- x---- --+
lms_courses_admin:remove_application         | pk=application.pk                                | Lxx mmmmmmmm mmmmmmmm xmmmm mmm | Lxx -->----- -------- x---- -->
lms_courses_admin:remind                     | pk=open.run.pk                                   | Lxx mmmmmmmm mmmmmmmm xmmmm mmm | Lxx >->--->- -------- x---- -->
lms_courses_admin:export_xlsx                | pk=a.run.pk                                      | Lxx a-a---a- -------- x---- --a | Lxx mmmmmmmm mmmmmmmm xmmmm mmm
lms_courses_admin:export_csv                 | pk=a.run.pk                                      | Lxx a-a---a- -------- x---- --a | Lxx mmmmmmmm mmmmmmmm xmmmm mmm
lms_courses_admin:sign_off                   | pk=enrolment.pk                                  | Lxx mmmmmmmm mmmmmmmm xmmmm mmm | Lxx >->----- -------- x---- -->
lms_courses_admin:make_up                    | pk=enrolment.pk                                  | Lxx mmmmmmmm mmmmmmmm xmmmm mmm | Lxx -------- -------- x---- ---
lms_courses_admin:decide_make_up             | pk=make_up.pk                                    | Lxx mmmmmmmm mmmmmmmm xmmmm mmm | Lxx -->----- -------- x---- -->
lms_courses_admin:copy_run                   | pk=a.run.pk                                      | Lxx --.----- -------- x---- --. | Lxx --!----- -------- x---- --!
lms_courses_admin:newer                      | pk=a.run.pk                                      | Lxx --.----- -------- x---- --. | Lxx -->----- -------- x---- -->
lms_courses_admin:learner                    | pk=enrolment.pk                                  | Lxx a-a---a- -------- x---- --a | Lxx mmmmmmmm mmmmmmmm xmmmm mmm
lms_courses_admin:pathways                   |                                                  | Lxx ....xxxx xxxxxxxx xxxxx xx. | Lxx mmmmxxxx xxxxxxxx xxxxx xxm
lms_courses_admin:new_pathway                |                                                  | Lxx xx..xxxx xxxxxxxx xxxxx xx. | Lxx xx..xxxx xxxxxxxx xxxxx xx.
lms_courses_admin:pathway                    | pk=pathway.pk                                    | Lxx --.----- -------- x---- --. | Lxx --.----- -------- x---- --.
lms_courses_admin:publish_pathway            | pk=pathway.pk                                    | Lxx mmmmmmmm mmmmmmmm xmmmm mmm | Lxx --+----- -------- x---- --+
lms_courses_admin:close_pathway              | pk=offered.pk                                    | Lxx mmmmmmmm mmmmmmmm xmmmm mmm | Lxx --+----- -------- x---- --+
lms_courses_admin:reviews                    |                                                  | Lxx xx..xx.. xxxxxxxx xxxxx xx. | Lxx xxmmxxmm xxxxxxxx xxxxx xxm
lms_courses_admin:review                     | pk=review.pk                                     | Lxx --.---.- -------- x---- --. | Lxx mmmmmmmm mmmmmmmm xmmmm mmm
lms_courses_admin:decide                     | pk=review.pk                                     | Lxx mmmmmmmm mmmmmmmm xmmmm mmm | Lxx -->----- -------- x---- -->
lms-certificates:index                       |                                                  | Lxx xxabxxab abxxxxxx xxxxx xx* | Lxx xxmmxxmm mmxxxxxx xxxxx xxm
lms-certificates:index_results               |                                                  | Lxx xxabxxab abxxxxxx xxxxx xx* | Lxx xxmmxxmm mmxxxxxx xxxxx xxm
lms-waiting:index                            |                                                  | Lxx xx..xx.. ..xxxxxx xxxxx xx. | Lxx xx>>xx>> >>xxxxxx xxxxx xx>
lms-issuers:index                            |                                                  | Lxx xx..xx.. ..xxxxxx xxxxx xx. | Lxx xxmmxxmm mmxxxxxx xxxxx xxm
lms-issuers:index_results                    |                                                  | Lxx xx..xx.. ..xxxxxx xxxxx xx. | Lxx xxmmxxmm mmxxxxxx xxxxx xxm
lms-issuers:add                              |                                                  | Lxx xxxxxxxx ..xxxxxx xxxxx xx. | Lxx xxxxxxxx ..xxxxxx xxxxx xx.
lms-rulesets:index                           |                                                  | Lxx xx..xx.. ..xxxx.. xxxxx xx. | Lxx xxmmxxmm mmxxxxmm xxxxx xxm
lms-rulesets:index_results                   |                                                  | Lxx xx..xx.. ..xxxx.. xxxxx xx. | Lxx xxmmxxmm mmxxxxmm xxxxx xxm
lms-persons:index                            |                                                  | Lxx xx..xxxx ..xx.... xabab x** | Lxx xxmmxxxx mmxxmmmm xmmmm xmm
lms-persons:index_results                    |                                                  | Lxx xx..xxxx ..xx.... xabab x** | Lxx xxmmxxxx mmxxmmmm xmmmm xmm
lms-persons:add                              |                                                  | Lxx xx..xxxx ..xxxx.. xxxxx xx. | Lxx xx..xxxx ..xxxx.. xxxxx xx.
lms-persons:edit                             | pk=cast.lan.pk                                   | Lxx xx--xxxx --xx---- xx-x- xxa | Lxx xx--xxxx --xx---- xx-x- xx.
lms-persons:usage                            | pk=cast.lan.pk                                   | Lxx xx--xxxx --xx---- xx-x- xxa | Lxx xx--xxxx --xx---- xx-x- xxm
lms-imports:inspect                          | pk=handed_in.pk                                  | Lxx xxa-xxxx a-xxxxa- xxxxx xxa | Lxx xx+-xxxx +-xxxx+- xxxxx xx+
lms-imports:errors                           | pk=handed_in.pk                                  | Lxx xxa-xxxx a-xxxxa- xxxxx xxa | Lxx xxm-xxxx m-xxxxm- xxxxx xxm
lms-duplicates:pair                          | first=twins.0.pk second=twins.1.pk               | Lxx xx.-xxxx .-xxxx.- xxxxx xx. | Lxx xx!-xxxx !-xxxx!- xxxxx xx!
lms-duplicates:undo                          | pk=merge.pk                                      | Lxx xxmmxxxx mmxxxxmm xxxxx xxm | Lxx xx+-xxxx +-xxxx+- xxxxx xx+
lms-persons:inspect                          | pk=cast.lan.pk                                   | Lxx xx--xxxx --xx---- xa-a- xaa | Lxx xx--xxxx --xx---- xm-m- xmm
lms-facilities:index                         |                                                  | Lxx xx..xxxx ..xxxx.. xxxxx x.. | Lxx xxmmxxxx mmxxxxmm xxxxx xmm
lms-facilities:index_results                 |                                                  | Lxx xx..xxxx ..xxxx.. xxxxx x.. | Lxx xxmmxxxx mmxxxxmm xxxxx xmm
lms-facilities:add                           |                                                  | Lxx xxxxxxxx xxxxxx.. xxxxx xx. | Lxx xxxxxxxx xxxxxx.. xxxxx xx.
lms-facilities:edit                          | pk=a.facility.pk                                 | Lxx xxx-xxxx .-xxxx.- xxxxx x-. | Lxx xxx-xxxx +-xxxx.- xxxxx x-.
lms-facilities:usage                         | pk=a.facility.pk                                 | Lxx xxx-xxxx .-xxxx.- xxxxx x-. | Lxx xxx-xxxx m-xxxxm- xxxxx x-m
lms-sites:index                              |                                                  | Lxx xx..xxxx ..xxxx.. x..xx x.. | Lxx xxmmxxxx mmxxxxmm xmmxx xmm
lms-sites:index_results                      |                                                  | Lxx xx..xxxx ..xxxx.. x..xx x.. | Lxx xxmmxxxx mmxxxxmm xmmxx xmm
lms-sites:add                                |                                                  | Lxx xx..xxxx ..xxxx.. xxxxx xx. | Lxx xx..xxxx ..xxxx.. xxxxx xx.
lms-sites:edit                               | pk=cast.site_bac_ha.pk                           | Lxx xx--xxxx --xxxx-- x.-xx xx. | Lxx xx--xxxx --xxxx-- x.-xx xx.
lms-sites:usage                              | pk=cast.site_bac_ha.pk                           | Lxx xx--xxxx --xxxx-- x.-xx xx. | Lxx xx--xxxx --xxxx-- xm-xx xxm
lms-roles:index                              |                                                  | Lxx xxxxxxxx ..xx.... xxxxx xx. | Lxx xxxxxxxx mmxxmmmm xxxxx xxm
lms-roles:index_results                      |                                                  | Lxx xxxxxxxx ..xx.... xxxxx xx. | Lxx xxxxxxxx mmxxmmmm xxxxx xxm
lms-roles:add                                |                                                  | Lxx xxxxxxxx ..xxxx.. xxxxx xx. | Lxx xxxxxxxx ..xxxx.. xxxxx xx.
lms-roles:end                                | pk=cast.ung.user.role_assignments.first.pk       | Lxx xxxxxxxx .-xxx-.- xxxxx xx. | Lxx xxxxxxxx +-xxx-+- xxxxx xx+
lms_person_chooser:choose                    |                                                  | Lxx xx..xxxx ..xxxx.. xabxx xx. | Lxx xxmmxxxx mmxxxxmm xmmxx xxm
lms_person_chooser:choose_results            |                                                  | Lxx xx..xxxx ..xxxx.. xabxx xx. | Lxx xxmmxxxx mmxxxxmm xmmxx xxm
lms_person_chooser:chosen                    | pk=cast.lan.pk                                   | Lxx xx--xxxx --xxxx-- xa-xx xxa | Lxx xx--xxxx --xxxx-- xm-xx xxm
lms_person_chooser:chosen_multiple           |                                                  | Lxx xx..xxxx ..xxxx.. x..xx xx. | Lxx xxmmxxxx mmxxxxmm xmmxx xxm
lms_facility_chooser:choose                  |                                                  | Lxx xx..xxxx ..xxxx.. x..xx xx. | Lxx xxmmxxxx mmxxxxmm xmmxx xxm
lms_facility_chooser:choose_results          |                                                  | Lxx xx..xxxx ..xxxx.. x..xx xx. | Lxx xxmmxxxx mmxxxxmm xmmxx xxm
lms_facility_chooser:chosen                  | pk=a.facility.pk                                 | Lxx xx.-xxxx .-xxxx.- x--xx xx. | Lxx xxm-xxxx m-xxxxm- x--xx xxm
lms_facility_chooser:chosen_multiple         |                                                  | Lxx xx..xxxx ..xxxx.. x..xx xx. | Lxx xxmmxxxx mmxxxxmm xmmxx xxm
lms-jobs:index                               |                                                  | Lxx xxxxxxxx xxxxxxxx xxxxx xx. | Lxx xxxxxxxx xxxxxxxx xxxxx xxm
lms-jobs:index_results                       |                                                  | Lxx xxxxxxxx xxxxxxxx xxxxx xx. | Lxx xxxxxxxx xxxxxxxx xxxxx xxm
lms-jobs:inspect                             | pk=job.pk                                        | Lxx xxxxxxxx xxxxxxxx xxxxx xx. | Lxx xxxxxxxx xxxxxxxx xxxxx xx>
wagtailusers_users:index                     |                                                  | Lxx xxxxxxxx xxxxxxxx xxxxx xx. | Lxx xxxxxxxx xxxxxxxx xxxxx xxm
wagtailusers_users:index_results             |                                                  | Lxx xxxxxxxx xxxxxxxx xxxxx xx. | Lxx xxxxxxxx xxxxxxxx xxxxx xxm
wagtailusers_users:add                       |                                                  | Lxx xxxxxxxx xxxxxxxx xxxxx xx. | Lxx xxxxxxxx xxxxxxxx xxxxx xx.
wagtailusers_users:edit                      | pk=cast.lan.user.pk                              | Lxx xxxxxxxx xxxxxxxx xxxxx xx. | Lxx xxxxxxxx xxxxxxxx xxxxx xx.
wagtailusers_users:delete                    | pk=excuse.person.user.pk                         | Lxx xxxxxxxx xxxxxxxx xxxxx xx> | Lxx xxxxxxxx xxxxxxxx xxxxx xx>
wagtailusers_users:history                   | pk=cast.lan.user.pk                              | Lxx xxxxxxxx xxxxxxxx xxxxx xx. | Lxx xxxxxxxx xxxxxxxx xxxxx xxm
wagtailusers_users:history_results           | pk=cast.lan.user.pk                              | Lxx xxxxxxxx xxxxxxxx xxxxx xx. | Lxx xxxxxxxx xxxxxxxx xxxxx xxm
wagtailusers_users:usage                     | pk=cast.lan.user.pk                              | Lxx xxxxxxxx xxxxxxxx xxxxx xx. | Lxx xxxxxxxx xxxxxxxx xxxxx xxm
wagtailusers_users:copy                      | pk=cast.lan.user.pk                              | Lxx xxxxxxxx xxxxxxxx xxxxx xx. | Lxx xxxxxxxx xxxxxxxx xxxxx xx.
lms_content_videos:index                     |                                                  | Lxx abababxx abxxxxxx xxxxx xx* | Lxx mmmmmmxx mmxxxxxx xxxxx xxm
lms_content_videos:index_results             |                                                  | Lxx abababxx abxxxxxx xxxxx xx* | Lxx mmmmmmxx mmxxxxxx xxxxx xxm
lms_content_videos:add                       |                                                  | Lxx ....xxxx xxxxxxxx xxxxx xx. | Lxx ....xxxx xxxxxxxx xxxxx xx.
lms_content_videos:edit                      | pk=a.video.pk                                    | Lxx a-a-x-xx x-xxxxxx xxxxx xxa | Lxx .-.-x-xx x-xxxxxx xxxxx xx.
lms_content_videos:show                      | pk=a.video.pk                                    | Lxx a-a-a-xx a-xxxxxx xxxxx xxa | Lxx m-m-m-xx m-xxxxxx xxxxx xxm
lms_content_videos:progress                  | pk=a.video.pk                                    | Lxx .-.-.-xx .-xxxxxx xxxxx xx. | Lxx m-m-m-xx m-xxxxxx xxxxx xxm
lms_content_videos:again                     | pk=a.video.pk                                    | Lxx m-m-x-xx x-xxxxxx xxxxx xxm | Lxx +-+-x-xx x-xxxxxx xxxxx xx+
lms_content_videos:cancel                    | pk=a.video.pk                                    | Lxx m-m-x-xx x-xxxxxx xxxxx xxm | Lxx +-+-x-xx x-xxxxxx xxxxx xx+
lms_content_videos:captions                  | pk=a.video.pk                                    | Lxx a-a-x-xx x-xxxxxx xxxxx xxa | Lxx >->-x-xx x-xxxxxx xxxxx xx>
lms_content_videos:chapters                  | pk=a.video.pk                                    | Lxx a-a-x-xx x-xxxxxx xxxxx xxa | Lxx >->-x-xx x-xxxxxx xxxxx xx>
lms_content_videos:slides                    | pk=a.video.pk                                    | Lxx a-a-x-xx x-xxxxxx xxxxx xxa | Lxx >->-x-xx x-xxxxxx xxxxx xx>
lms_content_videos:poster                    | pk=a.video.pk                                    | Lxx a-a-x-xx x-xxxxxx xxxxx xxa | Lxx .-.-x-xx x-xxxxxx xxxxx xx.
lms_content_videos:frame                     | pk=a.video.pk                                    | Lxx !-!-x-xx x-xxxxxx xxxxx xx! | Lxx m-m-x-xx x-xxxxxx xxxxx xxm
lms_content_videos:uploads                   |                                                  | Lxx mmmmxxxx xxxxxxxx xxxxx xxm | Lxx !!!!xxxx xxxxxxxx xxxxx xx!
lms_content_videos:upload                    | uuid=upload.pk                                   | Lxx m-----xx --xxxxxx xxxxx xx- | Lxx m-----xx --xxxxxx xxxxx xx-
lms_content_questions:index                  |                                                  | Lxx abababxx abxxxxxx xxxxx xx* | Lxx mmmmmmxx mmxxxxxx xxxxx xxm
lms_content_questions:index_results          |                                                  | Lxx abababxx abxxxxxx xxxxx xx* | Lxx mmmmmmxx mmxxxxxx xxxxx xxm
lms_content_questions:add                    |                                                  | Lxx ....xxxx xxxxxxxx xxxxx xx. | Lxx ....xxxx xxxxxxxx xxxxx xx.
lms_content_questions:edit                   | pk=a.questions.0.pk                              | Lxx a-a-x-xx x-xxxxxx xxxxx xxa | Lxx .-.-x-xx x-xxxxxx xxxxx xx.
lms_content_questions:show                   | pk=a.questions.0.pk                              | Lxx a-a-a-xx a-xxxxxx xxxxx xxa | Lxx m-m-m-xx m-xxxxxx xxxxx xxm
lms_content_questions:approve                | pk=a.questions.0.pk                              | Lxx m-m-m-xx x-xxxxxx xxxxx xxm | Lxx >->->-xx x-xxxxxx xxxxx xx>
lms_content_questions:ask_review             | pk=a.questions.0.pk                              | Lxx m-m-x-xx x-xxxxxx xxxxx xxm | Lxx +-+-x-xx x-xxxxxx xxxxx xx+
lms_content_questions:retire                 | pk=a.questions.0.pk                              | Lxx m-m-x-xx x-xxxxxx xxxxx xxm | Lxx +-+-x-xx x-xxxxxx xxxxx xx+
lms_content_quizzes:index                    |                                                  | Lxx abababxx abxxxxxx xxxxx xx* | Lxx mmmmmmxx mmxxxxxx xxxxx xxm
lms_content_quizzes:index_results            |                                                  | Lxx abababxx abxxxxxx xxxxx xx* | Lxx mmmmmmxx mmxxxxxx xxxxx xxm
lms_content_checklists:index                 |                                                  | Lxx abababxx abxxxxxx xxxxx xx* | Lxx mmmmmmxx mmxxxxxx xxxxx xxm
lms_content_checklists:index_results         |                                                  | Lxx abababxx abxxxxxx xxxxx xx* | Lxx mmmmmmxx mmxxxxxx xxxxx xxm
lms_content_surveys:index                    |                                                  | Lxx abababxx abxxxxxx xxxxx xx* | Lxx mmmmmmxx mmxxxxxx xxxxx xxm
lms_content_surveys:index_results            |                                                  | Lxx abababxx abxxxxxx xxxxx xx* | Lxx mmmmmmxx mmxxxxxx xxxxx xxm
lms_content_guidelines:index                 |                                                  | Lxx ......xx ..xxxx.. xxxxx xx. | Lxx mmmmmmxx mmxxxxmm xxxxx xxm
lms_content_guidelines:index_results         |                                                  | Lxx ......xx ..xxxx.. xxxxx xx. | Lxx mmmmmmxx mmxxxxmm xxxxx xxm
lms_content_guidelines:add                   |                                                  | Lxx xx..xxxx xxxxxx.. xxxxx xx. | Lxx xx..xxxx xxxxxx.. xxxxx xx.
lms_content_guidelines:edit                  | pk=guideline.pk                                  | Lxx xx..xxxx xxxxxx.. xxxxx xx. | Lxx xx..xxxx xxxxxx.. xxxxx xx.
lms_content_choose_video:choose              |                                                  | Lxx ababxxxx xxxxxxxx xxxxx xx* | Lxx mmmmxxxx xxxxxxxx xxxxx xxm
lms_content_choose_video:choose_results      |                                                  | Lxx ababxxxx xxxxxxxx xxxxx xx* | Lxx mmmmxxxx xxxxxxxx xxxxx xxm
lms_content_choose_video:chosen              | pk=a.video.pk                                    | Lxx a-a-xxxx xxxxxxxx xxxxx xxa | Lxx m-m-xxxx xxxxxxxx xxxxx xxm
lms_content_choose_video:chosen_multiple     |                                                  | Lxx ....xxxx xxxxxxxx xxxxx xx. | Lxx mmmmxxxx xxxxxxxx xxxxx xxm
lms_content_choose_quiz:choose               |                                                  | Lxx ababxxxx xxxxxxxx xxxxx xx* | Lxx mmmmxxxx xxxxxxxx xxxxx xxm
lms_content_choose_quiz:choose_results       |                                                  | Lxx ababxxxx xxxxxxxx xxxxx xx* | Lxx mmmmxxxx xxxxxxxx xxxxx xxm
lms_content_choose_quiz:chosen               | pk=a.posttest.pk                                 | Lxx a-a-xxxx xxxxxxxx xxxxx xxa | Lxx m-m-xxxx xxxxxxxx xxxxx xxm
lms_content_choose_quiz:chosen_multiple      |                                                  | Lxx ....xxxx xxxxxxxx xxxxx xx. | Lxx mmmmxxxx xxxxxxxx xxxxx xxm
lms_content_choose_checklist:choose          |                                                  | Lxx ababxxxx xxxxxxxx xxxxx xx* | Lxx mmmmxxxx xxxxxxxx xxxxx xxm
lms_content_choose_checklist:choose_results  |                                                  | Lxx ababxxxx xxxxxxxx xxxxx xx* | Lxx mmmmxxxx xxxxxxxx xxxxx xxm
lms_content_choose_checklist:chosen          | pk=a.checklist.pk                                | Lxx a-a-xxxx xxxxxxxx xxxxx xxa | Lxx m-m-xxxx xxxxxxxx xxxxx xxm
lms_content_choose_checklist:chosen_multiple |                                                  | Lxx ....xxxx xxxxxxxx xxxxx xx. | Lxx mmmmxxxx xxxxxxxx xxxxx xxm
lms_content_choose_survey:choose             |                                                  | Lxx ababxxxx xxxxxxxx xxxxx xx* | Lxx mmmmxxxx xxxxxxxx xxxxx xxm
lms_content_choose_survey:choose_results     |                                                  | Lxx ababxxxx xxxxxxxx xxxxx xx* | Lxx mmmmxxxx xxxxxxxx xxxxx xxm
lms_content_choose_survey:chosen             | pk=a.survey.pk                                   | Lxx a-a-xxxx xxxxxxxx xxxxx xxa | Lxx m-m-xxxx xxxxxxxx xxxxx xxm
lms_content_choose_survey:chosen_multiple    |                                                  | Lxx ....xxxx xxxxxxxx xxxxx xx. | Lxx mmmmxxxx xxxxxxxx xxxxx xxm
lms_certificates_public:verify_form          |                                                  | ... ........ ........ ..... ... | mmm mmmmmmmm mmmmmmmm mmmmm mmm
lms_certificates_public:offline              |                                                  | ... ........ ........ ..... ... | mmm mmmmmmmm mmmmmmmm mmmmm mmm
lms_certificates_public:offline_page         |                                                  | ... ........ ........ ..... ... | mmm mmmmmmmm mmmmmmmm mmmmm mmm
lms_certificates_public:keys                 |                                                  | ... ........ ........ ..... ... | mmm mmmmmmmm mmmmmmmm mmmmm mmm
lms_certificates_public:verify               | text=certificate.code                            | ... ........ ........ ..... ... | ... ........ ........ ..... ...
me                                           |                                                  | L.. ........ ........ ..... ... | Lmm mmmmmmmm mmmmmmmm mmmmm mmm
my_data                                      |                                                  | Lab a....... ........ ..... ... | Lmm mmmmmmmm mmmmmmmm mmmmm mmm
my_data_consent                              |                                                  | Lmm mmmmmmmm mmmmmmmm mmmmm mmm | L-- -------- -------- ----- ---
my_data_ask                                  |                                                  | Lmm mmmmmmmm mmmmmmmm mmmmm mmm | L!! !!!!!!!! !!!!!!!! !!!!! !!!
my_data_cancel                               | pk=request.pk                                    | Lmm mmmmmmmm mmmmmmmm mmmmm mmm | L+- -------- -------- ----- ---
my_data_export                               |                                                  | Lmm mmmmmmmm mmmmmmmm mmmmm mmm | L++ ++++++++ ++++++++ +++++ +++
my_data_fetch                                | pk=request.pk                                    | Lmm mmmmmmmm mmmmmmmm mmmmm mmm | L-- -------- -------- ----- ---
my_data_accesses                             |                                                  | L.. ........ ........ ..... ... | Lmm mmmmmmmm mmmmmmmm mmmmm mmm
my_data_erase                                |                                                  | L.. ........ ........ ..... ... | L>> >>>>>>>> >>>>>>>> >>>>> >>>
lms-data-requests:index                      |                                                  | Lxx xxxxxxxx xxxx..xx xxxxx xxa | Lxx xxxxxxxx xxxxmmxx xxxxx xxm
lms-data-requests:index_results              |                                                  | Lxx xxxxxxxx xxxx..xx xxxxx xxa | Lxx xxxxxxxx xxxxmmxx xxxxx xxm
lms-data-requests:inspect                    | pk=request_a.pk                                  | Lxx xxxxxxxx xxxx.-xx xxxxx xx. | Lxx xxxxxxxx xxxx!-xx xxxxx xx!
lms-accesses:index                           |                                                  | Lxx xxxxxxxx xxxx..xx xxxxx xxa | Lxx xxxxxxxx xxxxmmxx xxxxx xxm
lms-accesses:breach                          |                                                  | Lxx xxxxxxxx xxxx..xx xxxxx xx. | Lxx xxxxxxxx xxxx!!xx xxxxx xx!
lms-accesses:index_results                   |                                                  | Lxx xxxxxxxx xxxx..xx xxxxx xxa | Lxx xxxxxxxx xxxxmmxx xxxxx xxm
account                                      |                                                  | Lab ........ ........ ..... ... | L.. ........ ........ ..... ...
workplaces                                   |                                                  | ... ........ ........ ..... ... | mmm mmmmmmmm mmmmmmmm mmmmm mmm
account_reauthenticate_code                  |                                                  | L>> >>>>>>>> >>>>>>>> >>>>> >>> | L>> >>>>>>>> >>>>>>>> >>>>> >>>
oidc_login                                   | provider_id=:so-y-te                             | mmm mmmmmmmm mmmmmmmm mmmmm mmm | --- -------- -------- ----- ---
oidc_connect                                 | provider_id=:so-y-te                             | Lmm mmmmmmmm mmmmmmmm mmmmm mmm | L-- -------- -------- ----- ---
oidc_callback                                | provider_id=:so-y-te                             | --- -------- -------- ----- --- | mmm mmmmmmmm mmmmmmmm mmmmm mmm
oidc_disconnect                              | pk=:1                                            | Lmm mmmmmmmm mmmmmmmm mmmmm mmm | L-- -------- -------- ----- ---
language                                     | code=:en                                         | >>> >>>>>>>> >>>>>>>> >>>>> >>> | mmm mmmmmmmm mmmmmmmm mmmmm mmm
privacy                                      |                                                  | ... ........ ........ ..... ... | mmm mmmmmmmm mmmmmmmm mmmmm mmm
styleguide                                   |                                                  | --- -------- -------- ----- --- | mmm mmmmmmmm mmmmmmmm mmmmm mmm
demo_role                                    | role=:learner                                    | mmm mmmmmmmm mmmmmmmm mmmmm mmm | --- -------- -------- ----- ---
lms_content:captions                         | uuid=a.video.uuid version=:1 language=:vi        | --- -------- -------- ----- --- | mmm mmmmmmmm mmmmmmmm mmmmm mmm
lms_courses:beat                             |                                                  | mmm mmmmmmmm mmmmmmmm mmmmm mmm | !!! !!!!!!!! !!!!!!!! !!!!! !!!
lms_courses:watched_offline                  |                                                  | mmm mmmmmmmm mmmmmmmm mmmmm mmm | !!! !!!!!!!! !!!!!!!! !!!!! !!!
lms_courses:enrol                            | pk=open.run.pk                                   | mmm mmmmmmmm mmmmmmmm mmmmm mmm | L>+ ++++++++ ++++++++ +++++ +++
lms_courses:go_class                         | pk=open.run.pk                                   | L>> >>>>>>>> >>>>>>>> >>>>> >>> | mmm mmmmmmmm mmmmmmmm mmmmm mmm
lms_courses:apply                            | pk=open.run.pk                                   | mmm mmmmmmmm mmmmmmmm mmmmm mmm | L>+ ++++++++ ++++++++ +++++ +++
lms_courses:accept                           | pk=application.pk                                | mmm mmmmmmmm mmmmmmmm mmmmm mmm | L>- -------- -------- ----- ---
lms_courses:give_up                          | pk=application.pk                                | mmm mmmmmmmm mmmmmmmm mmmmm mmm | L+- -------- -------- ----- ---
lms_courses:join                             | code=code.code                                   | L.. ........ ........ ..... ... | L.. ........ ........ ..... ...
lms_courses:approvals                        |                                                  | L-- --..---- -------- ---ab --* | Lmm mmmmmmmm mmmmmmmm mmmmm mmm
lms_courses:decide_application               | pk=application.pk                                | Lmm mmmmmmmm mmmmmmmm mmmmm mmm | L-- -------- -------- --->- -->
lms_courses:name_deputy                      |                                                  | Lmm mmmmmmmm mmmmmmmm mmmmm mmm | L-- --!!---- -------- ---!! --!
lms_courses:end_deputy                       | pk=deputy.pk                                     | Lmm mmmmmmmm mmmmmmmm mmmmm mmm | L-- -------- -------- ---+- ---
lms_courses:people                           |                                                  | L-- -------- -------- -.... --. | Lmm mmmmmmmm mmmmmmmm mmmmm mmm
lms_courses:enrol_people                     |                                                  | Lmm mmmmmmmm mmmmmmmm mmmmm mmm | L-- -------- -------- ->>-- -->
lms_courses:send_list                        |                                                  | Lmm mmmmmmmm mmmmmmmm mmmmm mmm | L-- -------- -------- ----- ---
lms_courses:list_template                    |                                                  | L-- -------- -------- -..-- --. | Lmm mmmmmmmm mmmmmmmm mmmmm mmm
lms_courses:people_list                      | pk=class_list.pk                                 | L-- -------- -------- -a--- --- | L-- -------- -------- -+--- ---
lms_courses:list_errors                      | pk=class_list.pk                                 | L-- -------- -------- -a--- --- | Lmm mmmmmmmm mmmmmmmm mmmmm mmm
lms_courses:withdraw                         | pk=enrolment.pk                                  | mmm mmmmmmmm mmmmmmmm mmmmm mmm | L+- -------- -------- ----- ---
lms_courses:read                             | pk=enrolment.pk lesson=open.lessons.reading.pk   | mmm mmmmmmmm mmmmmmmm mmmmm mmm | L+- -------- -------- ----- ---
lms_courses:calendar                         |                                                  | ... ........ ........ ..... ... | mmm mmmmmmmm mmmmmmmm mmmmm mmm
lms_courses:pathways                         |                                                  | ... ........ ........ ..... ... | mmm mmmmmmmm mmmmmmmm mmmmm mmm
lms_courses:pathway                          | pk=offered.pk                                    | ... ........ ........ ..... ... | mmm mmmmmmmm mmmmmmmm mmmmm mmm
lms_courses:saved                            |                                                  | ... ........ ........ ..... ... | mmm mmmmmmmm mmmmmmmm mmmmm mmm
lms_courses:who                              |                                                  | ... ........ ........ ..... ... | mmm mmmmmmmm mmmmmmmm mmmmm mmm
lms_courses:save                             | pk=enrolment.pk                                  | L.- -------- -------- ----- --- | Lmm mmmmmmmm mmmmmmmm mmmmm mmm
lms_courses:save_lesson                      | pk=enrolment.pk lesson=open.lessons.reading.pk   | Lmm mmmmmmmm mmmmmmmm mmmmm mmm | L.- -------- -------- ----- ---
lms_courses:plan_session                     |                                                  | L-- ....---- ..------ ----- --. | L-- !!!!---- !!------ ----- --!
lms_courses:hub                              | uuid=open.session.uuid                           | L-- .-.----- .------- ----- --. | Lmm mmmmmmmm mmmmmmmm mmmmm mmm
lms_courses:hub_desk                         | uuid=open.session.uuid                           | L-- .-.----- .------- ----- --. | Lmm mmmmmmmm mmmmmmmm mmmmm mmm
lms_courses:hub_desk_now                     | uuid=open.session.uuid                           | L-- .-.----- .------- ----- --. | Lmm mmmmmmmm mmmmmmmm mmmmm mmm
lms_courses:hub_now                          | uuid=open.session.uuid                           | L-- .-.----- .------- ----- --. | Lmm mmmmmmmm mmmmmmmm mmmmm mmm
lms_courses:hub_qr                           | uuid=open.session.uuid                           | L-- .-.----- .------- ----- --. | Lmm mmmmmmmm mmmmmmmm mmmmm mmm
lms_courses:move_session                     | uuid=open.session.uuid                           | Lmm mmmmmmmm mmmmmmmm mmmmm mmm | L-- -------- -------- ----- ---
lms_courses:attendance                       | uuid=open.session.uuid                           | L-- a-a----- a------- ----- --a | Lmm mmmmmmmm mmmmmmmm mmmmm mmm
lms_courses:override                         | uuid=open.session.uuid                           | Lmm mmmmmmmm mmmmmmmm mmmmm mmm | L-- -------- -------- ----- ---
lms_courses:take_back                        | uuid=open.session.uuid pk=presence.pk            | Lmm mmmmmmmm mmmmmmmm mmmmm mmm | L-- --!----- !------- ----- --!
lms_courses:settle                           | uuid=open.session.uuid                           | Lmm mmmmmmmm mmmmmmmm mmmmm mmm | L-- --!----- !------- ----- --!
lms_courses:archive_session                  | uuid=open.session.uuid                           | Lmm mmmmmmmm mmmmmmmm mmmmm mmm | L-- --!----- !------- ----- --!
lms_courses:unarchive_session                | uuid=open.session.uuid                           | Lmm mmmmmmmm mmmmmmmm mmmmm mmm | L-- --!----- !------- ----- --!
lms_courses:check_in                         | uuid=open.session.uuid                           | L.. ........ ........ ..... ... | L!! !!!!!!!! !!!!!!!! !!!!! !!!
lms_courses:renew_feed                       |                                                  | Lmm mmmmmmmm mmmmmmmm mmmmm mmm | L++ ++++++++ ++++++++ +++++ +++
lms_courses:feed                             | token=feed.token                                 | ... ........ ........ ..... ... | mmm mmmmmmmm mmmmmmmm mmmmm mmm
lms_courses:change_session                   | uuid=open.session.uuid                           | L-- .-.----- .------- ----- --. | L-- !-!----- !------- ----- --!
lms_courses:name_role                        | uuid=open.session.uuid                           | Lmm mmmmmmmm mmmmmmmm mmmmm mmm | L-- -------- -------- ----- ---
lms_courses:end_session_role                 | uuid=open.session.uuid pk=session_role.pk        | Lmm mmmmmmmm mmmmmmmm mmmmm mmm | L-- --!----- !------- ----- --!
lms_courses:meeting                          | uuid=open.session.uuid                           | La- a-a----- a------- aa-a- --a | Lmm mmmmmmmm mmmmmmmm mmmmm mmm
lms_courses:reports                          | uuid=open.session.uuid                           | L-- --.----- .------- ----- --. | L-- --!----- !------- ----- --!
lms_courses:report                           | pk=report.pk                                     | L-- --a----- a------- ----- --a | Lmm mmmmmmmm mmmmmmmm mmmmm mmm
lms_courses:report_columns                   | pk=report.pk                                     | Lmm mmmmmmmm mmmmmmmm mmmmm mmm | L-- --!----- !------- ----- --!
lms_courses:decide_row                       | pk=report.pk                                     | Lmm mmmmmmmm mmmmmmmm mmmmm mmm | L-- -------- -------- ----- ---
lms_courses:move_report                      | pk=report.pk                                     | Lmm mmmmmmmm mmmmmmmm mmmmm mmm | L-- -------- -------- ----- ---
lms_courses:end_outage                       | uuid=open.session.uuid pk=outage.pk              | Lmm mmmmmmmm mmmmmmmm mmmmm mmm | L-- --!----- !------- ----- --!
lms_courses:at_site                          | token=poster_token                               | ... ........ ........ ..... ... | mmm mmmmmmmm mmmmmmmm mmmmm mmm
lms_courses:stay                             | uuid=open.session.uuid                           | L.. ........ ........ ..... ... | L-- -------- -------- ----- ---
lms_courses:poster                           | pk=open.room.site_id                             | L-- -------- -------- -.--- --. | Lmm mmmmmmmm mmmmmmmm mmmmm mmm
lms_courses:room_outage                      | pk=open.room.pk                                  | Lmm mmmmmmmm mmmmmmmm mmmmm mmm | L-- -------- -------- -!--- --!
lms_courses:session_outage                   | uuid=open.session.uuid                           | Lmm mmmmmmmm mmmmmmmm mmmmm mmm | L-- --!----- !------- ----- --!
lms_courses:watch_again                      | pk=enrolment.pk uuid=recorded.session.uuid       | L.- -------- -------- ----- --- | Lmm mmmmmmmm mmmmmmmm mmmmm mmm
lms_courses:save_recording                       | pk=enrolment.pk uuid=recorded.session.uuid recording=recorded.pk| Lmm mmmmmmmm mmmmmmmm mmmmm mmm | L.- -------- -------- ----- ---
lms_courses:add_recording                    | uuid=recorded.session.uuid                       | Lmm mmmmmmmm mmmmmmmm mmmmm mmm | L-- --!----- !------- ----- --!
lms_courses:remove_recording                 | uuid=recorded.session.uuid pk=recorded.pk        | Lmm mmmmmmmm mmmmmmmm mmmmm mmm | L-- --+----- +------- ----- --+
lms_courses:rooms                            |                                                  | L-- -------- -------- -..-- --. | Lmm mmmmmmmm mmmmmmmm mmmmm mmm
lms_courses:join_room                        |                                                  | Lmm mmmmmmmm mmmmmmmm mmmmm mmm | L-- -------- -------- ----- ---
lms_courses:session_cases                    | uuid=open.session.uuid                           | L.- .-.----- .------- -.--- --. | Lmm mmmmmmmm mmmmmmmm mmmmm mmm
lms_courses:rank_cases                       | uuid=open.session.uuid                           | Lmm mmmmmmmm mmmmmmmm mmmmm mmm | L-- >->----- >------- ----- -->
lms_courses:case                             | uuid=case.uuid                                   | La- a-a----- a------- -a--- --a | Lmm mmmmmmmm mmmmmmmm mmmmm mmm
lms_courses:edit_case                        | uuid=case.uuid                                   | La- -------- -------- -a--- --a | L!- -------- -------- -!--- --!
lms_courses:move_case                        | uuid=case.uuid                                   | Lmm mmmmmmmm mmmmmmmm mmmmm mmm | L-- -------- -------- ----- ---
lms_courses:conclude_case                    | uuid=concluded.uuid                              | Lmm mmmmmmmm mmmmmmmm mmmmm mmm | L-- !-!----- !------- ----- --!
lms_courses:follow_up_case                   | uuid=concluded.uuid day=concluded.follow_ups.first.day | Lmm mmmmmmmm mmmmmmmm mmmmm mmm | L!- -------- -------- -!--- --!
lms_courses:add_case_picture                 | uuid=case.uuid                                   | Lmm mmmmmmmm mmmmmmmm mmmmm mmm | L!- -------- -------- -!--- --!
lms_courses:case_picture                     | uuid=case.uuid pk=case_picture.pk                | L.- .-.----- .------- -.--- --. | Lmm mmmmmmmm mmmmmmmm mmmmm mmm
lms_courses:remove_case_picture              | uuid=case.uuid pk=case_picture.pk                | Lmm mmmmmmmm mmmmmmmm mmmmm mmm | L+- +-+----- +------- -+--- --+
lms_courses:programme                        | uuid=open.session.uuid                           | L.- .-.----- .------- ..-.- --. | Lmm mmmmmmmm mmmmmmmm mmmmm mmm
lms_courses:edit_programme                   | uuid=open.session.uuid                           | L-- a-a----- a------- ----- --a | L-- -------- -------- ----- ---
lms_courses:material                         | uuid=open.session.uuid pk=material.pk            | L.- .-.----- .------- ..-.- --. | Lmm mmmmmmmm mmmmmmmm mmmmm mmm
lms_courses:excuse                           | uuid=excuse.session.uuid                         | La- -------- -------- ..-.- --- | L!- -------- -------- !!-!- ---
lms_courses:excuses                          | uuid=excuse.session.uuid                         | L-- --a----- a------- ----- --a | Lmm mmmmmmmm mmmmmmmm mmmmm mmm
lms_courses:decide_excuse                    | pk=excuse.pk                                     | Lmm mmmmmmmm mmmmmmmm mmmmm mmm | L-- --!----- !------- ----- --!
lms_courses:excuse_paper                     | pk=excuse.pk                                     | L.- --.----- .------- ----- --. | Lmm mmmmmmmm mmmmmmmm mmmmm mmm
lms_courses:room_excuses                     | pk=open.room.pk                                  | L-- -------- -------- -a--- --a | L-- -------- -------- -!--- --!
lms_courses:room_cases                       | pk=open.room.pk                                  | L-- -------- -------- -.--- --. | L-- -------- -------- -!--- --!
lms_courses:sites                            |                                                  | ... ........ ........ ..... ... | mmm mmmmmmmm mmmmmmmm mmmmm mmm
lms_courses:connection                       | pk=open.room.pk                                  | L-- -------- -------- -.--- --. | L-- -------- -------- -+--- --+
lms_courses:connections                      | uuid=open.session.uuid                           | L-- .-.----- .------- ----- --. | Lmm mmmmmmmm mmmmmmmm mmmmm mmm
lms_courses:site_activity                    |                                                  | L-- ....---- ..------ -..-- -.. | Lmm mmmmmmmm mmmmmmmm mmmmm mmm
lms_courses:site_activity_xlsx               |                                                  | L-- ....---- ..------ -..-- -.. | Lmm mmmmmmmm mmmmmmmm mmmmm mmm
lms_courses:after                            | uuid=open.session.uuid                           | L.- .-.----- .------- -.--- --. | L-- !-!----- !------- ----- --!
lms_courses:slides                           | uuid=packed.session.uuid                         | L.- .-.----- .------- ----- --. | Lmm mmmmmmmm mmmmmmmm mmmmm mmm
lms_courses:session_report                   | uuid=open.session.uuid                           | L-- .-.----- .------- ----- --. | Lmm mmmmmmmm mmmmmmmm mmmmm mmm
lms_courses:session_report_xlsx              | uuid=open.session.uuid                           | L-- .-.----- .------- ----- --. | Lmm mmmmmmmm mmmmmmmm mmmmm mmm
lms_courses:session_report_pdf               | uuid=open.session.uuid                           | L-- .-.----- .------- ----- --. | Lmm mmmmmmmm mmmmmmmm mmmmm mmm
lms_courses:room                             | pk=open.room.pk                                  | L-- -------- -------- -a--- --a | Lmm mmmmmmmm mmmmmmmm mmmmm mmm
lms_courses:tick                             | pk=open.room.pk                                  | Lmm mmmmmmmm mmmmmmmm mmmmm mmm | L-- -------- -------- ----- ---
lms_courses:add_stranger                     | pk=open.room.pk                                  | Lmm mmmmmmmm mmmmmmmm mmmmm mmm | L-- -------- -------- -!--- --!
lms_courses:attest                           | pk=open.room.pk                                  | Lmm mmmmmmmm mmmmmmmm mmmmm mmm | L-- -------- -------- -!--- --!
lms_courses:room_qr                          | pk=open.room.pk                                  | L-- -------- -------- -.--- --. | Lmm mmmmmmmm mmmmmmmm mmmmm mmm
lms_courses:room_qr_now                      | pk=open.room.pk                                  | L-- -------- -------- -.--- --. | Lmm mmmmmmmm mmmmmmmm mmmmm mmm
lms_courses:room_qr_picture                  | pk=open.room.pk                                  | L-- -------- -------- -.--- --. | Lmm mmmmmmmm mmmmmmmm mmmmm mmm
lms_courses:sheet                            | pk=open.room.pk                                  | L-- --.----- .------- -.--- --. | Lmm mmmmmmmm mmmmmmmm mmmmm mmm
lms_courses:print_sheet                      | pk=printed.room.pk                               | Lmm mmmmmmmm mmmmmmmm mmmmm mmm | L-- -------- -------- ->--- -->
lms_courses:sheet_pdf                        | pk=open.room.pk number=printed.number            | L-- -------- -------- -a--- --a | Lmm mmmmmmmm mmmmmmmm mmmmm mmm
lms_courses:file_sheets                      |                                                  | Lmm mmmmmmmm mmmmmmmm mmmmm mmm | L-- -------- -------- ->>-- -->
lms_courses:sheet_scan                       | uuid=scan.uuid                                   | L-- --a----- a------- -a--- --a | Lmm mmmmmmmm mmmmmmmm mmmmm mmm
lms_courses:sheet_picture                    | uuid=scan.uuid                                   | L-- --.----- .------- -.--- --. | Lmm mmmmmmmm mmmmmmmm mmmmm mmm
lms_courses:record_sheet                     | uuid=scan.uuid                                   | Lmm mmmmmmmm mmmmmmmm mmmmm mmm | L-- --!----- !------- ->--- -->
lms_courses:add_signature                    | uuid=scan.uuid                                   | Lmm mmmmmmmm mmmmmmmm mmmmm mmm | L-- --!----- !------- -!--- --!
lms_courses:remove_sheet_scan                | uuid=scan.uuid                                   | Lmm mmmmmmmm mmmmmmmm mmmmm mmm | L-- --+----- +------- -+--- --+
lms_courses:paper                            | token=sheet_token                                | >>> >>>>>>>> >>>>>>>> >>>>> >>> | mmm mmmmmmmm mmmmmmmm mmmmm mmm
lms_courses:start_attempt                    | pk=enrolment.pk lesson=open.lessons.pretest.pk   | Lmm mmmmmmmm mmmmmmmm mmmmm mmm | L>- -------- -------- ----- ---
lms_courses:attempt                          | pk=attempt.pk                                    | La- -------- -------- ----- --- | L+- -------- -------- ----- ---
lms_courses:answers                          | pk=attempt.pk                                    | Lmm mmmmmmmm mmmmmmmm mmmmm mmm | L!- -------- -------- ----- ---
lms_courses:review                           | pk=attempt.pk                                    | La- -------- -------- ----- --- | Lmm mmmmmmmm mmmmmmmm mmmmm mmm
lms_courses:submit                           | pk=attempt.pk                                    | Lmm mmmmmmmm mmmmmmmm mmmmm mmm | L!- -------- -------- ----- ---
lms_courses:result                           | pk=finished_attempt.pk                           | La- -------- -------- ----- --- | Lmm mmmmmmmm mmmmmmmm mmmmm mmm
lms_courses:skills                           |                                                  | L-- a.------ -------- a-b-- --- | Lmm mmmmmmmm mmmmmmmm mmmmm mmm
lms_courses:observe                          | pk=enrolment.pk lesson=open.lessons.checklist.pk | L-- a------- -------- a---- --- | L-- !------- -------- !---- ---
lms_courses:take_observation_back            | pk=observation.pk                                | Lmm mmmmmmmm mmmmmmmm mmmmm mmm | L-- -->----- -------- >---- -->
lms_courses:survey                           | pk=enrolment.pk lesson=open.lessons.survey.pk    | L!- -------- -------- ----- --- | L!- -------- -------- ----- ---
lms_certificates:mine                        |                                                  | Lab ........ ........ ..... ... | Lmm mmmmmmmm mmmmmmmm mmmmm mmm
lms_certificates:credits                     |                                                  | L.. ........ ........ ..... ... | Lmm mmmmmmmm mmmmmmmm mmmmm mmm
lms_certificates:download                    | uuid=certificate.uuid                            | La- --a---a- a------- ----- a-a | Lmm mmmmmmmm mmmmmmmm mmmmm mmm
lms_certificates:evidence                    | uuid=certificate.uuid                            | La- --a---a- a------- ----- a-a | Lmm mmmmmmmm mmmmmmmm mmmmm mmm
lms_certificates:scan                        | uuid=certificate.uuid                            | L-- -------- -------- ----- --- | L-- -->--->- -------- ----- -->
lms_certificates:batches                     |                                                  | L-- --..--.. ..------ ----- --. | Lmm mmmmmmmm mmmmmmmm mmmmm mmm
lms_certificates:build_batch                 | run=a.run.pk                                     | L-- --.---.- -------- ----- --. | L-- -->--->- -------- ----- -->
lms_certificates:build_by_person             | issuer=a.issuer.pk                               | L-- --.---.- -------- ----- --. | L-- -->--->- -------- ----- -->
lms_certificates:batch                       | pk=batch.pk                                      | L-- --.---.- .------- ----- --. | L-- -->---+- >------- ----- -->
lms_certificates:batch_files                 | pk=batch.pk                                      | L-- -------- -------- ----- --- | Lmm mmmmmmmm mmmmmmmm mmmmm mmm
lms_certificates:batch_sheets                | pk=batch.pk                                      | L-- -------- -------- ----- --- | Lmm mmmmmmmm mmmmmmmm mmmmm mmm
lms_certificates:batch_draft                 | pk=batch.pk enrolment=drafted.pk                 | L-- --.---.- .------- ----- --. | Lmm mmmmmmmm mmmmmmmm mmmmm mmm
lms_certificates:book                        | ?issuer=a.issuer.pk ?year=:2026                  | L-- --a---a- a------- ----- --a | Lmm mmmmmmmm mmmmmmmm mmmmm mmm
lms_certificates:check_list                  |                                                  | L-- -------- -------- ----- .-. | L-- -------- -------- ----- !-!
lms_certificates:checked_list                | uuid=checked.uuid                                | L-- -------- -------- ----- a-- | Lmm mmmmmmmm mmmmmmmm mmmmm mmm
lms_certificates:checked_list_csv            | uuid=checked.uuid                                | L-- -------- -------- ----- a-- | Lmm mmmmmmmm mmmmmmmm mmmmm mmm
lms_certificates:checked_list_xlsx           | uuid=checked.uuid                                | L-- -------- -------- ----- a-- | Lmm mmmmmmmm mmmmmmmm mmmmm mmm
lms_certificates:find_person                 |                                                  | L-- -------- -------- ----- a-. | L-- -------- -------- ----- !-!
lms_certificates:person                      | uuid=looked_up.uuid                              | L-- -------- -------- ----- a-- | Lmm mmmmmmmm mmmmmmmm mmmmm mmm
lms_certificates:register                    |                                                  | L-- --..--.. ..------ ----- .-. | Lmm mmmmmmmm mmmmmmmm mmmmm mmm
lms_certificates:register_export             |                                                  | L-- --..--.. ..------ ----- .-. | Lmm mmmmmmmm mmmmmmmm mmmmm mmm
lms_certificates:register_checker            |                                                  | L-- --..--.. ..------ ----- .-. | Lmm mmmmmmmm mmmmmmmm mmmmm mmm
lms_courses_admin:archive                    | pk=a.course.pk                                   | Lxx --a----- -------- x---- --a | Lxx --+----- -------- x---- --+
lms_courses_admin:archive_file               | pk=a.course.pk                                   | Lxx --.----- -------- x---- --- | Lxx mmmmmmmm mmmmmmmm xmmmm mmm
lms_courses_admin:import_course              |                                                  | Lxx xx..xxxx xxxxxxxx xxxxx xx. | Lxx xx!!xxxx xxxxxxxx xxxxx xx!
lms_courses_admin:import_report              | token=sent_in                                    | Lxx --a----- -------- x---- --- | Lxx --+----- -------- x---- ---
lms_courses_admin:waive                      |                                                  | Lxx mmmmmmmm mmmmmmmm xmmmm mmm | Lxx -------- -------- x---- ---
lms-templates:index                          |                                                  | Lxx xx..xx.. ..xxxxxx xxxxx xx. | Lxx xx--xx-- --xxxxxx xxxxx xx-
lms-templates:edit                           | pk=design.pk                                     | Lxx xxa-xxa- a-xxxxxx xxxxx xxa | Lxx xx!-xx!- !-xxxxxx xxxxx xx!
lms-templates:sample                         | pk=design.pk                                     | Lxx xxa-xxa- a-xxxxxx xxxxx xxa | Lxx xx!-xx!- !-xxxxxx xxxxx xx!
lms-templates:put_in_force                   | pk=design.pk                                     | Lxx xxmmxxmm mmxxxxxx xxxxx xxm | Lxx xx>-xx+- >-xxxxxx xxxxx xx>
lms-templates:drop                           | pk=design.pk                                     | Lxx xxmmxxmm mmxxxxxx xxxxx xxm | Lxx xx+-xx+- +-xxxxxx xxxxx xx+
lms-api-tokens:index                         |                                                  | Lxx xxxxxxxx xxxxxxxx xxxxx xx. | Lxx xxxxxxxx xxxxxxxx xxxxx xx!
lms-api-tokens:revoke                        | pk=token.pk                                      | Lxx xxxxxxxx xxxxxxxx xxxxx xxm | Lxx xxxxxxxx xxxxxxxx xxxxx xx+
lms_certificates_api:describe                |                                                  | ... ........ ........ ..... ... | mmm mmmmmmmm mmmmmmmm mmmmm mmm
lms_certificates_api:one                     | code=certificate.code                            | ... ........ ........ ..... ... | mmm mmmmmmmm mmmmmmmm mmmmm mmm
lms_certificates_api:batch                   |                                                  | mmm mmmmmmmm mmmmmmmm mmmmm mmm | kkk kkkkkkkk kkkkkkkk kkkkk kkk
lms_certificates_api:person                  |                                                  | mmm mmmmmmmm mmmmmmmm mmmmm mmm | kkk kkkkkkkk kkkkkkkk kkkkk kkk
lms_certificates_api:checkpoint              |                                                  | ... ........ ........ ..... ... | mmm mmmmmmmm mmmmmmmm mmmmm mmm
lms_certificates_api:export                  |                                                  | kkk kkkkkkkk kkkkkkkk kkkkk kkk | mmm mmmmmmmm mmmmmmmm mmmmm mmm
lms-certificates:inspect                     | pk=certificate.pk                                | Lxx xxa-xxa- a-xxxxxx xxxxx xxa | Lxx xxm-xxm- m-xxxxxx xxxxx xxm
lms-certificates:revoke                      | pk=certificate.pk                                | Lxx xxa-xxa- x-xxxxxx xxxxx xxa | Lxx xx>-xx>- x-xxxxxx xxxxx xx>
lms-certificates:supersede                   | pk=certificate.pk                                | Lxx xxa-xxa- x-xxxxxx xxxxx xxa | Lxx xx>-xx>- x-xxxxxx xxxxx xx>
lms-issuers:edit                             | pk=a.issuer.pk                                   | Lxx xxx-xxx- .-xxxxxx xxxxx xx. | Lxx xxx-xxx- .-xxxxxx xxxxx xx.
lms-issuers:history                          | pk=a.issuer.pk                                   | Lxx xxx-xxx- .-xxxxxx xxxxx xx. | Lxx xxx-xxx- m-xxxxxx xxxxx xxm
lms-issuers:history_results                  | pk=a.issuer.pk                                   | Lxx xxx-xxx- .-xxxxxx xxxxx xx. | Lxx xxx-xxx- m-xxxxxx xxxxx xxm
lms-issuers:usage                            | pk=a.issuer.pk                                   | Lxx xxx-xxx- .-xxxxxx xxxxx xx. | Lxx xxx-xxx- m-xxxxxx xxxxx xxm
lms-rulesets:inspect                         | pk=ruleset.pk                                    | Lxx xx..xx.. ..xxxx.. xxxxx xx. | Lxx xxxxxxxx xxxxxx++ xxxxx xx+
lms-persons:delete                           | pk=cast.lan.pk                                   | Lxx xx--xxxx --xx---- xx-x- xxx | Lxx xx--xxxx --xx---- xx-x- xxx
lms-persons:history                          | pk=cast.lan.pk                                   | Lxx xx--xxxx --xx---- xx-x- xxa | Lxx xx--xxxx --xx---- xx-x- xxm
lms-persons:history_results                  | pk=cast.lan.pk                                   | Lxx xx--xxxx --xx---- xx-x- xx. | Lxx xx--xxxx --xx---- xx-x- xxm
lms-facilities:delete                        | pk=a.facility.pk                                 | Lxx xxx-xxxx x-xxxxx- xxxxx x-x | Lxx xxx-xxxx x-xxxxx- xxxxx x-x
lms-facilities:history                       | pk=a.facility.pk                                 | Lxx xxx-xxxx .-xxxx.- xxxxx x-. | Lxx xxx-xxxx m-xxxxm- xxxxx x-m
lms-facilities:history_results               | pk=a.facility.pk                                 | Lxx xxx-xxxx .-xxxx.- xxxxx x-. | Lxx xxx-xxxx m-xxxxm- xxxxx x-m
lms-sites:delete                             | pk=cast.site_bac_ha.pk                           | Lxx xx--xxxx --xxxx-- xx-xx xxx | Lxx xx--xxxx --xxxx-- xx-xx xxx
lms-sites:history                            | pk=cast.site_bac_ha.pk                           | Lxx xx--xxxx --xxxx-- x.-xx xx. | Lxx xx--xxxx --xxxx-- xm-xx xxm
lms-sites:history_results                    | pk=cast.site_bac_ha.pk                           | Lxx xx--xxxx --xxxx-- x.-xx xx. | Lxx xx--xxxx --xxxx-- xm-xx xxm
lms_person_chooser:create                    |                                                  | Lxx -------- -------- x---- --- | Lxx -------- -------- x---- ---
lms_facility_chooser:create                  |                                                  | Lxx -------- -------- x---- --- | Lxx -------- -------- x---- ---
lms_content_quizzes:add                      |                                                  | Lxx ababxxxx xxxxxxxx xxxxx xx* | Lxx ....xxxx xxxxxxxx xxxxx xx.
lms_content_quizzes:edit                     | pk=a.posttest.pk                                 | Lxx a-a-x-xx x-xxxxxx xxxxx xxa | Lxx .-.-x-xx x-xxxxxx xxxxx xx.
lms_content_checklists:add                   |                                                  | Lxx ....xxxx xxxxxxxx xxxxx xx. | Lxx ....xxxx xxxxxxxx xxxxx xx.
lms_content_checklists:edit                  | pk=a.checklist.pk                                | Lxx a-a-x-xx x-xxxxxx xxxxx xxa | Lxx .-.-x-xx x-xxxxxx xxxxx xx.
lms_content_surveys:add                      |                                                  | Lxx ....xxxx xxxxxxxx xxxxx xx. | Lxx ....xxxx xxxxxxxx xxxxx xx.
lms_content_surveys:edit                     | pk=a.survey.pk                                   | Lxx a-a-x-xx x-xxxxxx xxxxx xxa | Lxx .-.-x-xx x-xxxxxx xxxxx xx.
lms_content_choose_video:create              |                                                  | Lxx -------- -------- x---- --- | Lxx -------- -------- x---- ---
lms_content_choose_quiz:create               |                                                  | Lxx -------- -------- x---- --- | Lxx -------- -------- x---- ---
lms_content_choose_checklist:create          |                                                  | Lxx -------- -------- x---- --- | Lxx -------- -------- x---- ---
lms_content_choose_survey:create             |                                                  | Lxx -------- -------- x---- --- | Lxx -------- -------- x---- ---
lms_content:video                            | uuid=a.video.uuid version=:1 kind=:240p          | -.- .-.-.--- .------- ----- --. | mmm mmmmmmmm mmmmmmmm mmmmm mmm
lms_content:playlist                         | uuid=a.video.uuid version=:1 kind=:240p          | -.- .-.-.--- .------- ----- --. | mmm mmmmmmmm mmmmmmmm mmmmm mmm
lms_content:part                             | uuid=a.video.uuid version=:1 kind=:240p number=:2 | -.- .-.-.--- .------- ----- --. | mmm mmmmmmmm mmmmmmmm mmmmm mmm
lms_content:piece                            | uuid=a.video.uuid version=:1 kind=:240p number=:1 | -.- .-.-.--- .------- ----- --. | mmm mmmmmmmm mmmmmmmm mmmmm mmm
lms_content:slide                            | uuid=a.video.uuid version=:1 place=:1             | -.- .-.-.--- .------- ----- --. | mmm mmmmmmmm mmmmmmmm mmmmm mmm
lms_content:document                         | pk=document.pk                                   | --- a-a----- a------- ----- --a | mmm mmmmmmmm mmmmmmmm mmmmm mmm
lms_content:figure                           | pk=image.pk                                      | --- -------- -------- ----- --- | mmm mmmmmmmm mmmmmmmm mmmmm mmm
lms_content:library                          | name=:images/hinh-a.gif                          | --- -------- -------- ----- --- | mmm mmmmmmmm mmmmmmmm mmmmm mmm
lms-logins:index                             |                                                  | Lxx xxxxxxxx ..xxxx.. xxxxx xx* | Lxx xxxxxxxx mmxxxxmm xxxxx xxm
lms-logins:index_results                     |                                                  | Lxx xxxxxxxx ..xxxx.. xxxxx xx* | Lxx xxxxxxxx mmxxxxmm xxxxx xxm
lms-logins:desk                              | pk=cast.ung.user.pk                              | Lxx xxxxxxxx .-xxxx.- xxxxx xx. | Lxx xxxxxxxx !-xxxx!- xxxxx xx!
lms-persons:invite                           | pk=cast.lan.pk                                   | Lxx xx--xxxx --xx---- xa-x- xxa | Lxx xx--xxxx --xx---- x>-x- xx>
lms-facilities:rename                        | pk=a.facility.pk                                 | Lxx xxx-xxxx .-xxxx.- xxxxx x-. | Lxx xxx-xxxx !-xxxx!- xxxxx x-!
lms-facilities:move                          | pk=a.facility.pk                                 | Lxx xxx-xxxx x-xxxx.- xxxxx x-. | Lxx xxx-xxxx x-xxxx!- xxxxx x-!
lms-facilities:merge                         | pk=a.facility.pk                                 | Lxx xxx-xxxx x-xxxx.- xxxxx x-. | Lxx xxx-xxxx x-xxxx!- xxxxx x-!
lms-imports:index                            |                                                  | Lxx xx..xxxx ..xxxx.. xxxxx xx. | Lxx xxmmxxxx mmxxxxmm xxxxx xxm
lms-imports:index_results                    |                                                  | Lxx xx..xxxx ..xxxx.. xxxxx xx. | Lxx xxmmxxxx mmxxxxmm xxxxx xxm
lms-imports:add                              |                                                  | Lxx xx..xxxx ..xxxx.. xxxxx xx. | Lxx xx..xxxx ..xxxx.. xxxxx xx.
lms-imports:template                         | kind=:people                                     | Lxx xx..xxxx ..xxxx.. xxxxx xx. | Lxx mmmmmmmm mmmmmmmm xmmmm mmm
lms-duplicates:index                         |                                                  | Lxx xx..xxxx ..xxxx.. xxxxx xx. | Lxx xxmmxxxx mmxxxxmm xxxxx xxm
lms:claim                                    |                                                  | L.. ........ ........ ..... ... | L!! !!!!!!!! !!!!!!!! !!!!! !!!
lms:claim_done                               |                                                  | L.. ........ ........ ..... ... | Lmm mmmmmmmm mmmmmmmm mmmmm mmm
lms:inbox                                    |                                                  | La. ........ ........ ..... ... | Lmm mmmmmmmm mmmmmmmm mmmmm mmm
lms:opened                                   | pk=message.pk                                    | Lmm mmmmmmmm mmmmmmmm mmmmm mmm | L+- -------- -------- ----- ---
lms:all_read                                 | ?of=told.pk                                      | Lmm mmmmmmmm mmmmmmmm mmmmm mmm | L++ ++++++++ ++++++++ +++++ +++
lms:wishes                                   |                                                  | L.. ........ ........ ..... ... | L++ ++++++++ ++++++++ +++++ +++
lms:stop                                     | token=stop_token                                 | ... ........ ........ ..... ... | ... ........ ........ ..... ...
lms-words:index                              |                                                  | Lxx xxxxxxxx xxxxxxxx xxxxx xx. | Lxx xxxxxxxx xxxxxxxx xxxxx xxm
lms-words:edit                               | event=:data-request language=:vi                 | Lxx xxxxxxxx xxxxxxxx xxxxx xx. | Lxx xxxxxxxx xxxxxxxx xxxxx xx!
lms_courses:go                               | pk=enrolment.pk                                  | L>- -------- -------- ----- --- | mmm mmmmmmmm mmmmmmmm mmmmm mmm
lms_courses:go_lesson                        | pk=enrolment.pk lesson=open.lessons.pretest.pk   | L>- -------- -------- ----- --- | mmm mmmmmmmm mmmmmmmm mmmmm mmm
lms_courses:thread                           | pk=enrolment.pk lesson=open.lessons.pretest.pk   | La- -------- -------- ----- --- | Lmm mmmmmmmm mmmmmmmm mmmmm mmm
lms_courses:ask                              | pk=enrolment.pk lesson=open.lessons.pretest.pk   | Lmm mmmmmmmm mmmmmmmm mmmmm mmm | L!- -------- -------- ----- ---
lms_courses:report_post                      | pk=enrolment.pk post=question.pk                 | Lmm mmmmmmmm mmmmmmmm mmmmm mmm | L>- -------- -------- ----- ---
lms_courses:take_post_back                   | pk=enrolment.pk post=question.pk                 | Lmm mmmmmmmm mmmmmmmm mmmmm mmm | L+- -------- -------- ----- ---
lms_courses_admin:talk                       | pk=open.course.pk                                | Lxx a-a----- -------- x---- --a | Lxx mmmmmmmm mmmmmmmm xmmmm mmm
lms_courses_admin:announce                   | pk=open.course.pk                                | Lxx mmmmmmmm mmmmmmmm xmmmm mmm | Lxx !-!----- -------- x---- --!
lms_courses_admin:answer                     | pk=question.pk                                   | Lxx mmmmmmmm mmmmmmmm xmmmm mmm | Lxx !-!----- -------- x---- --!
lms_courses_admin:moderate                   | pk=question.pk                                   | Lxx mmmmmmmm mmmmmmmm xmmmm mmm | Lxx >->----- -------- x---- -->
lms_courses_admin:lock                       | pk=open.run.pk lesson=open.lessons.pretest.pk    | Lxx mmmmmmmm mmmmmmmm xmmmm mmm | Lxx >->----- -------- x---- -->
"""


def _row(line: str) -> tuple[str, Row]:
    name, words, *letters = (part.strip() for part in line.split("|"))
    return name, Row(words, *("".join(part.split()) for part in letters))


MATRIX = dict(_row(line) for line in TABLE.strip().splitlines())

LOOKS = """
lms-persons:invite lms-duplicates:index lms-duplicates:pair
lms_courses_admin:course
lms_courses_admin:newer
lms_courses_admin:learner
lms_courses_admin:talk
lms_courses_admin:reviews
lms_courses_admin:review
lms-persons:index
lms-persons:index_results
lms-persons:inspect
lms-persons:edit
lms-persons:usage
lms-persons:history
lms-persons:history_results
lms-roles:index
lms-roles:index_results
lms-roles:end
lms_person_chooser:choose
lms_person_chooser:choose_results
lms_person_chooser:chosen
lms-logins:index
lms-logins:index_results
lms-logins:desk
lms-data-requests:index
lms-data-requests:index_results
lms-data-requests:inspect
lms-accesses:index
lms-accesses:index_results
lms-certificates:index
lms-certificates:index_results
lms-certificates:inspect
lms-certificates:revoke
lms-certificates:supersede
lms-waiting:index
lms_certificates:download
lms_certificates:evidence
lms_certificates:build_batch
lms_certificates:build_by_person
lms_certificates:batch
lms_certificates:batch_draft
lms_certificates:book
lms_certificates:checked_list
lms_certificates:checked_list_csv
lms_certificates:checked_list_xlsx
lms_certificates:person
lms_courses_admin:class
lms_courses_admin:export_xlsx
lms_courses_admin:export_csv
lms_courses:approvals
lms_courses:people
lms_courses:attendance
lms_courses:edit_programme
lms_courses:excuses
lms_courses:excuse_paper
lms_courses:room_excuses
lms_courses:report
lms_courses:room
lms_courses:sheet_pdf
lms_courses:sheet_scan
lms_courses:sheet_picture
lms_courses:skills
lms_courses:observe
"""
"""Where staff are shown somebody else's data: that they looked is recorded by looking."""

WRITES_ON_GET = {
    **{name: {"lms_accesslog"} for name in LOOKS.split()},
    # That a code was asked about, not by whom.
    "lms_certificates_public:verify": {"lms_certificates_lookup"},
    "lms_certificates_api:one": {"lms_certificates_lookup"},
    # Every look at a case and its pictures is noted.
    "lms_courses:case": {"lms_courses_caselook", "lms_accesslog"},
    "lms_courses:edit_case": {"lms_courses_caselook", "lms_accesslog"},
    "lms_courses:case_picture": {"lms_courses_caselook"},
}
"""The only addresses where looking writes, and what."""
