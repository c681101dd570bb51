"""A made-up city with known truth: a data package to try things on, and the answers beside it."""

from chengshu.samplecity.package import write_sample_city

__all__ = ["write_sample_city"]
