"""The window: a face over the same functions as the terminal, and the only place that knows Qt."""
