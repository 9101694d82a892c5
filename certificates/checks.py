"""System checks: each names what to mend."""

import stat
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import Error, Tags, Warning, register
from django.db import connections

from lms.fonts import PACKAGE, VIETNAMESE, load

from . import guards
from .conf import conf


@register("lms_certificates")
def check_fonts(app_configs, **kwargs):
    """Prove that the embedded faces print every Vietnamese letter."""
    try:
        missing = load().missing("".join(VIETNAMESE))
    except (ImportError, OSError) as error:
        return [
            Error(
                f"The certificate fonts cannot be read: {error}.",
                hint=f"Install the pinned package {PACKAGE.replace('_', '-')}.",
                id="lms_certificates.E001",
            )
        ]
    if missing:
        return [
            Error(
                f"The certificate fonts lack {len(missing)} of {len(VIETNAMESE)} Vietnamese letters: {missing}",
                hint=f"Reinstall {PACKAGE.replace('_', '-')} from the lock file.",
                id="lms_certificates.E001",
            )
        ]
    return []


@register("lms_certificates")
def check_renderer(app_configs, **kwargs):
    """Prove that the configured renderer can be imported."""
    try:
        conf.RENDERER  # noqa: B018 - the property imports
    except ImportError as error:
        return [
            Error(
                f"LMS_CERTIFICATES_RENDERER cannot be imported: {error}",
                hint="Name a function render(facts) -> bytes by its dotted path.",
                id="lms_certificates.E002",
            )
        ]
    return []


@register("lms_certificates", deploy=True)
def check_address(app_configs, **kwargs):
    """Warn where the address in the QR code would not be reachable or could be forged on the way."""
    if not conf.BASE_URL.startswith("https://"):
        return [
            Warning(
                f"Certificates print the address {conf.BASE_URL}, which is not https.",
                hint="Set BASE_URL or LMS_CERTIFICATES_BASE_URL to the public https address.",
                id="lms_certificates.W001",
            )
        ]
    return []


@register("lms_certificates")
def check_path(app_configs, **kwargs):
    """Refuse an address with a path: QR codes print it in capitals, and a path in capitals is another."""
    parts = urlsplit(conf.BASE_URL)
    if not (parts.path or parts.query or parts.fragment):
        return []
    return [
        Error(
            f"Certificates print the address {conf.BASE_URL}, of which only the host may be printed.",
            hint="Set LMS_CERTIFICATES_BASE_URL to scheme and host alone, where /V/… answers.",
            id="lms_certificates.E006",
        )
    ]


@register(Tags.database)
def check_number_patterns(app_configs, databases=None, **kwargs):
    """Name the issuers whose pattern prints one number for two kinds of certificate."""
    from .models import Issuer

    found = []
    for alias in databases or ():
        if Issuer._meta.db_table not in connections[alias].introspection.table_names():
            continue
        for issuer in Issuer.objects.using(alias).select_related("facility"):
            if not issuer.tells_kinds_apart:
                found.append(
                    Warning(
                        f"The number pattern of {issuer.abbreviation}, {issuer.number_pattern}, prints the "
                        "same number for two kinds of certificate.",
                        hint="Put {kind} into the pattern of the issuer: {seq:05d}/{year}/{kind}-{issuer}.",
                        id="lms_certificates.W002",
                    )
                )
    return found


@register("lms_certificates")
def check_key_files(app_configs, **kwargs):
    """Prove that private keys lie where no page sends files from, and that nobody else reads them."""
    if not conf.KEYS_FOLDER:
        return []
    folder, found = Path(conf.KEYS_FOLDER).resolve(), []
    for place in (settings.MEDIA_ROOT, settings.STATIC_ROOT):
        if place and folder.is_relative_to(Path(place).resolve()):
            found.append(
                Error(
                    f"The private keys lie in {folder}, below {place}, from which files are sent.",
                    hint="Set LMS_CERTIFICATES_KEYS_FOLDER to a folder outside MEDIA_ROOT and STATIC_ROOT; "
                    "make new keys and declare the old ones compromised.",
                    id="lms_certificates.E003",
                )
            )
    for path in [folder, *sorted(folder.glob("*.pem"))] if folder.is_dir() else []:
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            found.append(
                Error(
                    f"Others than its owner can read {path}.",
                    hint=f"chmod go= {path}; if somebody else read a key: manage.py lms_keys compromised.",
                    id="lms_certificates.E004",
                )
            )
    return found


@register(Tags.database, deploy=True)
def check_keys(app_configs, databases=None, **kwargs):
    """Warn where certificates or the register go without a signature."""
    from lms import clock

    from .models import SigningKey

    for alias in databases or ():
        if SigningKey._meta.db_table not in connections[alias].introspection.table_names():
            continue
        keys, now = SigningKey.objects.using(alias), clock.now()
        if without := [
            p.value for p in SigningKey.Purpose if not keys.good_at(now).filter(purpose=p).exists()
        ]:
            return [
                Warning(
                    f"No key is in force for: {', '.join(without)}. What they sign goes out unsigned.",
                    hint="On the machine of the worker, as its user: manage.py lms_keys make all --missing",
                    id="lms_certificates.W003",
                )
            ]
    return []


@register(Tags.database)
def check_guards(app_configs, databases=None, **kwargs):
    """Name the triggers of the register that a database lacks."""
    found = []
    for alias in databases or ():
        tables = set(connections[alias].introspection.table_names())
        if not {guards.LOG, guards.CHECKPOINTS} <= tables:
            continue
        if missing := sorted(guards.missing(connections[alias])):
            found.append(
                Error(
                    f"The register can be changed: the database {alias} lacks the triggers {', '.join(missing)}.",
                    hint="Put them back: manage.py lms_register guard. Then run manage.py lms_verify.",
                    id="lms_certificates.E005",
                )
            )
    return found
