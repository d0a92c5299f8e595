"""The encrypted store; the only place that imports sqlcipher3."""
