"""Tests of the certification."""
