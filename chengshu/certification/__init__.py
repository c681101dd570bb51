"""Silent certification of people on benefits: who is alive without having to prove it."""
