"""Signing in with the account of an institution that the administrator trusts (OpenID Connect)."""
