"""The verifier's screens."""
