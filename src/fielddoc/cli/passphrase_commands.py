"""The command `passphrase`: changing it, new keys throughout, recovery shares."""

import argparse
import re
import sys
from pathlib import Path

from fielddoc.cli import share_lines
from fielddoc.cli.opening import opened
from fielddoc.cli.terminal import (
    from_file,
    new_passphrase,
    note,
    passphrase,
    progress,
    say,
    say_json,
)
from fielddoc.crypto import kdf
from fielddoc.crypto.kdf import Cost, calibrated
from fielddoc.crypto.shares import MOST_SHARES, Sharing
from fielddoc.domain import passphrase_words
from fielddoc.domain.canonical import Json
from fielddoc.domain.passphrase_words import WordList
from fielddoc.errors import WrongUseError
from fielddoc.i18n import N_, language_of_system, translate
from fielddoc.vault import recovery
from fielddoc.vault.opening import recover_vault
from fielddoc.vault.rekey import rekey
from fielddoc.vault.vault import Vault, change_passphrase, check_folder

COPIES = N_(
    "Copies of the vault that were made earlier still open with what opened them then: nothing can"
    " change that."
)


def change(options: argparse.Namespace) -> None:
    """Change the passphrase, or do what the options say instead."""
    folder = Path(options.vault)
    check_folder(folder)
    sharing = _sharing(options.shares)
    if options.rehearse:
        _rehearse(folder, options)
    elif options.show:
        _show(folder, options)
    elif options.with_shares or options.shares_file:
        _recover(folder, options, sharing)
    elif (
        options.new_keys
        or options.new_cost
        or options.memory
        or sharing
        or options.no_shares
        or _wants_wiping(options)
    ):
        _make_new_keys(folder, options, sharing)
    else:
        _change_only(folder, options)


def _change_only(folder: Path, options: argparse.Namespace) -> None:
    old = passphrase(options.passphrase_file)
    with opened(folder, old) as vault:
        new = _chosen(options)
        change_passphrase(vault, old, new)
    if options.json:
        say_json({"changed": True})
        return
    say(translate(N_("The passphrase is changed.")))
    say(translate(COPIES))


def _make_new_keys(folder: Path, options: argparse.Namespace, sharing: Sharing | None) -> None:
    old = passphrase(options.passphrase_file)
    with opened(folder, old) as vault:
        keeps = not (options.new_keys or options.new_passphrase_file)
        new = old if keeps else _chosen(options)
        _renew(vault, new, options, sharing)


def _recover(folder: Path, options: argparse.Namespace, sharing: Sharing | None) -> None:
    generation = recovery.generation_of(folder)
    taken = share_lines.shares(options.shares_file, generation)
    with recover_vault(folder, taken) as vault:
        if not options.json:
            say(translate(N_("The shares open the vault. They are void from now on.")))
            say(translate(N_("A new passphrase must be set now:")))
        _renew(vault, _chosen(options), options, sharing)


def _renew(vault: Vault, new: str, options: argparse.Namespace, sharing: Sharing | None) -> None:
    """Make new keys, show the shares, and have them proven where somebody can type them."""
    had = recovery.note(vault)
    if sharing is None and had is not None and not options.no_shares:
        sharing = Sharing(had.threshold, had.count)
    wiping = wipe_passphrase(options)
    cost = _cost(options, vault)
    shares = rekey(
        vault,
        new,
        cost=cost,
        wipe_passphrase=wiping,
        sharing=sharing,
        progress=progress(N_("Making new keys")),
    )
    generation = vault.key_file.half.public.generation
    if options.json:
        say_json({"generation": generation, "shares": list(shares), **_cost_json(cost)})
        return
    tell_cost(cost)
    say(translate(N_("The vault has new keys. What opened it before opens nothing any more.")))
    if not wiping:
        say(translate(N_("It has no wipe passphrase.")))
    say(translate(COPIES))
    if sharing is not None:
        _give_out(vault, shares, sharing, options)


def _give_out(
    vault: Vault, shares: tuple[str, ...], sharing: Sharing, options: argparse.Namespace
) -> None:
    generation = vault.key_file.half.public.generation
    sheets = [
        share_lines.sheet(
            words,
            number=number,
            count=sharing.count,
            threshold=sharing.threshold,
            generation=generation,
        )
        for number, words in enumerate(shares, 1)
    ]
    if options.share_files:
        share_lines.write_files(sheets, Path(options.share_files))
    else:
        share_lines.show_one_by_one(sheets)
    if not sys.stdin.isatty():
        note(
            translate(
                N_(
                    "Nobody has tried the shares yet. Do it with: fielddoc passphrase VAULT --rehearse"
                )
            )
        )
        return
    say(translate(N_("Now type shares from your sheets, so that it is sure that they open it.")))
    share_lines.repeated(lambda: recovery.rehearse(vault, share_lines.asked(generation)))
    say(translate(N_("Proven: these shares open the vault. Keep the sheets apart.")))


def _rehearse(folder: Path, options: argparse.Namespace) -> None:
    with opened(folder, passphrase(options.passphrase_file)) as vault:
        generation = vault.key_file.half.public.generation
        recovery.rehearse(vault, share_lines.shares(options.shares_file, generation))
    if options.json:
        say_json({"proven": True})
        return
    say(translate(N_("Proven: these shares open the vault. Keep the sheets apart.")))


def _show(folder: Path, options: argparse.Namespace) -> None:
    with opened(folder, passphrase(options.passphrase_file)) as vault:
        half, known = vault.key_file.half, recovery.note(vault)
        unfinished = vault.is_database_behind
    cost = half.public.cost
    if options.json:
        about: Json = (
            {"threshold": known.threshold, "count": known.count, "proven": known.is_proven}
            if known
            else None
        )
        say_json(
            {
                "generation": half.public.generation,
                "recovery": about,
                "unfinished": unfinished,
                **_cost_json(cost),
            }
        )
        return
    say(
        translate(
            N_(
                "Generation {generation} of the keys. A guess costs {mebibytes} MiB, {passes} passes."
            )
        ).format(
            generation=half.public.generation,
            mebibytes=cost.memory_kib // 1024,
            passes=cost.passes,
        )
    )
    if known is None:
        say(translate(N_("There are no recovery shares.")))
        return
    words = (
        N_("Recovery shares: {threshold} of {count} open it. They were tried from the paper.")
        if known.is_proven
        else N_("Recovery shares: {threshold} of {count} should open it. Nobody has tried them.")
    )
    say(translate(words).format(threshold=known.threshold, count=known.count))


# --- what is asked for ----------------------------------------------------------------------------


def propose_words(which: str | None) -> None:
    """Show words that chance has chosen, before a passphrase is asked for on a terminal."""
    if not sys.stderr.isatty() and which is None:
        return
    default = WordList.PINYIN if language_of_system().startswith("zh") else WordList.ENGLISH
    words = passphrase_words.generated(WordList(which) if which else default)
    note(translate(N_("Words that chance has chosen. Type them, or others of your own:")))
    note(f"  {words}")
    if characters := passphrase_words.in_characters(words):
        note(f"  {characters}")


def warn_of(typed: str) -> None:
    """Say on a terminal why a passphrase of one's own may be too easy to guess."""
    if words := passphrase_words.warning(typed):
        note(translate(words))


def tell_cost(cost: Cost) -> None:
    """Say if the machine has so little memory that guessing is cheaper than it should be."""
    if cost.memory_kib < kdf.STANDARD.memory_kib:
        words = N_(
            "This computer has little free memory: a guess costs {mebibytes} MiB instead of"
            " {standard}. Choose one word more, or make new keys on a computer that has more."
        )
        note(
            translate(words).format(
                mebibytes=cost.memory_kib // 1024, standard=kdf.STANDARD.memory_kib // 1024
            )
        )


def wipe_passphrase(options: argparse.Namespace) -> str:
    """Return the wipe passphrase that is asked for, or nothing."""
    if options.wipe_passphrase_file:
        return from_file(options.wipe_passphrase_file)
    if not options.wipe_passphrase:
        return ""
    note(
        translate(
            N_(
                "Typed instead of the passphrase, it destroys the vault at once and for ever. It"
                " reaches no copy; whoever has one can learn what it was, and whoever made you type"
                " it sees what it did."
            )
        )
    )
    return new_passphrase(None, prompt=N_("Wipe passphrase: "))


def _chosen(options: argparse.Namespace) -> str:
    if not options.new_passphrase_file:
        propose_words(options.words)
        typed = new_passphrase(None)
        warn_of(typed)
        return typed
    return new_passphrase(options.new_passphrase_file)


def _wants_wiping(options: argparse.Namespace) -> bool:
    return bool(options.wipe_passphrase or options.wipe_passphrase_file)


def _cost(options: argparse.Namespace, vault: Vault) -> Cost:
    if options.memory is not None:
        kib = options.memory * 1024
        if not kdf.FLOOR.memory_kib <= kib <= kdf.STANDARD.memory_kib:
            raise WrongUseError(
                reason=N_("--memory takes {least} to {most} MiB"),
                least=kdf.FLOOR.memory_kib // 1024,
                most=kdf.STANDARD.memory_kib // 1024,
            )
        return calibrated(free_kib=4 * kib)
    if options.new_cost:
        return calibrated()
    return vault.key_file.half.public.cost


def _cost_json(cost: Cost) -> dict[str, Json]:
    return {"memory_kib": cost.memory_kib, "passes": cost.passes, "lanes": cost.lanes}


def _sharing(text: str | None) -> Sharing | None:
    """Return what `--shares 2/3` asks for.

    Raises:
        WrongUseError: it is no such pair of numbers.
    """
    if text is None:
        return None
    found = re.fullmatch(r"([0-9])(?:/| of |-of-)([0-9])", text)
    try:
        return Sharing(int(found[1]), int(found[2])) if found else Sharing(0, 0)
    except ValueError as error:
        raise WrongUseError(
            reason=N_("--shares takes two numbers such as 2/3, at most {most}"), most=MOST_SHARES
        ) from error
