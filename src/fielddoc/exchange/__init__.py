"""What goes in from other programs' files, and what leaves in open formats."""
