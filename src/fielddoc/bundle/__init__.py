"""Cards, and signed, encrypted bundles that carry records to partners."""
