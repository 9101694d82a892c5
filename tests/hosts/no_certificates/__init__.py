"""A host that gives courses and issues its certificates elsewhere."""
