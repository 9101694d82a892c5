"""What runs on other people's machines: the standard library only, nothing of ours imported."""
