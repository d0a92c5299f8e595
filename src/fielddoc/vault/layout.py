"""The names in a vault folder, and nothing else about them (docs/vault-format.md, "Folder")."""

import re
from pathlib import Path

KEY_FILE = "vault.key"
LOCK_FILE = "vault.lock"
DATABASE = "records.db"
WAL = "records.db-wal"
ROLLBACK_JOURNAL = "records.db-journal"
"""A vault never writes one: its database has a write-ahead log."""
SHARED_MEMORY = "records.db-shm"
"""A vault never has one either: its connection is the only one. The name, which a wipe removes, is
used for a moment to ask the system why it refused a write."""
JOURNALS = (WAL, SHARED_MEMORY, ROLLBACK_JOURNAL)
ATTACHMENTS = "attachments"

ATTACHMENT_NAME = re.compile(r"[0-9a-f]{32}")
ASIDE_NAME = re.compile(r"records\.db-(?:wal|journal)\.aside-[0-9]{1,6}")
"""A write-ahead log that did not belong to a cleanly closed vault and was moved aside, or a rollback
journal, which belongs to none."""

FIXED_TIME_S = 315_532_800  # 1980-01-01, the earliest time that FAT can hold


def is_of_the_format(name: str) -> bool:
    """Tell whether a file directly in the folder has a name of the format, vault.key apart."""
    return name in (LOCK_FILE, DATABASE, *JOURNALS) or ASIDE_NAME.fullmatch(name) is not None


def looks_like_a_vault(folder: Path) -> bool:
    """Tell whether anything of a vault lies here, even without a key file."""
    return any((folder / name).exists() for name in (KEY_FILE, DATABASE, ATTACHMENTS))
