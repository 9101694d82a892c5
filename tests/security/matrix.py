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
lms_courses_admin:index                      |                                                  | LLL.....L....... | LLLmmmmmLmmmmmmm
lms_courses_admin:course                     | pk=a.course.pk                                   | LLL.-.-.L--.---. | LLLmmmmmLmmmmmmm
lms_courses_admin:rules                      | pk=a.course.pk                                   | LLLmmmmmLmmmmmmm | LLL!-!--L------!
lms_courses_admin:submit                     | pk=a.course.pk                                   | LLLmmmmmLmmmmmmm | LLL>->--L------>
lms_courses_admin:assign                     | pk=a.course.pk                                   | LLLmmmmmLmmmmmmm | LLL>->--L------>
lms_courses_admin:end_staff                  | pk=a.course.staff.first.pk                       | LLLmmmmmLmmmmmmm | LLL>->--L------>
lms_courses_admin:ask_changes                | pk=submitted.pk                                  | LLLmmmmmLmmmmmmm | LLL---->L------>
lms_courses_admin:appraise                   | pk=submitted.pk                                  | LLLmmmmmLmmmmmmm | LLL---->L------>
lms_courses_admin:issue                      | pk=submitted.pk                                  | LLLmmmmmLmmmmmmm | LLL--!--L------!
lms_courses_admin:open_run                   | pk=a.release.pk                                  | LLLmmmmmLmmmmmmm | LLL--!--L------!
lms_courses_admin:close_run                  | pk=a.run.pk                                      | LLLmmmmmLmmmmmmm | LLL-->--L------>
lms_courses_admin:learner                    | pk=enrolment.pk                                  | LLL.-.--L--.---. | LLLmmmmmLmmmmmmm
lms-certificates:index                       |                                                  | LLLxx..xLxx..xx. | LLLxxmmxLxxmmxxm
lms-certificates:index_results               |                                                  | LLLxx..xLxx..xx. | LLLxxmmxLxxmmxxm
lms-waiting:index                            |                                                  | LLLxx..xLxx..xx. | LLLxx>>xLxx>>xx>
lms-issuers:index                            |                                                  | LLLxx..xLxx..xx. | LLLxxmmxLxxmmxxm
lms-issuers:index_results                    |                                                  | LLLxx..xLxx..xx. | LLLxxmmxLxxmmxxm
lms-issuers:add                              |                                                  | LLLxxxxxLxxxxxx. | LLLxxxxxLxxxxxx.
lms-rulesets:index                           |                                                  | LLLxx..xLxx..xx. | LLLxxmmxLxxmmxxm
lms-rulesets:index_results                   |                                                  | LLLxx..xLxx..xx. | LLLxxmmxLxxmmxxm
lms-persons:index                            |                                                  | LLLxx..xL..xxx.. | LLLxxmmxLmmxxxmm
lms-persons:index_results                    |                                                  | LLLxx..xL..xxx.. | LLLxxmmxLmmxxxmm
lms-persons:add                              |                                                  | LLLxx..xLxxxxxx. | LLLxx..xLxxxxxx.
lms-persons:edit                             | pk=cast.lan.pk                                   | LLL-----Lx----x. | LLL-----Lx----x.
lms-persons:usage                            | pk=cast.lan.pk                                   | LLL-----Lx----x. | LLL-----Lx----xm
lms-persons:inspect                          | pk=cast.lan.pk                                   | LLL-----L.----.. | LLL-----Lm----mm
lms-facilities:index                         |                                                  | LLL.....L....... | LLLmmmmmLmmmmmmm
lms-facilities:index_results                 |                                                  | LLL.....L....... | LLLmmmmmLmmmmmmm
lms-facilities:add                           |                                                  | LLLxxxxxLxxxxxx. | LLLxxxxxLxxxxxx.
lms-facilities:edit                          | pk=a.facility.pk                                 | LLLx-x-xL--x---. | LLLx-x-xL--x---.
lms-facilities:usage                         | pk=a.facility.pk                                 | LLLx-x-xL--x---. | LLLx-x-xL--x---m
lms-sites:index                              |                                                  | LLL.....L....... | LLLmmmmmLmmmmmmm
lms-sites:index_results                      |                                                  | LLL.....L....... | LLLmmmmmLmmmmmmm
lms-sites:add                                |                                                  | LLLxx..xLxxxxxx. | LLLxx..xLxxxxxx.
lms-sites:edit                               | pk=cast.site_bac_ha.pk                           | LLL-----L.---xx. | LLL-----L.---xx.
lms-sites:usage                              | pk=cast.site_bac_ha.pk                           | LLL-----L.---xx. | LLL-----Lm---xxm
lms-roles:index                              |                                                  | LLLxxxxxLxxxxxx. | LLLxxxxxLxxxxxxm
lms-roles:index_results                      |                                                  | LLLxxxxxLxxxxxx. | LLLxxxxxLxxxxxxm
lms-roles:add                                |                                                  | LLLxxxxxLxxxxxx. | LLLxxxxxLxxxxxx.
lms-roles:end                                | pk=cast.ung.user.role_assignments.first.pk       | LLL-----L------. | LLL-----L------>
lms_person_chooser:choose                    |                                                  | LLL.....L....... | LLLmmmmmLmmmmmmm
lms_person_chooser:choose_results            |                                                  | LLL.....L....... | LLLmmmmmLmmmmmmm
lms_person_chooser:chosen                    | pk=cast.lan.pk                                   | LLL-----L.-----. | LLL-----Lm-----m
lms_person_chooser:chosen_multiple           |                                                  | LLL.....L....... | LLLmmmmmLmmmmmmm
lms_facility_chooser:choose                  |                                                  | LLL.....L....... | LLLmmmmmLmmmmmmm
lms_facility_chooser:choose_results          |                                                  | LLL.....L....... | LLLmmmmmLmmmmmmm
lms_facility_chooser:chosen                  | pk=a.facility.pk                                 | LLL.-.-.L--.---. | LLLm-m-mL--m---m
lms_facility_chooser:chosen_multiple         |                                                  | LLL.....L....... | LLLmmmmmLmmmmmmm
lms-jobs:index                               |                                                  | LLLxxxxxLxxxxxx. | LLLxxxxxLxxxxxxm
lms-jobs:index_results                       |                                                  | LLLxxxxxLxxxxxx. | LLLxxxxxLxxxxxxm
lms-jobs:inspect                             | pk=job.pk                                        | LLLxxxxxLxxxxxx. | LLLxxxxxLxxxxxx>
wagtailusers_users:index                     |                                                  | LLLxxxxxLxxxxxx. | LLLxxxxxLxxxxxxm
wagtailusers_users:index_results             |                                                  | LLLxxxxxLxxxxxx. | LLLxxxxxLxxxxxxm
wagtailusers_users:add                       |                                                  | LLLxxxxxLxxxxxx. | LLLxxxxxLxxxxxx.
wagtailusers_users:edit                      | pk=cast.lan.user.pk                              | LLLxxxxxLxxxxxx. | LLLxxxxxLxxxxxx.
wagtailusers_users:delete                    | pk=cast.lan.user.pk                              | LLLxxxxxLxxxxxx. | LLLxxxxxLxxxxxx>
wagtailusers_users:history                   | pk=cast.lan.user.pk                              | LLLxxxxxLxxxxxx. | LLLxxxxxLxxxxxxm
wagtailusers_users:history_results           | pk=cast.lan.user.pk                              | LLLxxxxxLxxxxxx. | LLLxxxxxLxxxxxxm
wagtailusers_users:usage                     | pk=cast.lan.user.pk                              | LLLxxxxxLxxxxxx. | LLLxxxxxLxxxxxxm
wagtailusers_users:copy                      | pk=cast.lan.user.pk                              | LLLxxxxxLxxxxxx. | LLLxxxxxLxxxxxx.
lms_content_videos:index                     |                                                  | LLL.....Lxxxxxx. | LLLmmmmmLxxxxxxm
lms_content_videos:index_results             |                                                  | LLL.....Lxxxxxx. | LLLmmmmmLxxxxxxm
lms_content_videos:add                       |                                                  | LLL....xLxxxxxx. | LLL....xLxxxxxx.
lms_content_videos:edit                      | pk=a.video.pk                                    | LLL.-.-xL------. | LLL.-.-xL------.
lms_content_videos:show                      | pk=a.video.pk                                    | LLL.-.-.L------. | LLLm-m-mL------m
lms_content_videos:progress                  | pk=a.video.pk                                    | LLL.-.-.L------. | LLLm-m-mL------m
lms_content_videos:again                     | pk=a.video.pk                                    | LLLm-m-xL------m | LLL>->-xL------>
lms_content_questions:index                  |                                                  | LLL.....Lxxxxxx. | LLLmmmmmLxxxxxxm
lms_content_questions:index_results          |                                                  | LLL.....Lxxxxxx. | LLLmmmmmLxxxxxxm
lms_content_questions:add                    |                                                  | LLL....xLxxxxxx. | LLL....xLxxxxxx.
lms_content_questions:edit                   | pk=a.questions.0.pk                              | LLL.-.-xL------. | LLL.-.-xL------.
lms_content_questions:show                   | pk=a.questions.0.pk                              | LLL.-.-.L------. | LLLm-m-mL------m
lms_content_questions:approve                | pk=a.questions.0.pk                              | LLLm-m-mL------m | LLL>->->L------>
lms_content_questions:ask_review             | pk=a.questions.0.pk                              | LLLm-m-xL------m | LLL>->-xL------>
lms_content_questions:retire                 | pk=a.questions.0.pk                              | LLLm-m-xL------m | LLL>->-xL------>
lms_content_quizzes:index                    |                                                  | LLL.....Lxxxxxx. | LLLmmmmmLxxxxxxm
lms_content_quizzes:index_results            |                                                  | LLL.....Lxxxxxx. | LLLmmmmmLxxxxxxm
lms_content_checklists:index                 |                                                  | LLL.....Lxxxxxx. | LLLmmmmmLxxxxxxm
lms_content_checklists:index_results         |                                                  | LLL.....Lxxxxxx. | LLLmmmmmLxxxxxxm
lms_content_surveys:index                    |                                                  | LLL.....Lxxxxxx. | LLLmmmmmLxxxxxxm
lms_content_surveys:index_results            |                                                  | LLL.....Lxxxxxx. | LLLmmmmmLxxxxxxm
lms_content_guidelines:index                 |                                                  | LLL.....L....... | LLLmmmmmLmmmmmmm
lms_content_guidelines:index_results         |                                                  | LLL.....L....... | LLLmmmmmLmmmmmmm
lms_content_guidelines:add                   |                                                  | LLLxx..xLxxxxxx. | LLLxx..xLxxxxxx.
lms_content_guidelines:edit                  | pk=guideline.pk                                  | LLLxx..xLxxxxxx. | LLLxx..xLxxxxxx.
lms_content_choose_video:choose              |                                                  | LLL.....L....... | LLLmmmmmLmmmmmmm
lms_content_choose_video:choose_results      |                                                  | LLL.....L....... | LLLmmmmmLmmmmmmm
lms_content_choose_video:chosen              | pk=a.video.pk                                    | LLL.-.--L------. | LLLm-m--L------m
lms_content_choose_video:chosen_multiple     |                                                  | LLL.....L....... | LLLmmmmmLmmmmmmm
lms_content_choose_quiz:choose               |                                                  | LLL.....L....... | LLLmmmmmLmmmmmmm
lms_content_choose_quiz:choose_results       |                                                  | LLL.....L....... | LLLmmmmmLmmmmmmm
lms_content_choose_quiz:chosen               | pk=a.posttest.pk                                 | LLL.-.--L------. | LLLm-m--L------m
lms_content_choose_quiz:chosen_multiple      |                                                  | LLL.....L....... | LLLmmmmmLmmmmmmm
lms_content_choose_checklist:choose          |                                                  | LLL.....L....... | LLLmmmmmLmmmmmmm
lms_content_choose_checklist:choose_results  |                                                  | LLL.....L....... | LLLmmmmmLmmmmmmm
lms_content_choose_checklist:chosen          | pk=a.checklist.pk                                | LLL.-.--L------. | LLLm-m--L------m
lms_content_choose_checklist:chosen_multiple |                                                  | LLL.....L....... | LLLmmmmmLmmmmmmm
lms_content_choose_survey:choose             |                                                  | LLL.....L....... | LLLmmmmmLmmmmmmm
lms_content_choose_survey:choose_results     |                                                  | LLL.....L....... | LLLmmmmmLmmmmmmm
lms_content_choose_survey:chosen             | pk=a.survey.pk                                   | LLL.-.--L------. | LLLm-m--L------m
lms_content_choose_survey:chosen_multiple    |                                                  | LLL.....L....... | LLLmmmmmLmmmmmmm
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
lms_certificates:batches                     |                                                  | L----.-----..--. | Lmmmmmmmmmmmmmmm
lms_certificates:build_batch                 | run=a.run.pk                                     | L----.-----.---. | L---->----->--->
lms_certificates:batch                       | pk=batch.pk                                      | L----.-----.---. | L---->----->--->
lms_certificates:check_list                  |                                                  | L------------.-. | L------------!-!
lms_certificates:checked_list                | uuid=checked.uuid                                | L------------.-- | Lmmmmmmmmmmmmmmm
lms_certificates:checked_list_csv            | uuid=checked.uuid                                | L------------.-- | Lmmmmmmmmmmmmmmm
lms_courses_admin:waive                      |                                                  | LLLmmmmmLmmmmmmm | LLL-----L-------
lms-certificates:inspect                     | pk=certificate.pk                                | LLL--.--L--.---. | LLL--m--L--m---m
lms-certificates:revoke                      | pk=certificate.pk                                | LLL--x--L--.---x | LLL--x--L-->---x
lms-certificates:supersede                   | pk=certificate.pk                                | LLL--x--L--.---x | LLL--x--L-->---x
lms-issuers:edit                             | pk=a.issuer.pk                                   | LLL--x--L--x---. | LLL--x--L--x---.
lms-issuers:history                          | pk=a.issuer.pk                                   | LLL--x--L--x---. | LLL--x--L--x---m
lms-issuers:history_results                  | pk=a.issuer.pk                                   | LLL--x--L--x---. | LLL--x--L--x---m
lms-issuers:usage                            | pk=a.issuer.pk                                   | LLL--x--L--x---. | LLL--x--L--x---m
lms-rulesets:inspect                         | pk=ruleset.pk                                    | LLL--..-L--..--. | LLL--xx-L--xx-->
lms-persons:delete                           | pk=cast.lan.pk                                   | LLL-----Lx----x. | LLL-----Lx----xx
lms-persons:history                          | pk=cast.lan.pk                                   | LLL-----Lx----x. | LLL-----Lx----xm
lms-persons:history_results                  | pk=cast.lan.pk                                   | LLL-----Lx----x. | LLL-----Lx----xm
lms-facilities:delete                        | pk=a.facility.pk                                 | LLLx-x-xL--x---. | LLLx-x-xL--x---x
lms-facilities:history                       | pk=a.facility.pk                                 | LLLx-x-xL--x---. | LLLx-x-xL--x---m
lms-facilities:history_results               | pk=a.facility.pk                                 | LLLx-x-xL--x---. | LLLx-x-xL--x---m
lms-sites:delete                             | pk=cast.site_bac_ha.pk                           | LLL-----Lx---xx. | LLL-----Lx---xxx
lms-sites:history                            | pk=cast.site_bac_ha.pk                           | LLL-----L.---xx. | LLL-----Lm---xxm
lms-sites:history_results                    | pk=cast.site_bac_ha.pk                           | LLL-----L.---xx. | LLL-----Lm---xxm
lms_person_chooser:create                    |                                                  | LLLxx..xLxxxxxx. | LLLxx--xLxxxxxx-
lms_facility_chooser:create                  |                                                  | LLLxxxxxLxxxxxx. | LLLxxxxxLxxxxxx-
lms_content_quizzes:add                      |                                                  | LLL....xLxxxxxx. | LLL....xLxxxxxx.
lms_content_quizzes:edit                     | pk=a.posttest.pk                                 | LLL.-.-xL------. | LLL.-.-xL------.
lms_content_checklists:add                   |                                                  | LLL....xLxxxxxx. | LLL....xLxxxxxx.
lms_content_checklists:edit                  | pk=a.checklist.pk                                | LLL.-.-xL------. | LLL.-.-xL------.
lms_content_surveys:add                      |                                                  | LLL....xLxxxxxx. | LLL....xLxxxxxx.
lms_content_surveys:edit                     | pk=a.survey.pk                                   | LLL.-.-xL------. | LLL.-.-xL------.
lms_content_choose_video:create              |                                                  | LLL....xLxxxxxx. | LLL----xLxxxxxx-
lms_content_choose_quiz:create               |                                                  | LLL....xLxxxxxx. | LLL----xLxxxxxx-
lms_content_choose_checklist:create          |                                                  | LLL....xLxxxxxx. | LLL----xLxxxxxx-
lms_content_choose_survey:create             |                                                  | LLL....xLxxxxxx. | LLL----xLxxxxxx-
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
