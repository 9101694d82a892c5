"""System checks: each names what to mend."""

from django.core.checks import Error, Tags, Warning, register
from django.db import connections

from .conf import conf
from .fonts import PACKAGE, VIETNAMESE, load


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
