"""Keys, sealed streams and signatures; the only place that imports cryptography and argon2."""
