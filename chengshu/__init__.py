"""Chengshu 城枢: the open system that a city's big-data bureau runs on."""
