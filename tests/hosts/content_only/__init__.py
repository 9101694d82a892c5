"""A host that takes the ground and the content, and no course."""
