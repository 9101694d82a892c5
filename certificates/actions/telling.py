"""Telling holders of what was issued to them."""

from certificates.models import Certificate
from lms.messages import tell

NAMED = 3
"""Activities that a message names; the certificate names all."""


def tell_holder(certificate: Certificate) -> None:
    """Tell the holder that a certificate was issued, once."""
    contents = [row["content"] for row in certificate.rows]
    tell(
        certificate.holder,
        "certificate-issued",
        key=f"certificate-issued:{certificate.pk}",
        about={
            "number": certificate.number,
            "course": "; ".join(contents[:NAMED] + ["…"] * (len(contents) > NAMED)),
            "hours": certificate.hours,
        },
        url=("lms_certificates_public:verify", certificate.code),
    )
