"""Bringing a database that an older version wrote to the schema of this one, on opening.

All steps and the new number are one transaction of the database; the number in the key file, which
only says early what a program must know, follows when that is durable. Whatever stops it in
between, the next opening finds the old schema, or the new one with the old number, and goes on
(docs/vault-format.md, "Opening").
"""

from collections.abc import Mapping, Sequence

from fielddoc.errors import VaultDamagedError
from fielddoc.vault.database import Database
from fielddoc.vault.key_file import KeyFile

STEPS: Mapping[int, Sequence[str]] = {}
"""From a schema to the statements that make the next one of it. There is only schema 1 so far."""


def schema_of(database: Database) -> int:
    """Return the number of the schema that the database has."""
    value = database.value("PRAGMA user_version")
    return value if isinstance(value, int) else 0


def migrate(
    database: Database, key_file: KeyFile, *, target: int, steps: Mapping[int, Sequence[str]]
) -> bool:
    """Make the database one of schema `target`; return whether anything was to be done.

    Args:
        database: checked and started.
        key_file: its number is raised last.
        target: the schema that this program knows.
        steps: see `STEPS`.

    Raises:
        VaultDamagedError: there is no way from the schema that the database says it has.
        DiskFullError, MediumLostError: the old schema stays, whole.
    """
    found = schema_of(database)
    if found != target:
        if any(number not in steps for number in range(found, target)):
            raise VaultDamagedError
        with database.transaction():
            for number in range(found, target):
                for statement in steps[number]:
                    database.query(statement)
            database.query(f"PRAGMA user_version = {target:d}")
        database.checkpoint()
    if key_file.half.public.schema == target:
        return found != target
    key_file.write_schema(target)
    return True
