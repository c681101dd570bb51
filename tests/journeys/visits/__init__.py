"""Visits on a phone, with and without a connection."""
