"""Verbs by subject: each a plain function, one transaction, idempotent."""
