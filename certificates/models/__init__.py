"""The records of proof, split by subject."""

from .credits import CreditEntry, Cycle, Rule, RuleSet, Scheme
from .keys import SigningKey
from .lookups import BulkCheck, Lookup
from .register import Batch, Certificate, CertificateActivity, Issuer, LogEntry, NumberSeries

__all__ = [
    "Batch",
    "BulkCheck",
    "Certificate",
    "CertificateActivity",
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
