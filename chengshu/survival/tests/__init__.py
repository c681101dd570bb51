"""Tests of the survival model."""
