"""Commands about the passphrase of sources' identities."""

import argparse

from fielddoc.cli.terminal import new_passphrase, note, say, say_json
from fielddoc.cli.vault_commands import unlocked
from fielddoc.i18n import N_, translate
from fielddoc.vault import compartment_passphrase
from fielddoc.vault.compartment_passphrase import CompartmentState


def status(options: argparse.Namespace) -> None:
    """Say whether the identities have a passphrase, and whether it opens them."""
    with unlocked(options) as vault:
        state = compartment_passphrase.state_of(vault)
    if options.json:
        say_json({"passphrase": state.has_passphrase, "open": state.is_open})
        return
    say(_words(state))


def set_(options: argparse.Namespace) -> None:
    """Set a passphrase, or change the one that is set."""
    with unlocked(options) as vault:
        file = options.new_sources_passphrase_file
        typed = new_passphrase(file, prompt=N_("New passphrase of sources' identities: "))
        compartment_passphrase.set_passphrase(vault, typed)
    if options.json:
        say_json({"passphrase": True})
        return
    say(translate(N_("The identities of sources now open with this passphrase only.")))
    note(
        translate(
            N_(
                "A copy of the vault or a complete bundle made earlier still opens without it:"
                " nothing can change that. If this passphrase is lost, so are the identities."
            )
        )
    )


def remove(options: argparse.Namespace) -> None:
    """Let the vault's passphrase be enough again."""
    with unlocked(options) as vault:
        compartment_passphrase.remove_passphrase(vault)
    if options.json:
        say_json({"passphrase": False})
    else:
        say(translate(N_("The vault's own passphrase opens the identities of sources again.")))


def _words(state: CompartmentState) -> str:
    if not state.has_passphrase:
        return translate(N_("The identities of sources have no passphrase of their own."))
    if state.is_open:
        return translate(N_("This passphrase opens the identities of sources."))
    return translate(N_("The identities of sources are closed; --open-sources opens them."))
