"""The site's settings: ``base`` runs the site, ``test`` runs its tests."""
