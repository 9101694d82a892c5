"""Management commands of the ground app."""
