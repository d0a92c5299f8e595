"""The thin face for the terminal."""
