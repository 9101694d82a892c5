"""Pure: short codes that people type from a slip of paper."""

import secrets

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""Digits and capitals without 0, 1, I, L and O; thirty-one signs, so that one check sign suffices."""
LENGTH = 8


def _check(signs: str) -> int:
    # Weights below a prime modulus: every wrong sign and every swap of two signs is noticed.
    return sum(weight * ALPHABET.index(sign) for weight, sign in enumerate(signs, 1)) % len(ALPHABET)


def new_code() -> str:
    """Return a random code whose last sign makes the weighted sum zero: 34 bits of chance."""
    signs = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH - 1))
    # The last weight is 8; eight times four is one modulo thirty-one.
    return signs + ALPHABET[-_check(signs) * 4 % len(ALPHABET)]


def read_code(text: str) -> str | None:
    """Return what was typed as a code, or None where it is none: spaces, dashes and case do not count."""
    signs = "".join(sign for sign in text.upper() if sign.isalnum())
    if len(signs) != LENGTH or any(sign not in ALPHABET for sign in signs):
        return None
    return signs if _check(signs) == 0 else None


def shown(code: str) -> str:
    """Return a code in the two groups in which it is printed."""
    return f"{code[:4]} {code[4:]}"
