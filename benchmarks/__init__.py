"""Every figure that Chengshu claims, measured: `python -m benchmarks`."""
