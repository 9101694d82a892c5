"""Template tags of the content app."""
