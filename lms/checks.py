"""System checks that name the fix."""
