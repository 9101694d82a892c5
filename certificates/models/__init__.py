"""The records of proof, split by subject."""

from .credits import CreditEntry, Cycle, Rule, RuleSet, Scheme
from .endings import EndingRequest
from .issuers import Issuer, Kind, NumberSeries
from .keys import SigningKey
from .lookups import BulkCheck, Lookup, PersonCheck
from .register import Batch, Certificate, CertificateActivity, Checkpoint, LogEntry
from .scans import SignedScan
from .templates import Authority, Logo, TemplateVersion
from .tokens import ApiToken

__all__ = [
    "ApiToken",
    "Authority",
    "Batch",
    "BulkCheck",
    "Certificate",
    "CertificateActivity",
    "Checkpoint",
    "CreditEntry",
    "Cycle",
    "EndingRequest",
    "Issuer",
    "Kind",
    "LogEntry",
    "Logo",
    "Lookup",
    "NumberSeries",
    "PersonCheck",
    "Rule",
    "RuleSet",
    "Scheme",
    "SignedScan",
    "SigningKey",
    "TemplateVersion",
]
