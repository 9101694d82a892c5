"""The steps by which a base page of one's own comes before Wagtail's tables."""
