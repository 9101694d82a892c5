"""The records of the ground app, split by subject."""

from .identity import DistinctPersons, Invitation, PeopleImport, PersonMerge
from .jobs import Job
from .messages import Message, MessageTemplate, MessageWish
from .persons import Affiliation, Licence, Person, RoleAssignment
from .places import Facility, FacilityName, FormerParent, Province, TeleSite
from .privacy import AccessLog, Consent, DataRequest, Erasure
from .terms import Profession, Specialty

__all__ = [
    "AccessLog",
    "Affiliation",
    "Consent",
    "DataRequest",
    "DistinctPersons",
    "Erasure",
    "Facility",
    "FacilityName",
    "FormerParent",
    "Invitation",
    "Job",
    "Licence",
    "Message",
    "MessageTemplate",
    "MessageWish",
    "PeopleImport",
    "Person",
    "PersonMerge",
    "Profession",
    "Province",
    "RoleAssignment",
    "Specialty",
    "TeleSite",
]
