"""The demonstration: reference data from YAML, fictional people, and a history made by the actions."""
