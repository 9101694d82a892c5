"""``manage.py lms_keys``: make, list, certify and retire the keys with which the site signs."""

import sys
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils.dateparse import parse_datetime
from django.utils.timezone import is_naive, make_aware

from certificates import signing
from certificates.actions import declare_compromised, install_chain, make_key
from certificates.actions.keys import KeyRefused, certificate_request
from certificates.models import Issuer, SigningKey
from lms import clock


class Command(BaseCommand):
    """Keys are made on the machine of the worker, by the user of the worker; no screen can do it."""

    help = "Makes, lists, certifies and retires the keys with which certificates and the register are signed."

    def add_arguments(self, parser):
        verbs = parser.add_subparsers(dest="verb", required=True)
        verbs.add_parser("list", help="Every key with its life, and whether its file can be used here.")
        make = verbs.add_parser("make", help="A new key; the one in force stops signing at this moment.")
        make.add_argument("purpose", choices=[*SigningKey.Purpose.values, "all"])
        make.add_argument("--issuer", default="", help="Abbreviation of the only issuer it signs for.")
        make.add_argument("--algorithm", default="", choices=["", *SigningKey.Algorithm.values])
        make.add_argument("--public", default="", help="PEM file of a key whose private half is elsewhere.")
        make.add_argument("--missing", action="store_true", help="Only where no key is in force.")
        request = verbs.add_parser("request", help="Print the request for a certificate of an authority.")
        request.add_argument("kid", type=int)
        chain = verbs.add_parser("chain", help="Install the certificates that an authority made.")
        chain.add_argument("kid", type=int)
        chain.add_argument("file", help="PEM, the key's own certificate first; - reads standard input.")
        lost = verbs.add_parser("compromised", help="Trust nothing that the key signed from a moment on.")
        lost.add_argument("kid", type=int)
        lost.add_argument("--since", default="", help="For example 2026-11-20T08:00; now if left out.")
        lost.add_argument("--reason", required=True)

    def handle(self, *, verb, **options):
        try:
            getattr(self, f"_{verb}")(**options)
        except (KeyRefused, signing.SignerUnavailable) as error:
            raise CommandError(str(error)) from error

    def _list(self, **options):
        for key in SigningKey.objects.select_related("issuer"):
            until = f"{key.valid_until:%Y-%m-%d %H:%M}" if key.valid_until else "–"
            state = f"compromised from {key.compromised_at:%Y-%m-%d %H:%M}" if key.compromised_at else ""
            try:
                signing.signer(key)
            except signing.SignerUnavailable as error:
                state = f"{state} {error}".strip()
            owner = key.issuer.abbreviation if key.issuer else "*"
            self.stdout.write(
                f"{key.kid:03d} {key.purpose} {key.algorithm} {owner} "
                f"{key.valid_from:%Y-%m-%d %H:%M} {until} {state}".rstrip()
            )

    def _make(self, *, purpose, issuer, algorithm, public, missing, **options):
        owner = None
        if issuer and (owner := Issuer.objects.filter(abbreviation=issuer).first()) is None:
            raise CommandError(f"No issuer {issuer}.")
        pem = Path(public).read_text() if public else ""
        for one in SigningKey.Purpose.values if purpose == "all" else [purpose]:
            if missing and SigningKey.objects.to_sign(one, clock.now(), owner):
                continue
            key = make_key(one, issuer=owner, algorithm=algorithm, public_key=pem)
            where = signing.key_file(key) if not pem else "elsewhere"
            self.stdout.write(f"{key.kid:03d} {key.purpose}: {where}. Keep a copy in a safe place.")

    def _request(self, *, kid, **options):
        self.stdout.write(certificate_request(_key(kid)), ending="")

    def _chain(self, *, kid, file, **options):
        text = sys.stdin.read() if file == "-" else Path(file).read_text()
        install_chain(_key(kid), text)
        self.stdout.write(f"{kid:03d}: installed.")

    def _compromised(self, *, kid, since, reason, **options):
        moment = parse_datetime(since) if since else clock.now()
        if moment is None:
            raise CommandError(f"{since} is no date and time.")
        key = declare_compromised(
            _key(kid), at=make_aware(moment) if is_naive(moment) else moment, reason=reason
        )
        self.stdout.write(
            f"{kid:03d}: not to be trusted from {key.compromised_at:%Y-%m-%d %H:%M}. Make a new one now."
        )


def _key(kid: int) -> SigningKey:
    if (key := SigningKey.objects.filter(kid=kid).first()) is None:
        raise CommandError(f"No key {kid}.")
    return key
