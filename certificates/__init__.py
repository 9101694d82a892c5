"""Proof: the register of certificates, credit entries and public verification."""
