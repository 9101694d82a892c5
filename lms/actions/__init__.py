"""The verbs of the ground app, by subject."""

from .erasing import erase_on_request, erase_person, reapply_erasures
from .exporting import fetch_export, make_export
from .imports import ImportRefused, apply_import, check_import, hand_in, start_import
from .invitations import InvitationRefused, claim, find_invitation, invite
from .merges import candidates, counted, likeness, merge_persons, plan, tell_apart, undo_merge
from .people import LicenceTaken, add_person
from .places import (
    PlaceRefused,
    merge_facilities,
    merge_obstacle,
    move_facility,
    rename_facility,
    roles_left_behind,
)
from .privacy import give_consent, has_consented, log_access, log_accesses
from .requests import (
    RequestRefused,
    acknowledge,
    ask,
    ask_export,
    cancel,
    close,
    extend,
    refuse,
    remind,
    why_not_erased,
)
from .roles import (
    AUTHORS,
    closed_collections,
    end_role,
    grant_role,
    open_collections,
    provider_collection,
    role_group,
    role_groups,
    sync_role_groups,
)
from .wishes import mute, read, wish
from .workplaces import affiliate, end_affiliation, record_licence

__all__ = [
    "AUTHORS",
    "ImportRefused",
    "InvitationRefused",
    "LicenceTaken",
    "PlaceRefused",
    "RequestRefused",
    "acknowledge",
    "add_person",
    "affiliate",
    "apply_import",
    "ask",
    "ask_export",
    "cancel",
    "candidates",
    "check_import",
    "claim",
    "close",
    "closed_collections",
    "counted",
    "end_affiliation",
    "end_role",
    "erase_on_request",
    "erase_person",
    "extend",
    "fetch_export",
    "find_invitation",
    "give_consent",
    "grant_role",
    "hand_in",
    "has_consented",
    "invite",
    "likeness",
    "log_access",
    "log_accesses",
    "make_export",
    "merge_facilities",
    "merge_obstacle",
    "move_facility",
    "merge_persons",
    "mute",
    "open_collections",
    "plan",
    "provider_collection",
    "read",
    "reapply_erasures",
    "record_licence",
    "refuse",
    "remind",
    "rename_facility",
    "role_group",
    "role_groups",
    "roles_left_behind",
    "start_import",
    "sync_role_groups",
    "tell_apart",
    "undo_merge",
    "why_not_erased",
    "wish",
]
