"""How passwords are kept: Argon2id at the cost OWASP names as enough, so that a whole hospital gets in at eight."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class SiteArgon2PasswordHasher(Argon2PasswordHasher):
    """Argon2id with 19 MiB, two rounds, one lane (OWASP Password Storage Cheat Sheet).

    Django's defaults take five times the memory and time of it: five hundred sign-ins within a
    minute would need five cores. Hashes made with other costs are renewed at the next sign-in.
    """

    time_cost = 2
    memory_cost = 19456
    parallelism = 1
