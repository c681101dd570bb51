"""From a recorded death to its appeal."""
