"""Tests of the foreign cities, their exact filter and their score."""
