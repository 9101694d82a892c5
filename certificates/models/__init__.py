"""The records of proof, split by subject."""

from .credits import CreditEntry, Cycle, Rule, RuleSet, Scheme
from .keys import SigningKey
from .lookups import BulkCheck, Lookup
from .register import Batch, Certificate, CertificateActivity, Checkpoint, Issuer, LogEntry, NumberSeries

__all__ = [
    "Batch",
    "BulkCheck",
    "Certificate",
    "CertificateActivity",
    "Checkpoint",
    "CreditEntry",
    "Cycle",
    "Issuer",
    "LogEntry",
    "Lookup",
    "NumberSeries",
    "Rule",
    "RuleSet",
    "Scheme",
    "SigningKey",
]
