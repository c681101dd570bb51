"""Journeys across packages, in a real browser."""
