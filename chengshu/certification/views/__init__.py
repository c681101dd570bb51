"""Pages of certification, a module per noun."""
