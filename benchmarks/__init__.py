"""Figures of the site beside a reference that runs in the same process: ``make bench``."""
