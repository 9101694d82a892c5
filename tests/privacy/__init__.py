"""What people may know, take away and have forgotten."""
