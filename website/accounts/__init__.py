"""Signing up, signing in, and the wall before every office."""
