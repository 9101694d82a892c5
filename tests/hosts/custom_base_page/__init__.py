"""A host whose pages have a base class of their own."""
