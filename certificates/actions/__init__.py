"""What is done to the register and the ledger: verbs over several rows, each one transaction."""

from .batches import approve_batch, freeze_batch
from .crediting import (
    confirm_rules,
    open_cycle,
    post_credit,
    post_session_credit,
    replace_entry,
    reverse_credit,
    void_entry,
)
from .desk import check_list
from .ending import revoke, supersede
from .issuing import issue_for
from .sealing import seal

__all__ = [
    "approve_batch",
    "check_list",
    "confirm_rules",
    "freeze_batch",
    "issue_for",
    "open_cycle",
    "post_credit",
    "post_session_credit",
    "replace_entry",
    "reverse_credit",
    "revoke",
    "seal",
    "supersede",
    "void_entry",
]
