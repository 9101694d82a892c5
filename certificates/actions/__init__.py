"""What is done to the register and the ledger: verbs over several rows, each one transaction."""

from .batches import approve_batch, freeze_batch, freeze_by_person
from .crediting import (
    confirm_rules,
    open_cycle,
    post_credit,
    post_role_credit,
    post_session_credit,
    replace_entry,
    reverse_credit,
    void_entry,
)
from .desk import check_list
from .dossiers import EvidenceMissing, evidence_pack
from .ending import ask_to_end, revoke, supersede, take_back
from .issuing import issue_for
from .keys import declare_compromised, install_chain, make_key
from .people import find_people
from .sealing import seal
from .tokens import make_token, revoke_token

__all__ = [
    "EvidenceMissing",
    "approve_batch",
    "ask_to_end",
    "check_list",
    "confirm_rules",
    "declare_compromised",
    "evidence_pack",
    "find_people",
    "freeze_batch",
    "freeze_by_person",
    "install_chain",
    "issue_for",
    "make_key",
    "make_token",
    "open_cycle",
    "post_credit",
    "post_role_credit",
    "post_session_credit",
    "replace_entry",
    "reverse_credit",
    "revoke",
    "revoke_token",
    "seal",
    "supersede",
    "take_back",
    "void_entry",
]
