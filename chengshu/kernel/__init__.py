"""Ground of everything: identifiers, regions, texts, errors, clock."""
