"""Rules that hold over the whole repository, and journeys that cross packages."""
