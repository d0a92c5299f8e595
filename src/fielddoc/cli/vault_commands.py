"""Commands about the vault as a whole."""

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path

from fielddoc.bundle.card import own_card, write_card
from fielddoc.bundle.code import grouped
from fielddoc.cli.opening import opened
from fielddoc.cli.passphrase_commands import propose_words, tell_cost, warn_of, wipe_passphrase
from fielddoc.cli.terminal import (
    ask_once,
    from_file,
    new_passphrase,
    note,
    progress,
    say,
    say_json,
    waiting,
)
from fielddoc.cli.terminal import (
    passphrase as ask_passphrase,
)
from fielddoc.domain.canonical import Json
from fielddoc.errors import (
    CancelledError,
    VaultDamagedError,
    WrongUseError,
)
from fielddoc.i18n import N_, translate
from fielddoc.vault import check as checking
from fielddoc.vault import compartment_passphrase
from fielddoc.vault import identity as identities
from fielddoc.vault import salvage as salvaging
from fielddoc.vault import wipe as wiping
from fielddoc.vault.files import new_file
from fielddoc.vault.opening import make_vault
from fielddoc.vault.place import PlaceWarning, warnings_about
from fielddoc.vault.vault import Vault, check_folder


def unlocked(options: argparse.Namespace, opening: Callable[[Path, str], Vault] = opened) -> Vault:
    """Open the vault that the command names, and tell what was found on the way."""
    folder = Path(options.vault)
    check_folder(folder)  # before a passphrase is asked for that nothing could use
    vault = opening(folder, ask_passphrase(options.passphrase_file))
    for notice in vault.notices:
        note(translate(notice))
    if options.open_sources or options.sources_passphrase_file:
        try:
            compartment_passphrase.open_with(vault, sources_passphrase(options))
        except BaseException:
            vault.lock()
            raise
    return vault


def sources_passphrase(options: argparse.Namespace) -> str:
    """Return the passphrase of sources' identities, from a file or the terminal."""
    if options.sources_passphrase_file:
        return from_file(options.sources_passphrase_file)
    return ask_once(N_("Passphrase of sources' identities: "))


def new(options: argparse.Namespace) -> None:
    """Make a vault; what is dangerous about its place is said before the passphrase is asked for."""
    folder = Path(options.vault)
    warnings = warnings_about(folder)
    if not options.json:
        _note_warnings(warnings)
    file = options.passphrase_file or os.environ.get("FIELDDOC_PASSPHRASE_FILE")
    if not file:
        propose_words(options.words)
    typed = new_passphrase(file, prompt=N_("Passphrase for the vault (six or more words): "))
    if not file:
        warn_of(typed)
    for_wiping = wipe_passphrase(options)
    with waiting(N_("Making the vault; this takes a few seconds …")):
        made = make_vault(folder, typed, name=options.name, wipe_passphrase=for_wiping)
    with made as vault:
        code = own_card(identities.current(vault)).code
        cost = vault.key_file.half.public.cost
    if options.json:
        say_json({"vault": options.vault, "code": code, "warnings": _warnings_json(warnings)})
        return
    tell_cost(cost)
    say(translate(N_("The vault is made. Nobody can open it without the passphrase, nor can we.")))
    say(translate(N_("Your card's code: {code}")).format(code=grouped(code)))


def identity(options: argparse.Namespace) -> None:
    """Show the code of one's card, or write the card; make fresh keys for it before, if asked."""
    with unlocked(options) as vault:
        own = identities.current(vault)
        if options.new_card:
            # A signature is also evidence against its holder: the key must be one that can go.
            own = identities.create(vault, own.name if options.name is None else options.name)
            vault.written()
        card = own_card(own)
        if options.card:
            new_file(Path(options.card), write_card(card, own.signing_seed))
    if options.json:
        say_json({"name": card.name, "code": card.code, "card": options.card})
        return
    if options.new_card:
        say(translate(N_("You have a new card. Partners add it by its new code;")))
        say(translate(N_("until then bundles from you are of an unknown sender for them.")))
    if options.card:
        say(translate(N_("Your card is written. Give the file to your partner,")))
        say(translate(N_("and tell the code by voice or in person:")))
    say(grouped(card.code))


def check(options: argparse.Namespace) -> None:
    """Check every page, row and attachment, and where the vault lies."""
    with unlocked(options) as vault:
        report = checking.check(vault, progress(N_("Checking")))
        warnings = warnings_about(vault.folder)
        if not report.is_sound:
            vault.database.abandon()  # a damaged database must not be copied over by closing
    if options.json:
        say_json(
            {
                "sound": report.is_sound,
                "records": report.records,
                "revisions": report.revisions,
                "attachments": report.attachments,
                "database_faults": list(report.database_faults),
                "log_faults": list(report.log_faults),
                "stale": list(report.stale),
                "attachment_faults": list(report.attachment_faults),
                "unknown_files": list(report.unknown_files),
                "warnings": _warnings_json(warnings),
            }
        )
    else:
        _say_report(report)
        _note_warnings(warnings)
    if not report.is_sound:
        raise VaultDamagedError


def _note_warnings(warnings: list[PlaceWarning]) -> None:
    for warning in warnings:
        note(translate(N_("warning: {text}")).format(text=warning.sentence()))
        note(translate(N_("hint: {text}")).format(text=warning.advice()))


def _warnings_json(warnings: list[PlaceWarning]) -> list[Json]:
    """Return warnings as errors are told to machines."""
    return [{"code": w.hazard.value, "message": w.sentence(), "hint": w.advice()} for w in warnings]


def _say_report(report: checking.CheckReport) -> None:
    if report.is_sound or report.revisions:  # of damaged pages nothing can be counted
        say(
            translate(
                N_("Read: records {records}, revisions {revisions}, attachments {attachments}.")
            ).format(
                records=report.records,
                revisions=report.revisions,
                attachments=report.attachments,
            )
        )
    for line in checking.faults_in_words(report):
        say(line)
    if report.is_sound:
        say(translate(N_("The vault is sound.")))


def salvage(options: argparse.Namespace) -> None:
    """Save what is readable of a damaged vault into a new one, or only look what that is."""
    if options.look == bool(options.new):
        raise WrongUseError(reason=N_("name the folder of the new vault, or say --look, not both"))
    typed = ask_passphrase(options.passphrase_file)
    folder = Path(options.vault)
    if options.look:
        report = salvaging.look(folder, typed, progress(N_("Looking")))
    else:
        report = salvaging.salvage(folder, Path(options.new), typed, progress(N_("Saving")))
    if options.json:
        say_json(
            {
                "records": report.records,
                "revisions": report.revisions,
                "attachments": report.attachments,
                "lost_revisions": report.lost_revisions,
                "lost_attachments": [file.sha256 for file in report.lost_files],
                "lost": [
                    {
                        "record": lost.record,
                        "title": lost.title,
                        "revisions": lost.versions,
                        "all": lost.is_all,
                    }
                    for lost in report.lost_versions
                ],
                "lost_files": [
                    {"sha256": file.sha256, "name": file.name} for file in report.lost_files
                ],
                "lost_rows": report.lost_rows,
                "lost_log_entries": report.log_gaps,
                "damaged_pages": report.damaged_pages,
            }
        )
        return
    if options.look:
        words = N_("Intact: records {records}, revisions {revisions}, attachments {attachments}.")
    else:
        words = N_("Saved: revisions {revisions}, attachments {attachments}.")
    say(
        translate(words).format(
            records=report.records, revisions=report.revisions, attachments=report.attachments
        )
    )
    say(
        translate(N_("Lost: revisions {revisions}, attachments {attachments}.")).format(
            revisions=report.lost_revisions, attachments=len(report.lost_files)
        )
    )
    for line in salvaging.losses_in_words(report):
        say(line)
    if options.look:
        say(translate(N_("Nothing was written. To save it, name a folder for the new vault.")))
        return
    say(translate(salvaging.OPENED_BY))
    say(translate(N_("The new vault opens with the same passphrase. Keep the old one as it is.")))


def wipe(options: argparse.Namespace) -> None:
    """Destroy the vault."""
    folder = Path(options.vault)
    if not options.yes:
        if not sys.stdin.isatty():
            raise WrongUseError(reason=N_("without a terminal, say --yes to destroy the vault"))
        word = translate(N_("WIPE"))
        question = N_("This destroys the vault for ever. Type {word} and press Enter: ")
        if input(translate(question).format(word=word)).strip() not in (word, "WIPE"):
            raise CancelledError
    wiped = wiping.wipe(folder)
    if options.json:
        say_json(
            {
                "key_dead_after_us": round(1_000_000 * wiped.seconds_to_key_dead),
                "files_left": wiped.files_left,
                "was_open_elsewhere": wiped.was_open_elsewhere,
            }
        )
        return
    say(
        translate(N_("Destroyed. The key was dead after {ms} ms.")).format(
            ms=round(1000 * wiped.seconds_to_key_dead, 1)
        )
    )
    if wiped.files_left:
        say(
            translate(
                N_("Files that could not be removed: {count}. Without the key they are noise.")
            ).format(count=wiped.files_left)
        )
    if wiped.was_open_elsewhere:
        say(
            translate(
                N_("Another fielddoc had the vault open. End it: what it shows is still there.")
            )
        )
