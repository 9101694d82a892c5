"""Who may enter where: one row per address, one letter per role; ``doors.LETTERS`` explains the letters."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """The arguments of an address (paths into the world) and what each role gets by GET and by POST."""

    arguments: str
    get: str
    post: str


# The columns, in the order of world.ROLES:
#   an le ot tA tB oA oB aA ob c1 c2 sA sB ve of su
TABLE = """
healthz                                      |                                                  | ................ | mmmmmmmmmmmmmmmm
robots                                       |                                                  | ................ | mmmmmmmmmmmmmmmm
lms_courses_admin:index                      |                                                  | Lxx.....x....... | Lxxmmmmmxmmmmmmm
lms_courses_admin:course                     | pk=a.course.pk                                   | Lxx.-.-.x--.---. | Lxxmmmmmxmmmmmmm
lms_courses_admin:rules                      | pk=a.course.pk                                   | Lxxmmmmmxmmmmmmm | Lxx!-!--x------!
lms_courses_admin:submit                     | pk=a.course.pk                                   | Lxxmmmmmxmmmmmmm | Lxx>->--x------>
lms_courses_admin:assign                     | pk=a.course.pk                                   | Lxxmmmmmxmmmmmmm | Lxx>->--x------>
lms_courses_admin:end_staff                  | pk=a.course.staff.first.pk                       | Lxxmmmmmxmmmmmmm | Lxx>->--x------>
lms_courses_admin:ask_changes                | pk=submitted.pk                                  | Lxxmmmmmxmmmmmmm | Lxx---->x------>
lms_courses_admin:appraise                   | pk=submitted.pk                                  | Lxxmmmmmxmmmmmmm | Lxx---->x------>
lms_courses_admin:issue                      | pk=submitted.pk                                  | Lxxmmmmmxmmmmmmm | Lxx--!--x------!
lms_courses_admin:open_run                   | pk=a.release.pk                                  | Lxxmmmmmxmmmmmmm | Lxx--!--x------!
lms_courses_admin:close_run                  | pk=a.run.pk                                      | Lxxmmmmmxmmmmmmm | Lxx-->--x------>
lms_courses_admin:learner                    | pk=enrolment.pk                                  | Lxx.-.--x--.---. | Lxxmmmmmxmmmmmmm
lms-certificates:index                       |                                                  | Lxxxx..xxxx..xx. | Lxxxxmmxxxxmmxxm
lms-certificates:index_results               |                                                  | Lxxxx..xxxx..xx. | Lxxxxmmxxxxmmxxm
lms-waiting:index                            |                                                  | Lxxxx..xxxx..xx. | Lxxxx>>xxxx>>xx>
lms-issuers:index                            |                                                  | Lxxxx..xxxx..xx. | Lxxxxmmxxxxmmxxm
lms-issuers:index_results                    |                                                  | Lxxxx..xxxx..xx. | Lxxxxmmxxxxmmxxm
lms-issuers:add                              |                                                  | Lxxxxxxxxxxxxxx. | Lxxxxxxxxxxxxxx.
lms-rulesets:index                           |                                                  | Lxxxx..xxxx..xx. | Lxxxxmmxxxxmmxxm
lms-rulesets:index_results                   |                                                  | Lxxxx..xxxx..xx. | Lxxxxmmxxxxmmxxm
lms-persons:index                            |                                                  | Lxxxx..xx..xxx.. | Lxxxxmmxxmmxxxmm
lms-persons:index_results                    |                                                  | Lxxxx..xx..xxx.. | Lxxxxmmxxmmxxxmm
lms-persons:add                              |                                                  | Lxxxx..xxxxxxxx. | Lxxxx..xxxxxxxx.
lms-persons:edit                             | pk=cast.lan.pk                                   | Lxx-----xx----x. | Lxx-----xx----x.
lms-persons:usage                            | pk=cast.lan.pk                                   | Lxx-----xx----x. | Lxx-----xx----xm
lms-persons:inspect                          | pk=cast.lan.pk                                   | Lxx-----x.----.. | Lxx-----xm----mm
lms-facilities:index                         |                                                  | Lxx.....x....... | Lxxmmmmmxmmmmmmm
lms-facilities:index_results                 |                                                  | Lxx.....x....... | Lxxmmmmmxmmmmmmm
lms-facilities:add                           |                                                  | Lxxxxxxxxxxxxxx. | Lxxxxxxxxxxxxxx.
lms-facilities:edit                          | pk=a.facility.pk                                 | Lxxx-x-xx--x---. | Lxxx-x-xx--x---.
lms-facilities:usage                         | pk=a.facility.pk                                 | Lxxx-x-xx--x---. | Lxxx-x-xx--x---m
lms-sites:index                              |                                                  | Lxx.....x....... | Lxxmmmmmxmmmmmmm
lms-sites:index_results                      |                                                  | Lxx.....x....... | Lxxmmmmmxmmmmmmm
lms-sites:add                                |                                                  | Lxxxx..xxxxxxxx. | Lxxxx..xxxxxxxx.
lms-sites:edit                               | pk=cast.site_bac_ha.pk                           | Lxx-----x.---xx. | Lxx-----x.---xx.
lms-sites:usage                              | pk=cast.site_bac_ha.pk                           | Lxx-----x.---xx. | Lxx-----xm---xxm
lms-roles:index                              |                                                  | Lxxxxxxxxxxxxxx. | Lxxxxxxxxxxxxxxm
lms-roles:index_results                      |                                                  | Lxxxxxxxxxxxxxx. | Lxxxxxxxxxxxxxxm
lms-roles:add                                |                                                  | Lxxxxxxxxxxxxxx. | Lxxxxxxxxxxxxxx.
lms-roles:end                                | pk=cast.ung.user.role_assignments.first.pk       | Lxx-----x------. | Lxx-----x------>
lms_person_chooser:choose                    |                                                  | Lxx.....x....... | Lxxmmmmmxmmmmmmm
lms_person_chooser:choose_results            |                                                  | Lxx.....x....... | Lxxmmmmmxmmmmmmm
lms_person_chooser:chosen                    | pk=cast.lan.pk                                   | Lxx-----x.-----. | Lxx-----xm-----m
lms_person_chooser:chosen_multiple           |                                                  | Lxx.....x....... | Lxxmmmmmxmmmmmmm
lms_facility_chooser:choose                  |                                                  | Lxx.....x....... | Lxxmmmmmxmmmmmmm
lms_facility_chooser:choose_results          |                                                  | Lxx.....x....... | Lxxmmmmmxmmmmmmm
lms_facility_chooser:chosen                  | pk=a.facility.pk                                 | Lxx.-.-.x--.---. | Lxxm-m-mx--m---m
lms_facility_chooser:chosen_multiple         |                                                  | Lxx.....x....... | Lxxmmmmmxmmmmmmm
lms-jobs:index                               |                                                  | Lxxxxxxxxxxxxxx. | Lxxxxxxxxxxxxxxm
lms-jobs:index_results                       |                                                  | Lxxxxxxxxxxxxxx. | Lxxxxxxxxxxxxxxm
lms-jobs:inspect                             | pk=job.pk                                        | Lxxxxxxxxxxxxxx. | Lxxxxxxxxxxxxxx>
wagtailusers_users:index                     |                                                  | Lxxxxxxxxxxxxxx. | Lxxxxxxxxxxxxxxm
wagtailusers_users:index_results             |                                                  | Lxxxxxxxxxxxxxx. | Lxxxxxxxxxxxxxxm
wagtailusers_users:add                       |                                                  | Lxxxxxxxxxxxxxx. | Lxxxxxxxxxxxxxx.
wagtailusers_users:edit                      | pk=cast.lan.user.pk                              | Lxxxxxxxxxxxxxx. | Lxxxxxxxxxxxxxx.
wagtailusers_users:delete                    | pk=cast.lan.user.pk                              | Lxxxxxxxxxxxxxx. | Lxxxxxxxxxxxxxx>
wagtailusers_users:history                   | pk=cast.lan.user.pk                              | Lxxxxxxxxxxxxxx. | Lxxxxxxxxxxxxxxm
wagtailusers_users:history_results           | pk=cast.lan.user.pk                              | Lxxxxxxxxxxxxxx. | Lxxxxxxxxxxxxxxm
wagtailusers_users:usage                     | pk=cast.lan.user.pk                              | Lxxxxxxxxxxxxxx. | Lxxxxxxxxxxxxxxm
wagtailusers_users:copy                      | pk=cast.lan.user.pk                              | Lxxxxxxxxxxxxxx. | Lxxxxxxxxxxxxxx.
lms_content_videos:index                     |                                                  | Lxx.....xxxxxxx. | Lxxmmmmmxxxxxxxm
lms_content_videos:index_results             |                                                  | Lxx.....xxxxxxx. | Lxxmmmmmxxxxxxxm
lms_content_videos:add                       |                                                  | Lxx....xxxxxxxx. | Lxx....xxxxxxxx.
lms_content_videos:edit                      | pk=a.video.pk                                    | Lxx.-.-xx------. | Lxx.-.-xx------.
lms_content_videos:show                      | pk=a.video.pk                                    | Lxx.-.-.x------. | Lxxm-m-mx------m
lms_content_videos:progress                  | pk=a.video.pk                                    | Lxx.-.-.x------. | Lxxm-m-mx------m
lms_content_videos:again                     | pk=a.video.pk                                    | Lxxm-m-xx------m | Lxx>->-xx------>
lms_content_questions:index                  |                                                  | Lxx.....xxxxxxx. | Lxxmmmmmxxxxxxxm
lms_content_questions:index_results          |                                                  | Lxx.....xxxxxxx. | Lxxmmmmmxxxxxxxm
lms_content_questions:add                    |                                                  | Lxx....xxxxxxxx. | Lxx....xxxxxxxx.
lms_content_questions:edit                   | pk=a.questions.0.pk                              | Lxx.-.-xx------. | Lxx.-.-xx------.
lms_content_questions:show                   | pk=a.questions.0.pk                              | Lxx.-.-.x------. | Lxxm-m-mx------m
lms_content_questions:approve                | pk=a.questions.0.pk                              | Lxxm-m-mx------m | Lxx>->->x------>
lms_content_questions:ask_review             | pk=a.questions.0.pk                              | Lxxm-m-xx------m | Lxx>->-xx------>
lms_content_questions:retire                 | pk=a.questions.0.pk                              | Lxxm-m-xx------m | Lxx>->-xx------>
lms_content_quizzes:index                    |                                                  | Lxx.....xxxxxxx. | Lxxmmmmmxxxxxxxm
lms_content_quizzes:index_results            |                                                  | Lxx.....xxxxxxx. | Lxxmmmmmxxxxxxxm
lms_content_checklists:index                 |                                                  | Lxx.....xxxxxxx. | Lxxmmmmmxxxxxxxm
lms_content_checklists:index_results         |                                                  | Lxx.....xxxxxxx. | Lxxmmmmmxxxxxxxm
lms_content_surveys:index                    |                                                  | Lxx.....xxxxxxx. | Lxxmmmmmxxxxxxxm
lms_content_surveys:index_results            |                                                  | Lxx.....xxxxxxx. | Lxxmmmmmxxxxxxxm
lms_content_guidelines:index                 |                                                  | Lxx.....x....... | Lxxmmmmmxmmmmmmm
lms_content_guidelines:index_results         |                                                  | Lxx.....x....... | Lxxmmmmmxmmmmmmm
lms_content_guidelines:add                   |                                                  | Lxxxx..xxxxxxxx. | Lxxxx..xxxxxxxx.
lms_content_guidelines:edit                  | pk=guideline.pk                                  | Lxxxx..xxxxxxxx. | Lxxxx..xxxxxxxx.
lms_content_choose_video:choose              |                                                  | Lxx.....x....... | Lxxmmmmmxmmmmmmm
lms_content_choose_video:choose_results      |                                                  | Lxx.....x....... | Lxxmmmmmxmmmmmmm
lms_content_choose_video:chosen              | pk=a.video.pk                                    | Lxx.-.--x------. | Lxxm-m--x------m
lms_content_choose_video:chosen_multiple     |                                                  | Lxx.....x....... | Lxxmmmmmxmmmmmmm
lms_content_choose_quiz:choose               |                                                  | Lxx.....x....... | Lxxmmmmmxmmmmmmm
lms_content_choose_quiz:choose_results       |                                                  | Lxx.....x....... | Lxxmmmmmxmmmmmmm
lms_content_choose_quiz:chosen               | pk=a.posttest.pk                                 | Lxx.-.--x------. | Lxxm-m--x------m
lms_content_choose_quiz:chosen_multiple      |                                                  | Lxx.....x....... | Lxxmmmmmxmmmmmmm
lms_content_choose_checklist:choose          |                                                  | Lxx.....x....... | Lxxmmmmmxmmmmmmm
lms_content_choose_checklist:choose_results  |                                                  | Lxx.....x....... | Lxxmmmmmxmmmmmmm
lms_content_choose_checklist:chosen          | pk=a.checklist.pk                                | Lxx.-.--x------. | Lxxm-m--x------m
lms_content_choose_checklist:chosen_multiple |                                                  | Lxx.....x....... | Lxxmmmmmxmmmmmmm
lms_content_choose_survey:choose             |                                                  | Lxx.....x....... | Lxxmmmmmxmmmmmmm
lms_content_choose_survey:choose_results     |                                                  | Lxx.....x....... | Lxxmmmmmxmmmmmmm
lms_content_choose_survey:chosen             | pk=a.survey.pk                                   | Lxx.-.--x------. | Lxxm-m--x------m
lms_content_choose_survey:chosen_multiple    |                                                  | Lxx.....x....... | Lxxmmmmmxmmmmmmm
lms_certificates_public:verify_form          |                                                  | ................ | mmmmmmmmmmmmmmmm
lms_certificates_public:verify               | text=certificate.code                            | ................ | ................
me                                           |                                                  | L............... | Lmmmmmmmmmmmmmmm
account                                      |                                                  | L............... | L...............
workplaces                                   |                                                  | ................ | mmmmmmmmmmmmmmmm
language                                     | code=:en                                         | >>>>>>>>>>>>>>>> | mmmmmmmmmmmmmmmm
privacy                                      |                                                  | ................ | mmmmmmmmmmmmmmmm
styleguide                                   |                                                  | ---------------- | mmmmmmmmmmmmmmmm
demo_role                                    | role=:learner                                    | mmmmmmmmmmmmmmmm | ----------------
lms_content:captions                         | uuid=a.video.uuid version=:1 language=:vi        | ---------------- | mmmmmmmmmmmmmmmm
lms_courses:beat                             |                                                  | mmmmmmmmmmmmmmmm | !!!!!!!!!!!!!!!!
lms_courses:enrol                            | pk=open.run.pk                                   | mmmmmmmmmmmmmmmm | L>>>>>>>>>>>>>>>
lms_courses:withdraw                         | pk=enrolment.pk                                  | mmmmmmmmmmmmmmmm | L>--------------
lms_courses:read                             | pk=enrolment.pk lesson=open.lessons.reading.pk   | mmmmmmmmmmmmmmmm | L>--------------
lms_courses:calendar                         |                                                  | ................ | mmmmmmmmmmmmmmmm
lms_courses:plan_session                     |                                                  | L--....--------. | L--!!!!--------!
lms_courses:hub                              | uuid=open.session.uuid                           | L--.-.---------. | Lmmmmmmmmmmmmmmm
lms_courses:hub_now                          | uuid=open.session.uuid                           | L--.-.---------. | Lmmmmmmmmmmmmmmm
lms_courses:hub_qr                           | uuid=open.session.uuid                           | L--.-.---------. | Lmmmmmmmmmmmmmmm
lms_courses:move_session                     | uuid=open.session.uuid                           | Lmmmmmmmmmmmmmmm | L---------------
lms_courses:attendance                       | uuid=open.session.uuid                           | L--.-.---------. | Lmmmmmmmmmmmmmmm
lms_courses:override                         | uuid=open.session.uuid                           | Lmmmmmmmmmmmmmmm | L---------------
lms_courses:take_back                        | uuid=open.session.uuid pk=presence.pk            | Lmmmmmmmmmmmmmmm | L----!---------!
lms_courses:settle                           | uuid=open.session.uuid                           | Lmmmmmmmmmmmmmmm | L----!---------!
lms_courses:check_in                         | uuid=open.session.uuid                           | L............... | L!!!!!!!!!!!!!!!
lms_courses:rooms                            |                                                  | L--------..----. | Lmmmmmmmmmmmmmmm
lms_courses:join_room                        |                                                  | Lmmmmmmmmmmmmmmm | L---------------
lms_courses:room                             | pk=open.room.pk                                  | L--------.-----. | Lmmmmmmmmmmmmmmm
lms_courses:tick                             | pk=open.room.pk                                  | Lmmmmmmmmmmmmmmm | L---------------
lms_courses:add_stranger                     | pk=open.room.pk                                  | Lmmmmmmmmmmmmmmm | L--------!-----!
lms_courses:attest                           | pk=open.room.pk                                  | Lmmmmmmmmmmmmmmm | L--------!-----!
lms_courses:room_qr                          | pk=open.room.pk                                  | L--------.-----. | Lmmmmmmmmmmmmmmm
lms_courses:room_qr_now                      | pk=open.room.pk                                  | L--------.-----. | Lmmmmmmmmmmmmmmm
lms_courses:room_qr_picture                  | pk=open.room.pk                                  | L--------.-----. | Lmmmmmmmmmmmmmmm
lms_courses:sheet                            | pk=open.room.pk                                  | L--------.-----. | Lmmmmmmmmmmmmmmm
lms_courses:start_attempt                    | pk=enrolment.pk lesson=open.lessons.pretest.pk   | Lmmmmmmmmmmmmmmm | L>--------------
lms_courses:attempt                          | pk=attempt.pk                                    | L.-------------- | L>--------------
lms_courses:answers                          | pk=attempt.pk                                    | Lmmmmmmmmmmmmmmm | L!--------------
lms_courses:review                           | pk=attempt.pk                                    | L.-------------- | Lmmmmmmmmmmmmmmm
lms_courses:submit                           | pk=attempt.pk                                    | Lmmmmmmmmmmmmmmm | L!--------------
lms_courses:result                           | pk=finished_attempt.pk                           | L.-------------- | Lmmmmmmmmmmmmmmm
lms_courses:skills                           |                                                  | L............... | Lmmmmmmmmmmmmmmm
lms_courses:observe                          | pk=enrolment.pk lesson=open.lessons.checklist.pk | L--.----.------- | L--!----!-------
lms_courses:survey                           | pk=enrolment.pk lesson=open.lessons.survey.pk    | L!-------------- | L!--------------
lms_certificates:mine                        |                                                  | L............... | Lmmmmmmmmmmmmmmm
lms_certificates:credits                     |                                                  | L............... | Lmmmmmmmmmmmmmmm
lms_certificates:download                    | uuid=certificate.uuid                            | L.---.-----.---. | Lmmmmmmmmmmmmmmm
lms_certificates:batches                     |                                                  | L----..----..--. | Lmmmmmmmmmmmmmmm
lms_certificates:build_batch                 | run=a.run.pk                                     | L----.-----.---. | L---->----->--->
lms_certificates:batch                       | pk=batch.pk                                      | L----.-----.---. | L---->----->--->
lms_certificates:check_list                  |                                                  | L------------.-. | L------------!-!
lms_certificates:checked_list                | uuid=checked.uuid                                | L------------.-- | Lmmmmmmmmmmmmmmm
lms_certificates:checked_list_csv            | uuid=checked.uuid                                | L------------.-- | Lmmmmmmmmmmmmmmm
lms_courses_admin:waive                      |                                                  | Lxxmmmmmxmmmmmmm | Lxx-----x-------
lms-certificates:inspect                     | pk=certificate.pk                                | Lxx--.--x--.---. | Lxx--m--x--m---m
lms-certificates:revoke                      | pk=certificate.pk                                | Lxx--x--x--.---x | Lxx--x--x-->---x
lms-certificates:supersede                   | pk=certificate.pk                                | Lxx--x--x--.---x | Lxx--x--x-->---x
lms-issuers:edit                             | pk=a.issuer.pk                                   | Lxx--x--x--x---. | Lxx--x--x--x---.
lms-issuers:history                          | pk=a.issuer.pk                                   | Lxx--x--x--x---. | Lxx--x--x--x---m
lms-issuers:history_results                  | pk=a.issuer.pk                                   | Lxx--x--x--x---. | Lxx--x--x--x---m
lms-issuers:usage                            | pk=a.issuer.pk                                   | Lxx--x--x--x---. | Lxx--x--x--x---m
lms-rulesets:inspect                         | pk=ruleset.pk                                    | Lxx--..-x--..--. | Lxx--xx-x--xx-->
lms-persons:delete                           | pk=cast.lan.pk                                   | Lxx-----xx----xx | Lxx-----xx----xx
lms-persons:history                          | pk=cast.lan.pk                                   | Lxx-----xx----x. | Lxx-----xx----xm
lms-persons:history_results                  | pk=cast.lan.pk                                   | Lxx-----xx----x. | Lxx-----xx----xm
lms-facilities:delete                        | pk=a.facility.pk                                 | Lxxx-x-xx--x---x | Lxxx-x-xx--x---x
lms-facilities:history                       | pk=a.facility.pk                                 | Lxxx-x-xx--x---. | Lxxx-x-xx--x---m
lms-facilities:history_results               | pk=a.facility.pk                                 | Lxxx-x-xx--x---. | Lxxx-x-xx--x---m
lms-sites:delete                             | pk=cast.site_bac_ha.pk                           | Lxx-----xx---xxx | Lxx-----xx---xxx
lms-sites:history                            | pk=cast.site_bac_ha.pk                           | Lxx-----x.---xx. | Lxx-----xm---xxm
lms-sites:history_results                    | pk=cast.site_bac_ha.pk                           | Lxx-----x.---xx. | Lxx-----xm---xxm
lms_person_chooser:create                    |                                                  | Lxx-----x------- | Lxx-----x-------
lms_facility_chooser:create                  |                                                  | Lxx-----x------- | Lxx-----x-------
lms_content_quizzes:add                      |                                                  | Lxx....xxxxxxxx. | Lxx....xxxxxxxx.
lms_content_quizzes:edit                     | pk=a.posttest.pk                                 | Lxx.-.-xx------. | Lxx.-.-xx------.
lms_content_checklists:add                   |                                                  | Lxx....xxxxxxxx. | Lxx....xxxxxxxx.
lms_content_checklists:edit                  | pk=a.checklist.pk                                | Lxx.-.-xx------. | Lxx.-.-xx------.
lms_content_surveys:add                      |                                                  | Lxx....xxxxxxxx. | Lxx....xxxxxxxx.
lms_content_surveys:edit                     | pk=a.survey.pk                                   | Lxx.-.-xx------. | Lxx.-.-xx------.
lms_content_choose_video:create              |                                                  | Lxx-----x------- | Lxx-----x-------
lms_content_choose_quiz:create               |                                                  | Lxx-----x------- | Lxx-----x-------
lms_content_choose_checklist:create          |                                                  | Lxx-----x------- | Lxx-----x-------
lms_content_choose_survey:create             |                                                  | Lxx-----x------- | Lxx-----x-------
lms_content:video                            | uuid=a.video.uuid version=:1 kind=:240p          | -.-.-.-.-------. | mmmmmmmmmmmmmmmm
"""


def _row(line: str) -> tuple[str, Row]:
    name, *rest = (part.strip() for part in line.split("|"))
    return name, Row(*rest)


MATRIX = dict(_row(line) for line in TABLE.strip().splitlines())

WRITES_ON_GET = {
    # That somebody looked at another person's data is recorded by looking.
    "lms_courses_admin:learner": {"lms_accesslog"},
    "lms-persons:inspect": {"lms_accesslog"},
    "lms-persons:edit": {"lms_accesslog"},
    "lms-certificates:inspect": {"lms_accesslog"},
    "lms_certificates:download": {"lms_accesslog"},
    # That a code was asked about, not by whom.
    "lms_certificates_public:verify": {"lms_certificates_lookup"},
}
"""The only addresses where looking writes, and what."""
