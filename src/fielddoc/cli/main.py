"""The command line: its words, its help, its exit status."""

import argparse
import os
import sys
import traceback
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from fielddoc import __version__
from fielddoc.cli import (
    bundle_commands,
    casework_parser,
    clock_commands,
    draft_commands,
    exchange_parser,
    finding_commands,
    passphrase_commands,
    record_commands,
    vault_commands,
)
from fielddoc.cli.demo import demo
from fielddoc.cli.parser import Parser, WrongWordsError
from fielddoc.cli.terminal import note, note_failure, note_failure_as_json, report
from fielddoc.domain.passphrase_words import WordList
from fielddoc.domain.record_types import RECORD_TYPES
from fielddoc.domain.revision import is_record_id
from fielddoc.errors import FielddocError, WrongUseError
from fielddoc.i18n import N_, translate
from fielddoc.vault.finding import Order

DONE, FAILED, WRONG_USAGE = 0, 1, 2


def main(arguments: Sequence[str]) -> int:
    """Run one command.

    Returns:
        0 done, 1 refused or failed, 2 wrong usage.
    """
    # Looked for in the words themselves: whoever types others wrongly still reads JSON.
    as_json = "--json" in arguments
    try:
        options = _parsed(arguments)
    except WrongWordsError as wrong:
        _tell(WrongUseError.code, wrong.what, wrong.what_now, as_json=as_json)
        return WRONG_USAGE
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else WRONG_USAGE
    try:
        options.run(options)
        sys.stdout.flush()  # here rather than at exit, so that a closed pipe is noticed here
    except FielddocError as error:
        report(error, as_json=as_json)
        return WRONG_USAGE if isinstance(error, WrongUseError) else FAILED
    except KeyboardInterrupt:
        if as_json:
            words = translate(N_("Stopped."))
            note_failure_as_json("stopped", words, translate(N_("What was saved stays.")))
        else:
            note(translate(N_("Stopped.")))
        return FAILED
    except BrokenPipeError:
        # Whoever read the output has gone. Python would complain at exit when it flushes.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except Exception as error:  # noqa: BLE001 - the one place where bugs end
        _report_bug(error, as_json=as_json)
        return FAILED
    return DONE


def _tell(code: str, what: str, what_now: str, *, as_json: bool) -> None:
    if as_json:
        note_failure_as_json(code, what, what_now)
    else:
        note_failure(what, what_now)


def _report_bug(error: Exception, *, as_json: bool) -> None:
    """Say that we made a mistake, and where, without a word of what was being worked on.

    An exception's own text may quote a record or a path, so only its type and the places in our
    code are shown.
    """
    frames = traceback.extract_tb(error.__traceback__)
    places = [f"{Path(f.filename).stem}:{f.lineno}" for f in frames if "fielddoc" in f.filename]
    words = N_("Something went wrong inside fielddoc. This is our mistake: {name}")
    advice = N_("Nothing was sent. Please report: {name}")
    _tell(
        "bug",
        translate(words).format(name=type(error).__name__),
        translate(advice).format(name=" < ".join(reversed(places[-4:]))),
        as_json=as_json,
    )


def _parsed(arguments: Sequence[str]) -> argparse.Namespace:
    """Parse, also where ids stand after options: `export VAULT --out DIR --to Bo ID ID`.

    argparse takes the empty list for such ids as soon as it has seen the vault; it then calls
    them unknown, or more names for the option before them.
    """
    top = parser()
    options, left = top.parse_known_args(arguments)
    if left and not (hasattr(options, "ids") and all(word[0] != "-" for word in left)):
        top.error(f"unrecognized arguments: {' '.join(left)}")
    for option in ("to", "leave_out"):
        words = getattr(options, option, [])
        left = [word for word in words if is_record_id(word)] + left
        setattr(options, option, [word for word in words if not is_record_id(word)])
    if left:
        options.ids = [*options.ids, *left]
    return options


Command = Callable[..., argparse.ArgumentParser]


def _command(
    group: "argparse._SubParsersAction[Any]",
    name: str,
    help_: str,
    run: Callable[[argparse.Namespace], None],
    *,
    vault: bool = True,
) -> argparse.ArgumentParser:
    """Add a command that all share the beginning of: --json, the vault, its passphrase.

    Words for people are only marked here; `Parser` translates them when it shows them.
    """
    part: argparse.ArgumentParser = group.add_parser(name, help=help_, description=help_)
    part.set_defaults(run=run)
    part.add_argument("--json", action="store_true", help=N_("print JSON for machines"))
    if vault:
        part.add_argument("vault", metavar="VAULT", help=N_("the vault's folder"))
        part.add_argument("--passphrase-file", metavar="FILE", help=_FROM_FILE_HELP)
        part.add_argument(
            "--open-sources",
            action="store_true",
            help=N_("also open the identities of sources; asks for their passphrase"),
        )
        part.add_argument(
            "--sources-passphrase-file",
            metavar="FILE",
            help=N_("the passphrase of sources' identities, from a pipe"),
        )
    return part


_FROM_FILE_HELP = N_(
    "read the vault's passphrase from this file instead of asking; meant for a pipe such as"
    " /dev/fd/3, for a passphrase in a file on the disk can be found"
)

_AS_KNOWN_HELP = N_("as it could be told on that day, for example 2023-03-15")

_EPILOG = N_("""\
a first vault:
  fielddoc new my-vault
  fielddoc add my-vault -      then type, and end with Ctrl+D:
    {"type": "person", "values": {"names": [{"text": "徐秦"}]}}
  fielddoc list my-vault --search 徐
the forms of records: docs/record-types.md
exit status: 0 done, 1 refused or failed, 2 wrong usage
""")


def parser() -> argparse.ArgumentParser:
    """Return the parser of all commands; `options.run` is the function to call."""
    top = Parser(
        prog="fielddoc",
        description=N_(
            "Record incidents, risks and detentions in an encrypted vault, and carry them"
            " to partners in encrypted bundles. Works offline; sends nothing anywhere."
        ),
        epilog=_EPILOG,
    )
    top.add_argument("--version", action="version", version=f"fielddoc {__version__}")
    commands = top.add_subparsers(title=N_("commands"), metavar="COMMAND", required=True)

    command = partial(_command, commands)
    part = command(
        "demo", N_("run the whole job once, on the cases of a public report"), demo, vault=False
    )
    part.add_argument("--out", metavar="DIR", help=N_("keep two bundles with their keys here"))
    part = command("new", N_("make a vault in a new or empty folder"), vault_commands.new)
    part.add_argument("--name", default="", help=N_("what your card calls you; may be a pseudonym"))
    _add_words_and_wiping(part)
    part = command(
        "identity", N_("show your card's code, or write your card"), vault_commands.identity
    )
    part.add_argument("--card", metavar="FILE", help=N_("write your card to this file"))
    part.add_argument(
        "--new-card",
        action="store_true",
        help=N_("make fresh keys, so that nothing you sign ties you to what you signed before"),
    )
    part.add_argument("--name", help=N_("what the new card calls you"))
    _add_record_commands(command)
    _add_finding_commands(command)
    _add_draft_commands(command)
    casework_parser.add_commands(command)
    casework_parser.add_template_commands(commands, _command)
    casework_parser.add_sources_commands(commands, _command)
    _add_contact_commands(commands)
    _add_bundle_commands(command)
    exchange_parser.add_commands(command)
    part = command("check", N_("check everything in the vault"), vault_commands.check)
    part = command(
        "salvage", N_("save what is readable of a damaged vault"), vault_commands.salvage
    )
    part.add_argument("new", metavar="NEW", nargs="?", help=N_("folder of the new vault"))
    part.add_argument(
        "--look", action="store_true", help=N_("only say what is intact and what is lost")
    )
    _add_passphrase_command(command)
    part = command(
        "wipe", N_("destroy the vault for ever; needs no passphrase"), vault_commands.wipe
    )
    part.add_argument("--yes", action="store_true", help=N_("do not ask"))
    return top


def _add_words_and_wiping(part: argparse.ArgumentParser) -> None:
    part.add_argument(
        "--words",
        choices=[str(which) for which in WordList],
        help=N_("propose words of this list; pinyin words are typed without tones"),
    )
    part.add_argument(
        "--wipe-passphrase",
        action="store_true",
        help=N_("ask for one that destroys the vault when it is typed; what it cannot do is said"),
    )
    part.add_argument("--wipe-passphrase-file", metavar="FILE", help=N_("that passphrase"))


def _add_passphrase_command(command: Command) -> None:
    part = command(
        "passphrase",
        N_("change the passphrase; new keys, recovery shares, a wipe passphrase"),
        passphrase_commands.change,
    )
    part.epilog = _PASSPHRASE_EPILOG
    part.add_argument("--new-passphrase-file", metavar="FILE", help=N_("the new passphrase"))
    _add_words_and_wiping(part)
    part.add_argument(
        "--new-keys",
        action="store_true",
        help=N_("somebody knows the passphrase: change it and everything that hangs on it"),
    )
    part.add_argument(
        "--new-cost",
        action="store_true",
        help=N_("new keys whose cost of a guess is measured on this computer"),
    )
    part.add_argument(
        "--memory",
        metavar="MIB",
        type=int,
        help=N_("the same for a computer with little memory, 128 to 256"),
    )
    part.add_argument(
        "--shares",
        metavar="K/N",
        nargs="?",
        const="2/3",
        help=N_("new keys with N recovery shares of which K open the vault; 2/3 if not said"),
    )
    part.add_argument(
        "--no-shares", action="store_true", help=N_("new keys without recovery shares")
    )
    part.add_argument(
        "--share-files",
        metavar="DIR",
        help=N_("write the shares to files instead of showing them; files can be found"),
    )
    part.add_argument(
        "--rehearse", action="store_true", help=N_("prove that shares typed from paper open it")
    )
    part.add_argument(
        "--with-shares",
        action="store_true",
        help=N_("open the vault with recovery shares and set a new passphrase"),
    )
    part.add_argument(
        "--shares-file", metavar="FILE", help=N_("read the shares from this file, one a line")
    )
    part.add_argument(
        "--show", action="store_true", help=N_("show what is known of the keys and the shares")
    )


_PASSPHRASE_EPILOG = N_("""\
the passphrase alone, in a second:
  fielddoc passphrase my-vault
somebody knows it, or three partners are to be able to help:
  fielddoc passphrase my-vault --new-keys --shares 2/3
the passphrase is lost, and two of the three partners have come:
  fielddoc passphrase my-vault --with-shares
copies that were made earlier still open with what opened them then
""")


def _add_record_commands(command: Command) -> None:
    part = command("add", N_("add records, or change those whose id is given"), record_commands.add)
    part.add_argument("file", metavar="FILE", help=N_("JSON, one object or a list; - reads stdin"))
    part.add_argument(
        "--append",
        action="store_true",
        help=N_("put given entries and other items behind the present ones"),
    )
    part = command("show", N_("show a record"), record_commands.show)
    part.add_argument("id", metavar="ID")
    part.add_argument("--as-known-on", metavar="DATE", help=_AS_KNOWN_HELP)
    part = command(
        "clock", N_("show the time limits of procedure for a detention"), clock_commands.clock
    )
    part.add_argument("id", metavar="ID", help=N_("of the detention"))
    part.add_argument(
        "--law",
        action="store_true",
        help=N_("tell in our own words what each article says"),
    )
    part.add_argument("--as-known-on", metavar="DATE", help=_AS_KNOWN_HELP)
    part = command(
        "agenda",
        N_("show what is due, overdue or still open, over all cases"),
        clock_commands.show_agenda,
    )
    part.add_argument("--on", metavar="DATE", help=N_("another day than today"))
    part = command("attach", N_("attach files to a record"), record_commands.attach)
    part.add_argument("id", metavar="ID")
    part.add_argument("files", metavar="FILE", nargs="+")
    part = command("extract", N_("copy an attached file out, unprotected"), record_commands.extract)
    part.add_argument("id", metavar="ID", help=N_("of the attachment"))
    part.add_argument("--out", metavar="FILE", required=True, help=N_("a new file"))
    part = command(
        "history", N_("show what changed in a record, and when"), record_commands.history
    )
    part.add_argument("id", metavar="ID")
    for name, help_, run in (
        ("delete", N_("move records to the trash"), record_commands.delete),
        ("restore", N_("take records out of the trash"), record_commands.restore),
        ("purge", N_("remove records from the vault for good"), record_commands.purge),
    ):
        part = command(name, help_, run)
        part.add_argument("ids", metavar="ID", nargs="*" if name == "purge" else "+")
        if name == "purge":
            part.add_argument(
                "--old", action="store_true", help=N_("what has been in the trash for 30 days")
            )
    command(
        "conflicts",
        N_("list values that differ between devices or partners"),
        record_commands.conflicts,
    )
    part = command("settle", N_("decide which of several values holds"), record_commands.settle)
    part.add_argument("id", metavar="ID")
    part.add_argument("path", metavar="PATH", help=N_("as `conflicts` shows it"))
    choice = part.add_mutually_exclusive_group(required=True)
    choice.add_argument(
        "--take", metavar="N", type=int, help=N_("number of the value; 0 is the shown one")
    )
    choice.add_argument("--value", metavar="JSON", help=N_("another value"))


def _add_draft_commands(command: Command) -> None:
    part = command(
        "drafts", N_("list what was typed in the window and not saved"), draft_commands.drafts
    )
    choice = part.add_mutually_exclusive_group()
    choice.add_argument("--show", metavar="ID", help=N_("show what was typed for this record"))
    choice.add_argument("--save", metavar="ID", help=N_("save it as a version of the record"))
    choice.add_argument("--discard", metavar="ID", help=N_("forget it"))


def _add_finding_commands(command: Command) -> None:
    types = [declared.name for declared in RECORD_TYPES]
    part = command("list", N_("list records, newest first, or find some"), finding_commands.list_)
    part.add_argument("--type", choices=types, help=N_("only this type"))
    part.add_argument(
        "--search",
        metavar="TEXT",
        default="",
        help=N_("only records that hold TEXT; also fields, as charge:寻衅滋事 date:2022"),
    )
    for field, help_ in finding_commands.FILTERS:
        part.add_argument(
            f"--{field.value}", metavar="TEXT", action="append", default=[], help=help_
        )
    part.add_argument(
        "--overdue",
        action="store_true",
        help=N_("with a review, a reply or a next check that is overdue"),
    )
    part.add_argument("--saved", metavar="NAME", help=N_("the saved search of this name"))
    part.add_argument("--sort", choices=list(Order), help=_SORT_HELP)
    part.add_argument("--limit", metavar="N", type=int, help=N_("at most so many"))
    part.add_argument("--trash", action="store_true", help=N_("records in the trash instead"))
    part = command(
        "searches", N_("list, save or remove saved searches"), finding_commands.saved_searches
    )
    part.add_argument("--save", metavar="NAME", help=N_("save a search under this name"))
    part.add_argument("--search", metavar="TEXT", default="", help=N_("the search to save"))
    part.add_argument("--sort", choices=list(Order), help=_SORT_HELP)
    part.add_argument("--remove", metavar="NAME", help=N_("forget the search of this name"))


_SORT_HELP = N_("newest first, or best first: with the words in the name or title")


def _add_contact_commands(
    commands: "argparse._SubParsersAction[Any]",
) -> None:
    help_ = N_("partners: add, list or remove them")
    verbs = commands.add_parser("contact", help=help_, description=help_).add_subparsers(
        title=N_("what to do"), metavar="add | list | remove", required=True
    )
    part = _command(verbs, "add", N_("add a partner by card and code"), bundle_commands.contact_add)
    part.add_argument("card", metavar="CARD", help=N_("the card file that your partner gave you"))
    part.add_argument(
        "--code", metavar="DIGITS", required=True, help=N_("the 40 digits they told you")
    )
    part.add_argument("--name", help=N_("how to call them here; else the name on the card"))
    _command(verbs, "list", N_("list partners and their codes"), bundle_commands.contact_list)
    part = _command(verbs, "remove", N_("forget a partner"), bundle_commands.contact_remove)
    part.add_argument("name", metavar="NAME")


def _add_bundle_commands(command: Command) -> None:
    part = command("export", N_("write a bundle for partners"), bundle_commands.export)
    part.add_argument(
        "ids", metavar="ID", nargs="*", help=N_("records; none means all but sources")
    )
    part.add_argument(
        "--to",
        metavar="NAME",
        nargs="+",
        action="extend",
        default=[],
        help=N_("contacts; one file each"),
    )
    part.add_argument(
        "--out", metavar="DIR", required=True, help=N_("where to, for example the stick")
    )
    part.add_argument(
        "--complete", action="store_true", help=N_("the whole vault with its history")
    )
    part.add_argument(
        "--everything-leaves",
        action="store_true",
        help=N_("say that a complete bundle for somebody else is meant"),
    )
    part.add_argument("--to-self", action="store_true", help=N_("make it for your own card"))
    part.add_argument(
        "--passphrase-recipient", action="store_true", help=N_("for who knows a passphrase")
    )
    part.add_argument("--bundle-passphrase-file", metavar="FILE", help=N_("that passphrase"))
    part.add_argument(
        "--leave-out",
        metavar="FIELD",
        nargs="+",
        action="extend",
        default=[],
        help=N_("fields to leave out, such as person.address"),
    )
    part.add_argument(
        "--dates",
        choices=("day", "month", "year"),
        help=N_("let no date leave finer than this"),
    )
    part.add_argument(
        "--pseudonyms",
        action="store_true",
        help=N_("people go under their pseudonyms, without what points at them"),
    )
    part.add_argument(
        "--with-attachments", action="store_true", help=N_("also files that belong to them")
    )
    part.add_argument(
        "--one-off", action="store_true", help=N_("use ids that are never used again")
    )
    part.add_argument("--despite-consent", action="store_true", help=N_("even if somebody said no"))
    part.add_argument(
        "--with-secret",
        action="store_true",
        help=N_("also entries that are marked secret, of records that you name"),
    )
    part.add_argument(
        "--allow-leaks", action="store_true", help=N_("even if left-out names stand in it")
    )
    for name, help_, run in (
        ("verify", N_("check a bundle; writes nothing"), bundle_commands.verify),
        ("import", N_("add what a bundle holds"), bundle_commands.import_),
    ):
        part = command(name, help_, run)
        part.add_argument("bundle", metavar="BUNDLE", help=N_("the .age file, or one of its parts"))
        part.add_argument(
            "--bundle-passphrase-file", metavar="FILE", help=N_("of a passphrase bundle")
        )
