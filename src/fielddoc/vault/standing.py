"""Where a record stands: the values of the column `deleted` of its row."""

LISTED = 0
IN_TRASH = 1
MERGED = 2
"""Behind the person that it was merged into: neither in lists nor in the trash."""
