"""Reading and writing question files of other systems."""
