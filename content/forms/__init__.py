"""The forms in which trainers write teaching content."""
