"""The records of the ground app, split by subject."""

from .jobs import Job
from .persons import Affiliation, Licence, Person, RoleAssignment
from .places import Facility, FacilityName, Province, TeleSite
from .privacy import AccessLog, Consent
from .terms import Profession, Specialty

__all__ = [
    "AccessLog",
    "Affiliation",
    "Consent",
    "Facility",
    "FacilityName",
    "Job",
    "Licence",
    "Person",
    "Profession",
    "Province",
    "RoleAssignment",
    "Specialty",
    "TeleSite",
]
