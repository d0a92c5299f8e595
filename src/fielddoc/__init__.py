"""fielddoc: an offline, encrypted record of human rights cases."""

__version__ = "0.1.0"
