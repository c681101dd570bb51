"""Journeys across packages in a real Chromium."""
