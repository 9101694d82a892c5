"""Days in Vietnamese."""
