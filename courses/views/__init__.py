"""The screens of courses, one module per subject."""
