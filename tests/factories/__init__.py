"""Plain functions that make rows for tests, one module per package, used through the cast."""
