"""The reference site: settings, accounts, look and demo data; nothing imports it."""
