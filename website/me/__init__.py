"""The page of the person who learns."""
