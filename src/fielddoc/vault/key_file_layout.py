"""Where the parts of vault.key lie, and the mark of a wiped one; see docs/vault-format.md.

Apart from `key_file`, because a wipe needs these numbers and none of the cryptography.
"""

MAGIC = b"fielddoc vault\r\n"  # the line end shows a copy that was treated as text

BLOCK_BYTES = 4096
PAD_BYTES = 128 * 1024
SLOTS = 8
SLOT_BYTES = 4096
CELLS = 2
CELL_BYTES = 4096
SLOTS_AT = BLOCK_BYTES + PAD_BYTES
CELLS_AT = SLOTS_AT + SLOTS * SLOT_BYTES
HALF_BYTES = CELLS_AT + CELLS * CELL_BYTES
FILE_BYTES = 2 * HALF_BYTES

WIPED_LINE = b"fielddoc wiped\r\n"
"""As long as `MAGIC`, in whose place it stands."""
WIPED_MARK = WIPED_LINE * 256
"""The first 4 KiB of a wiped key file. Only these exact bytes let a later start delete anything."""
