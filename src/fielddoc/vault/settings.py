"""Settings of this vault: they lie in it, so that nothing about its owner lies outside."""

from fielddoc.vault.vault import Vault


def get(vault: Vault, name: str) -> str | None:
    """Return a setting, or None if it was never made."""
    value = vault.database.value("SELECT value FROM setting WHERE name = ?", (name,))
    return value if isinstance(value, str) else None


def put(vault: Vault, name: str, value: str) -> None:
    """Keep a setting, durably.

    Settings are not in the log: an older one that somebody put back would only change how the
    window looks, or when it locks, and shows at once.
    """
    with vault.database.transaction():
        vault.database.query("INSERT OR REPLACE INTO setting VALUES (?, ?)", (name, value))


def everything(vault: Vault) -> dict[str, str]:
    """Return all settings by name, without what imports remember, a row each."""
    rows = vault.database.query(
        "SELECT name, value FROM setting WHERE name NOT LIKE 'import-%' ORDER BY name"
    )
    return {str(name): str(value) for name, value in rows}


def remove(vault: Vault, name: str) -> None:
    """Forget a setting."""
    with vault.database.transaction():
        vault.database.query("DELETE FROM setting WHERE name = ?", (name,))
