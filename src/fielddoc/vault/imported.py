"""What imports of tables remember, as settings of the vault: how columns are read, what rows said.

`import-mapping/<name>` holds how the columns of one kind of table are read and the secret from which
the ids of its records follow; `import-row/<record id>` what the last import of a record's row said,
as hashes, so that only what changed in the table is written again (docs/vault-format.md, "setting").
"""

from fielddoc.vault import settings
from fielddoc.vault.journal import ActionKind, acting_on_setting
from fielddoc.vault.vault import Vault

_MAPPING = "import-mapping/"
_ROW = "import-row/"
_SECRET = "import-secret"  # noqa: S105 - the name of a setting


def mapping(vault: Vault, name: str) -> str | None:
    """Return the saved description of a table's columns, as JSON text, or None."""
    return settings.get(vault, _MAPPING + name)


def keep_mapping(vault: Vault, name: str, text: str) -> None:
    """Save the description of a table's columns, in place of one of the same name."""
    with acting_on_setting(vault, ActionKind.MAPPING_SAVED, _MAPPING + name):
        settings.put(vault, _MAPPING + name, text)


def mapping_names(vault: Vault) -> list[str]:
    """Return the names of the saved descriptions."""
    rows = vault.database.query(
        "SELECT name FROM setting WHERE name >= ? AND name < ? ORDER BY name",
        (_MAPPING, _MAPPING[:-1] + "0"),
    )
    return [str(row[0]).removeprefix(_MAPPING) for row in rows]


def row_of(vault: Vault, record: str) -> str | None:
    """Return what the last import of a record's row said, or None if no table brought it."""
    return settings.get(vault, _ROW + record)


def keep_row(vault: Vault, record: str, text: str) -> None:
    """Remember what a record's row said, in the running transaction or one of its own."""
    settings.put(vault, _ROW + record, text)


def forget_row(vault: Vault, record: str) -> None:
    """Forget what a record's row said, in the running transaction: the record is purged."""
    vault.database.query("DELETE FROM setting WHERE name = ?", (_ROW + record,))


def secret(vault: Vault) -> str | None:
    """Return the secret for rows that follow no description, or None if there is none yet."""
    return settings.get(vault, _SECRET)


def keep_secret(vault: Vault, text: str) -> None:
    """Keep the secret for rows that follow no description; one that is there stays."""
    if secret(vault) is None:
        settings.put(vault, _SECRET, text)
