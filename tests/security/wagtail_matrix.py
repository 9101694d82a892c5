"""Who may enter which door of Wagtail's own: pages, pictures, documents, choosers, reports, bulk actions, API."""

from dataclasses import dataclass

from tests.security.matrix import Row

COLUMNS = ("an", "le", "tA", "tB", "oA", "oB", "gA", "gB", "aA", "c1", "yA", "su")
"""The roles that Wagtail's groups tell apart; ``test_wagtail_doors`` shows that the rest are like "aA"."""


@dataclass(frozen=True)
class Door(Row):
    """A row with its name: one door is asked for several things. "?" is not asked: an empty form of Wagtail's."""

    name: str


# The letters of ``doors.LETTERS`` in the order of COLUMNS; ``python -m tests.security.draw --wagtail`` draws them.
TABLE = """
wagtailadmin_home                                  |  | Lxab........ | Lxmmmmmmmmmm
wagtailadmin_api:pages:listing                     |  | Lxabab.....a | Lxmmmmmmmmmm
wagtailadmin_api:pages:listing                     | ?search=:CHIMYEN | Lx.......... | Lxmmmmmmmmmm
wagtailadmin_api:pages:listing                     | ?child_of=a.page.pk ?for_explorer=:1 | Lxa!a!!!!!!a | Lxmmmmmmmmmm
wagtailadmin_api:pages:detail                      | pk=draft.pk | Lxa-a------a | Lxmmmmmmmmmm
wagtailadmin_api:pages:find                        | ?id=draft.pk | Lx>->------> | Lxmmmmmmmmmm
wagtailadmin_api:pages:action                      | pk=draft.pk action_name=:copy | Lxmmmmmmmmmm | Lxx-.------.
wagtailadmin_api:pages:action                      | pk=draft.pk action_name=:publish | Lxmmmmmmmmmm | Lxx-.------.
wagtailadmin_api:pages:action                      | pk=draft.pk action_name=:delete | Lxmmmmmmmmmm | Lx.-.------.
wagtailadmin_api:documents:listing                 |  | Lxababab...* | Lxmmmmmmmmmm
wagtailadmin_api:documents:detail                  | pk=document.pk | Lxa-a-a----a | Lxmmmmmmmmmm
wagtailadmin_api:documents:find                    | ?id=document.pk | Lx>->->----> | Lxmmmmmmmmmm
wagtailadmin_api:images:listing                    |  | Lxababab...* | Lxmmmmmmmmmm
wagtailadmin_api:images:detail                     | pk=image.pk | Lxa-a-a----a | Lxmmmmmmmmmm
wagtailadmin_api:images:find                       | ?id=image.pk | Lx>->->----> | Lxmmmmmmmmmm
wagtailadmin_explore_root                          |  | Lx>>>>xxxxx. | Lxmmmmxxxxxm
wagtailadmin_explore                               | parent_page_id=a.page.pk | Lxa>a>xxxxxa | Lxmmmmxxxxxm
wagtailadmin_explore_results                       | parent_page_id=a.page.pk | Lxa>a>xxxxxa | Lxmmmmxxxxxm
wagtail_bulk_action                                | app_label=:wagtailcore model_name=:page action=:delete ?id=draft.pk | Lxa-a------a | Lx+>+>>>>>>+
wagtail_bulk_action                                | app_label=:wagtailcore model_name=:page action=:publish ?id=draft.pk | Lxa-a------a | Lx>>+>>>>>>+
wagtail_bulk_action                                | app_label=:wagtailcore model_name=:page action=:move ?id=draft.pk | Lxa-a------a | Lx.-.------.
wagtail_bulk_action                                | app_label=:wagtaildocs model_name=:document action=:delete ?id=document.pk | Lxa-a-a----a | Lx+>+>+>>>>+
wagtail_bulk_action                                | app_label=:wagtailimages model_name=:image action=:add_to_collection ?id=image.pk | Lxa-a-a----a | Lx.-.-.----.
wagtail_bulk_action                                | app_label=:website model_name=:user action=:assign_role ?id=cast.lan.user.pk | Lxxxxxxxxxx. | Lxxxxxxxxxx.
wagtail_bulk_action                                | app_label=:lms model_name=:person action=:delete ?id=cast.lan.pk | Lx---------- | Lx----------
wagtailadmin_pages:add                             | content_type_app_name=:lms_courses content_type_model_name=:lessonpage parent_page_id=a.page.pk | Lx.x.xxxxxx. | Lx?x?xxxxxx?
wagtailadmin_pages:preview_on_add                  | content_type_app_name=:lms_courses content_type_model_name=:lessonpage parent_page_id=a.page.pk | Lx.x.xxxxxx. | Lx.x.xxxxxx.
wagtailadmin_pages:type_use                        | content_type_app_name=:lms_courses content_type_model_name=:lessonpage | Lxababxxxxx* | Lxmmmmxxxxxm
wagtailadmin_pages:type_use_results                | content_type_app_name=:lms_courses content_type_model_name=:lessonpage | Lxababxxxxx* | Lxmmmmxxxxxm
wagtailadmin_pages:choose_parent                   | app_label=:lms_courses model_name=:lessonpage | Lx.>.>...... | Lx..........
wagtailadmin_pages:usage                           | page_id=draft.pk | Lxaxaxxxxxxa | Lxmxmxxxxxxm
wagtailadmin_pages:edit                            | page_id=draft.pk | Lxaxaxxxxxxa | Lx?x?xxxxxx?
wagtailadmin_pages:preview_on_edit                 | page_id=draft.pk | Lx.x.xxxxxx. | Lx.x.xxxxxx.
wagtailadmin_pages:edit                            | page_id=house.pk | Lx.x.xxxxxx. | Lx.x.xxxxxx.
wagtailadmin_pages:preview_on_edit                 | page_id=house.pk | Lx.x.xxxxxx. | Lx.x.xxxxxx.
wagtailadmin_pages:view_draft                      | page_id=draft.pk | Lxaxaxxxxxxa | Lx.x.xxxxxx.
wagtailadmin_pages:add_subpage                     | parent_page_id=a.page.pk | Lx.x.xxxxxx. | Lxmxmxxxxxxm
wagtailadmin_pages:delete                          | page_id=draft.pk | Lxaxaxxxxxxa | Lx+x+xxxxxx+
wagtailadmin_pages:unpublish                       | page_id=a.page.pk | Lxxx.xxxxxx. | Lxxx+xxxxxx+
wagtailadmin_pages:convert_alias                   | page_id=draft.pk | Lx---------- | Lx----------
wagtailadmin_pages:search                          | ?q=:CHIMYEN | Lxababxxxxx* | Lxmmmmxxxxxm
wagtailadmin_pages:search_results                  | ?q=:CHIMYEN | Lxababxxxxx* | Lxmmmmxxxxxm
wagtailadmin_pages:move                            | page_to_move_id=draft.pk | Lxaxaxxxxxxa | Lx.x.xxxxxx.
wagtailadmin_pages:move_confirm                    | page_to_move_id=draft.pk destination_id=b.page.pk | Lx>>>>>>>>>> | Lx>>>>>>>>>>
wagtailadmin_pages:set_page_position               | page_to_move_id=draft.pk | Lxmmmmmmmmmm | Lxxx.xxxxxx.
wagtailadmin_pages:copy                            | page_id=draft.pk | Lxaxaxxxxxxa | Lx?x?xxxxxx?
wagtailadmin_pages:workflow_action                 | page_id=draft.pk action_name=:approve task_state_id=:1 | Lx---------- | Lx----------
wagtailadmin_pages:collect_workflow_action_data    | page_id=draft.pk action_name=:approve task_state_id=:1 | Lx---------- | Lx----------
wagtailadmin_pages:confirm_workflow_cancellation   | page_id=draft.pk | Lx.......... | Lx..........
wagtailadmin_pages:workflow_preview                | page_id=draft.pk task_id=workflow.tasks.first.pk | Lxxxxxxxxxxx | Lxmmmmmmmmmm
wagtailadmin_pages:set_privacy                     | page_id=draft.pk | Lxxx.xxxxxx. | Lxxx.xxxxxx.
wagtailadmin_pages:lock                            | page_id=draft.pk | Lxmmmmmmmmmm | Lxxxxxxxxxx+
wagtailadmin_pages:unlock                          | page_id=draft.pk | Lxmmmmmmmmmm | Lxxxxxxxxxx>
wagtailadmin_pages:revisions_index                 | page_id=draft.pk | Lx>>>>>>>>>> | Lx>>>>>>>>>>
wagtailadmin_pages:revisions_view                  | page_id=draft.pk revision_id=draft.latest_revision.pk | Lxaxaxxxxxxa | Lxmxmxxxxxxm
wagtailadmin_pages:revisions_revert                | page_id=draft.pk revision_id=draft.latest_revision.pk | Lxaxaxxxxxxa | Lx?x?xxxxxx?
wagtailadmin_pages:revisions_unschedule            | page_id=draft.pk revision_id=draft.latest_revision.pk | Lxxxaxxxxxxa | Lxxx+xxxxxx+
wagtailadmin_pages:revisions_compare               | pk=draft.pk revision_id_a=:earliest revision_id_b=:latest | Lxaxaxxxxxxa | Lxmxmxxxxxxm
wagtailadmin_pages:workflow_history                | page_id=draft.pk | Lxaxaxxxxxxa | Lxmxmxxxxxxm
wagtailadmin_pages:workflow_history_detail         | page_id=draft.pk workflow_state_id=:1 | Lx-x-xxxxxx- | Lxmxmxxxxxxm
wagtailadmin_pages:history                         | page_id=draft.pk | Lxaxaxxxxxxa | Lxmxmxxxxxxm
wagtailadmin_pages:history_results                 | page_id=draft.pk | Lx.x.xxxxxx. | Lxmxmxxxxxxm
wagtailadmin_choose_page                           |  | Lx.......... | Lxmmmmmmmmmm
wagtailadmin_choose_page_child                     | parent_page_id=a.page.pk | Lxa.a......a | Lxmmmmmmmmmm
wagtailadmin_choose_page_search                    | ?q=:CHIMYEN | Lxabab.....* | Lxmmmmmmmmmm
wagtailadmin_choose_page_chosen_multiple           | ?id=draft.pk | Lxa.a......a | Lxmmmmmmmmmm
wagtailadmin_choose_page_external_link             |  | Lx.......... | Lx??????????
wagtailadmin_choose_page_email_link                |  | Lx.......... | Lx..........
wagtailadmin_choose_page_phone_link                |  | Lx.......... | Lx..........
wagtailadmin_choose_page_anchor_link               |  | Lx.......... | Lx..........
wagtailadmin_tag_autocomplete                      | ?term=:CHIMYEN | Lx.......... | Lx..........
wagtailadmin_tag_model_autocomplete                | app_name=:taggit model_name=:tag ?term=:CHIMYEN | Lx.......... | Lx..........
wagtailadmin_collections:index                     |  | Lxxxxxxxxxx. | Lxxxxxxxxxxm
wagtailadmin_collections:add                       |  | Lxxxxxxxxxx. | Lxxxxxxxxxx.
wagtailadmin_collections:edit                      | pk=document.collection.pk | Lxxxxxxxxxx. | Lxxxxxxxxxx.
wagtailadmin_collections:delete                    | pk=document.collection.pk | Lx---------. | Lx---------x
wagtailadmin_collections:set_privacy               | collection_id=document.collection.pk | Lxxxxxxxxxx. | Lxxxxxxxxxx.
wagtailadmin_workflows:index                       |  | Lxxxxxxxxxx. | Lxxxxxxxxxxm
wagtailadmin_workflows:index_results               |  | Lxxxxxxxxxx. | Lxxxxxxxxxxm
wagtailadmin_workflows:add                         |  | Lxxxxxxxxxx. | Lxxxxxxxxxx.
wagtailadmin_workflows:enable                      | pk=workflow.pk | Lxmmmmmmmmmm | Lxxxxxxxxxx>
wagtailadmin_workflows:disable                     | pk=workflow.pk | Lxxxxxxxxxx. | Lxxxxxxxxxx+
wagtailadmin_workflows:edit                        | pk=workflow.pk | Lxxxxxxxxxx. | Lxxxxxxxxxx.
wagtailadmin_workflows:usage                       | pk=workflow.pk | Lxxxxxxxxxxa | Lxxxxxxxxxxm
wagtailadmin_workflows:usage_results               | pk=workflow.pk | Lxxxxxxxxxxa | Lxxxxxxxxxxm
wagtailadmin_workflows:remove                      | page_pk=draft.pk | Lxmmmmmmmmmm | Lxxxxxxxxxx>
wagtailadmin_workflows:add_task                    | app_label=:wagtailcore model_name=:groupapprovaltask | Lxxxxxxxxxx. | Lxxxxxxxxxx.
wagtailadmin_workflows:select_task_type            |  | Lxxxxxxxxxx. | Lxxxxxxxxxx.
wagtailadmin_workflows:task_index                  |  | Lxxxxxxxxxx. | Lxxxxxxxxxxm
wagtailadmin_workflows:task_index_results          |  | Lxxxxxxxxxx. | Lxxxxxxxxxxm
wagtailadmin_workflows:edit_task                   | pk=workflow.tasks.first.pk | Lxxxxxxxxxx. | Lxxxxxxxxxx.
wagtailadmin_workflows:disable_task                | pk=workflow.tasks.first.pk | Lxxxxxxxxxx. | Lxxxxxxxxxx+
wagtailadmin_workflows:enable_task                 | pk=workflow.tasks.first.pk | Lxmmmmmmmmmm | Lxxxxxxxxxx>
wagtailadmin_workflows:task_chooser                |  | Lx.......... | Lxmmmmmmmmmm
wagtailadmin_workflows:task_chooser_results        |  | Lx.......... | Lxmmmmmmmmmm
wagtailadmin_workflows:task_chooser_create         |  | Lx.......... | Lx!!!!!!!!!!
wagtailadmin_workflows:task_chosen                 | task_id=workflow.tasks.first.pk | Lx.......... | Lx..........
wagtailadmin_reports:locked_pages                  |  | Lxxxxxxxxxx. | Lxxxxxxxxxxm
wagtailadmin_reports:locked_pages                  | ?export=:xlsx | Lxxxxxxxxxx. | Lxxxxxxxxxxm
wagtailadmin_reports:locked_pages_results          |  | Lxxxxxxxxxx. | Lxxxxxxxxxxm
wagtailadmin_reports:workflow                      |  | Lx....xxxxx. | Lxmmmmxxxxxm
wagtailadmin_reports:workflow_results              |  | Lx....xxxxx. | Lxmmmmxxxxxm
wagtailadmin_reports:workflow_tasks                |  | Lx....xxxxx. | Lxmmmmxxxxxm
wagtailadmin_reports:workflow_tasks_results        |  | Lx....xxxxx. | Lxmmmmxxxxxm
wagtailadmin_reports:site_history                  |  | Lxabab.....* | Lxmmmmmmmmmm
wagtailadmin_reports:site_history                  | ?export=:csv | Lxabab.....* | Lxmmmmmmmmmm
wagtailadmin_reports:site_history                  | ?export=:xlsx | Lxabab.....* | Lxmmmmmmmmmm
wagtailadmin_reports:site_history_results          |  | Lxabab.....* | Lxmmmmmmmmmm
wagtailadmin_reports:aging_pages                   |  | Lx....xxxxx. | Lxmmmmxxxxxm
wagtailadmin_reports:aging_pages                   | ?export=:xlsx | Lx....xxxxx. | Lxmmmmxxxxxm
wagtailadmin_reports:aging_pages_results           |  | Lx....xxxxx. | Lxmmmmxxxxxm
wagtailadmin_reports:page_types_usage              |  | Lxxxxxxxxxxa | Lxxxxxxxxxxm
wagtailadmin_reports:page_types_usage_results      |  | Lxxxxxxxxxxa | Lxxxxxxxxxxm
wagtailadmin_account                               |  | Lx.......... | Lx..........
wagtailadmin_dismissibles                          |  | Lx.......... | Lxmmmmmmmmmm
wagtailadmin_editing_sessions:ping                 | app_label=:lms_courses model_name=:lessonpage object_id=draft.pk session_id=:1 | Lxmmmmmmmmmm | Lx.-.------.
wagtailadmin_editing_sessions:ping                 | app_label=:lms_content model_name=:video object_id=a.video.pk session_id=:1 | Lxmmmmmmmmmm | Lx.-.------.
wagtailadmin_editing_sessions:ping                 | app_label=:lms model_name=:person object_id=cast.lan.pk session_id=:1 | Lxmmmmmmmmmm | Lx---------.
wagtailadmin_editing_sessions:release              | session_id=:1 | Lxmmmmmmmmmm | Lx..........
wagtailadmin_block_preview                         |  | Lx---------- | Lxmmmmmmmmmm
wagtailsettings:edit                               | app_name=:website model_name=:settings | Lx---------- | Lx----------
simple_translation:submit_page_translation         | page_id=draft.pk | Lxaxaxxxxxxa | Lx.x.xxxxxx.
simple_translation:submit_snippet_translation      | app_label=:lms model_name=:person pk=cast.lan.pk | Lx----xxxxx- | Lx----xxxxx-
wagtailsnippets:index                              |  | Lxxxxxxxxxxx | Lxxxxxxxxxxx
wagtaildocs:index                                  |  | Lxabababxxx* | Lxmmmmmmxxxm
wagtaildocs:index                                  | ?q=:CHIMYEN | Lxabababxxx* | Lxmmmmmmxxxm
wagtaildocs:index_results                          |  | Lxabababxxx* | Lxmmmmmmxxxm
wagtaildocs:add                                    |  | Lx......xxx. | Lx......xxx.
wagtaildocs:edit                                   | document_id=document.pk | Lxaxaxaxxxxa | Lx.x.x.xxxx.
wagtaildocs:delete                                 | document_id=document.pk | Lxaxaxaxxxxa | Lx+x+x+xxxx+
wagtaildocs:add_multiple                           |  | Lx......xxx. | Lx!!!!!!xxx!
wagtaildocs:edit_multiple                          | doc_id=document.pk | Lxmmmmmmmmmm | Lx.x.x.xxxx.
wagtaildocs:create_multiple_from_uploaded_document | uploaded_file_id=:1 | Lxmmmmmmmmmm | Lx----------
wagtaildocs:delete_multiple                        | doc_id=document.pk | Lxmmmmmmmmmm | Lx.x.x.xxxx.
wagtaildocs:delete_upload_multiple                 | uploaded_file_id=:1 | Lxmmmmmmmmmm | Lx----------
wagtaildocs:document_usage                         | document_id=document.pk | Lxaxaxaxxxxa | Lxmxmxmxxxxm
wagtailimages:index                                |  | Lxabababxxx* | Lxmmmmmmxxxm
wagtailimages:index                                | ?q=:CHIMYEN | Lxabababxxx* | Lxmmmmmmxxxm
wagtailimages:index_results                        |  | Lxabababxxx* | Lxmmmmmmxxxm
wagtailimages:edit                                 | image_id=image.pk | Lxaxaxaxxxxa | Lx.x.x.xxxx.
wagtailimages:delete                               | image_id=image.pk | Lxaxaxaxxxxa | Lx+x+x+xxxx+
wagtailimages:url_generator                        | image_id=image.pk | Lx------xxx- | Lxmmmmmmxxxm
wagtailimages:url_generator_output                 | image_id=image.pk | Lx------xxx- | Lxmmmmmmxxxm
wagtailimages:preview                              | image_id=image.pk filter_spec=:width-10 | Lx.x.x.xxxx. | Lx.x.x.xxxx.
wagtailimages:add                                  |  | Lx......xxx. | Lx......xxx.
wagtailimages:image_usage                          | image_id=image.pk | Lxaxaxaxxxxa | Lxmxmxmxxxxm
wagtailimages:add_multiple                         |  | Lx......xxx. | Lx!!!!!!xxx!
wagtailimages:edit_multiple                        | image_id=image.pk | Lxmmmmmmmmmm | Lx.x.x.xxxx.
wagtailimages:create_multiple_from_uploaded_image  | uploaded_file_id=:1 | Lxmmmmmmmmmm | Lx----------
wagtailimages:delete_multiple                      | image_id=image.pk | Lxmmmmmmmmmm | Lx.x.x.xxxx.
wagtailimages:delete_upload_multiple               | uploaded_file_id=:1 | Lxmmmmmmmmmm | Lx----------
wagtaillocales:index                               |  | Lxxxxxxxxxx. | Lxxxxxxxxxxm
wagtaillocales:index_results                       |  | Lxxxxxxxxxx. | Lxxxxxxxxxxm
wagtaillocales:add                                 |  | Lxxxxxxxxxx. | Lxxxxxxxxxx.
wagtaillocales:edit                                | pk=draft.locale.pk | Lxxxxxxxxxx. | Lxxxxxxxxxx.
wagtaillocales:delete                              | pk=draft.locale.pk | Lxxxxxxxxxx. | Lxxxxxxxxxx.
wagtaillocales:history                             | pk=draft.locale.pk | Lxxxxxxxxxx. | Lxxxxxxxxxxm
wagtaillocales:history_results                     | pk=draft.locale.pk | Lxxxxxxxxxx. | Lxxxxxxxxxxm
wagtaillocales:usage                               | pk=draft.locale.pk | Lxxxxxxxxxx. | Lxxxxxxxxxxm
wagtailsites:index                                 |  | Lxxxxxxxxxx. | Lxxxxxxxxxxm
wagtailsites:index_results                         |  | Lxxxxxxxxxx. | Lxxxxxxxxxxm
wagtailsites:add                                   |  | Lxxxxxxxxxx. | Lxxxxxxxxxx.
wagtailsites:edit                                  | pk=site.pk | Lxxxxxxxxxx. | Lxxxxxxxxxx.
wagtailsites:delete                                | pk=site.pk | Lxxxxxxxxxx. | Lxxxxxxxxxx+
wagtailsites:history                               | pk=site.pk | Lxxxxxxxxxx. | Lxxxxxxxxxxm
wagtailsites:history_results                       | pk=site.pk | Lxxxxxxxxxx. | Lxxxxxxxxxxm
wagtailsites:usage                                 | pk=site.pk | Lxxxxxxxxxx. | Lxxxxxxxxxxm
wagtailsites:copy                                  | pk=site.pk | Lxxxxxxxxxx. | Lxxxxxxxxxx.
wagtailusers_groups:index                          |  | Lxxxxxxxxxx. | Lxxxxxxxxxxm
wagtailusers_groups:index_results                  |  | Lxxxxxxxxxx. | Lxxxxxxxxxxm
wagtailusers_groups:add                            |  | Lxxxxxxxxxx. | Lxxxxxxxxxx.
wagtailusers_groups:edit                           | pk=group.pk | Lxxxxxxxxxx. | Lxxxxxxxxxx.
wagtailusers_groups:delete                         | pk=group.pk | Lxxxxxxxxxx. | Lxxxxxxxxxx+
wagtailusers_groups:history                        | pk=group.pk | Lxxxxxxxxxx. | Lxxxxxxxxxxm
wagtailusers_groups:history_results                | pk=group.pk | Lxxxxxxxxxx. | Lxxxxxxxxxxm
wagtailusers_groups:usage                          | pk=group.pk | Lxxxxxxxxxx. | Lxxxxxxxxxxm
wagtaildocs_chooser:choose                         |  | Lxababab...* | Lxmmmmmmmmmm
wagtaildocs_chooser:choose_results                 | ?q=:CHIMYEN | Lxababab...* | Lxmmmmmmmmmm
wagtaildocs_chooser:chosen                         | pk=document.pk | Lxaxaxaxxxxa | Lxmmmmmmmmmm
wagtaildocs_chooser:chosen_multiple                | ?id=document.pk | Lxa.a.a....a | Lxmmmmmmmmmm
wagtaildocs_chooser:create                         |  | Lx......xxx. | Lx......xxx.
wagtailimages_chooser:choose                       |  | Lxababab...* | Lxmmmmmmmmmm
wagtailimages_chooser:choose_results               | ?q=:CHIMYEN | Lxababab...* | Lxmmmmmmmmmm
wagtailimages_chooser:chosen                       | pk=image.pk | Lxaxaxaxxxxa | Lxmmmmmmmmmm
wagtailimages_chooser:chosen_multiple              | ?id=image.pk | Lxa.a.a....a | Lxmmmmmmmmmm
wagtailimages_chooser:create                       |  | Lx......xxx. | Lx......xxx.
wagtailimages_chooser:select_format                | image_id=image.pk | Lxaxaxaxxxxa | Lx.x.x.xxxx.
"""


def _door(line: str) -> Door:
    name, words, get, post = (part.strip() for part in line.split("|"))
    return Door(words, get, post, name)


DOORS = [_door(line) for line in TABLE.strip().splitlines()]

WITHOUT_SECRETS = {
    "wagtailadmin_sprite": "icons",
    "wagtailadmin_javascript_catalog": "translations",
    "wagtailadmin_error_test": "falls over, on purpose",
    "wagtailadmin_login": "hidden by the one login door: test_doors",
    "wagtailadmin_logout": "ends one's own session",
    "wagtailadmin_password_reset": "hidden: test_doors",
    "wagtailadmin_password_reset_done": "hidden: test_doors",
    "wagtailadmin_password_reset_confirm": "hidden: test_doors",
    "wagtailadmin_password_reset_complete": "hidden: test_doors",
    "wagtailcore_login": "hidden: test_doors",
    "wagtailcore_authenticate_with_password": "asks for the password of a private page: test_doors",
    "wagtaildocs_authenticate_with_password": "asks for the password of a collection: test_doors",
    "wagtaildocs_serve": "a document by its name: test_wagtail_doors",
    "wagtail_serve": "the public pages: test_canaries",
    "wagtailsettings:preview_on_edit": "no setting has a preview",
}
"""Addresses of Wagtail that need no row, and why."""
