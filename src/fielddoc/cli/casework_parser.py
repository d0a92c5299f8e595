"""The words of the commands about casework: people, risks, actions, links, undo, own fields."""

import argparse
from collections.abc import Callable
from typing import Any

from fielddoc.cli import (
    casework_commands,
    own_field_commands,
    people_commands,
    sources_commands,
    template_commands,
)
from fielddoc.domain.own_fields import OwnKind
from fielddoc.domain.record_types import RECORD_TYPES
from fielddoc.domain.vocabularies import vocabulary
from fielddoc.i18n import N_
from fielddoc.vault.related import ROLES
from fielddoc.vault.risks import Grouping

Command = Callable[..., argparse.ArgumentParser]


def add_commands(command: Command) -> None:
    """Add the commands that take a vault first."""
    _add_undoing(command)
    _add_people(command)
    _add_cases(command)
    _add_own_fields(command)


def _add_undoing(command: Command) -> None:
    command("undo", N_("take the last action back, as a new version"), casework_commands.undo)
    part = command(
        "revert", N_("make an earlier version of a record hold again"), casework_commands.revert
    )
    part.add_argument("id", metavar="ID")
    part.add_argument(
        "revision", metavar="VERSION", help=N_("as `history` shows it; its beginning is enough")
    )
    part = command(
        "copy", N_("write a new record with the values of one"), casework_commands.copy_record
    )
    part.add_argument("id", metavar="ID")


def _add_people(command: Command) -> None:
    part = command(
        "duplicates", N_("list people who may be one person"), people_commands.duplicates
    )
    part.add_argument(
        "--distinct", nargs=2, metavar="ID", help=N_("remember that these two are two people")
    )
    part = command(
        "merge", N_("let one person's record stand for another's too"), people_commands.merge
    )
    part.add_argument("kept", metavar="KEPT", help=N_("the person whose record is kept"))
    part.add_argument("other", metavar="OTHER", help=N_("the record of the same person"))
    part.add_argument(
        "--take",
        metavar="FIELD",
        action="append",
        default=[],
        help=N_("where they differ, take the value of OTHER for this field"),
    )
    part = command(
        "separate", N_("let a merged person stand for themselves again"), people_commands.separate
    )
    part.add_argument("id", metavar="ID", help=N_("of the record that was merged into another"))
    part = command(
        "consent",
        N_("show what people have agreed to, and what they refused"),
        people_commands.consent,
    )
    part.add_argument("ids", metavar="ID", nargs="*", help=N_("people; none means all"))


def _add_cases(command: Command) -> None:
    part = command("related", N_("show what a record is linked with"), casework_commands.related)
    part.add_argument("id", metavar="ID")
    part = command("link", N_("link a record to another in a role"), casework_commands.link)
    part.add_argument("id", metavar="ID")
    part.add_argument(
        "role",
        metavar="ROLE",
        choices=[term.code for term in vocabulary(ROLES).terms],
        help=N_("how it stands to the other, for example: represents, part-of, led-to"),
    )
    part.add_argument("other", metavar="OTHER")
    part.add_argument("--note", metavar="TEXT", default="", help=N_("a note about the link"))
    part = command("risks", N_("show risks by person or by kind"), casework_commands.risks)
    part.add_argument(
        "--by",
        choices=[grouping.value for grouping in Grouping],
        default=Grouping.PERSON.value,
        help=N_("what to group them by"),
    )
    part.add_argument("--on", metavar="DATE", help=N_("as of this day; else today"))
    part = command(
        "happened", N_("turn a risk into the incident that it became"), casework_commands.happened
    )
    part.add_argument("id", metavar="ID", help=N_("of the risk"))
    part.add_argument("--date", metavar="DATE", help=N_("when it happened, as far as it is known"))
    part = command(
        "replies",
        N_("list actions that wait for a reply, late ones first"),
        casework_commands.replies,
    )
    part.add_argument("--on", metavar="DATE", help=N_("as of this day; else today"))
    part.add_argument("--late", action="store_true", help=N_("only those that are late or may be"))


def _add_own_fields(command: Command) -> None:
    part = command("fields", N_("list your own fields, or declare one"), own_field_commands.fields)
    part.add_argument("--label", metavar="TEXT", help=N_("declare a field with this label"))
    part.add_argument(
        "--type",
        dest="types",
        action="append",
        default=[],
        choices=[declared.name for declared in RECORD_TYPES],
        help=N_("where it stands; may be given several times"),
    )
    part.add_argument(
        "--kind",
        choices=[kind.value for kind in OwnKind],
        default=OwnKind.TEXT.value,
        help=N_("what it holds"),
    )
    part.add_argument(
        "--choice",
        dest="choices",
        action="append",
        default=[],
        metavar="TEXT",
        help=N_("for --kind choice: one of the choices"),
    )
    part.add_argument("--help-text", metavar="TEXT", default="", help=N_("help below the field"))


def add_sources_commands(
    commands: "argparse._SubParsersAction[Any]", command: Callable[..., argparse.ArgumentParser]
) -> None:
    """Add `sources status | set | remove`."""
    help_ = N_("a passphrase of their own for the identities of sources")
    verbs = commands.add_parser("sources", help=help_, description=help_).add_subparsers(
        title=N_("what to do"), metavar="status | set | remove", required=True
    )
    command(verbs, "status", N_("say whether they have one"), sources_commands.status)
    part = command(
        verbs, "set", N_("set it, or change it with --open-sources"), sources_commands.set_
    )
    part.add_argument(
        "--new-sources-passphrase-file", metavar="FILE", help=N_("the new passphrase, from a pipe")
    )
    command(
        verbs, "remove", N_("do without it again; needs --open-sources"), sources_commands.remove
    )


def add_template_commands(
    commands: "argparse._SubParsersAction[Any]", command: Callable[..., argparse.ArgumentParser]
) -> None:
    """Add `template keep | list | use | remove`."""
    help_ = N_("templates: values to begin records with")
    verbs = commands.add_parser("template", help=help_, description=help_).add_subparsers(
        title=N_("what to do"), metavar="keep | list | use | remove", required=True
    )
    part = command(
        verbs, "keep", N_("keep a record's values as a template"), template_commands.keep
    )
    part.add_argument("id", metavar="ID")
    part.add_argument("name", metavar="NAME")
    command(verbs, "list", N_("list templates"), template_commands.list_)
    for name, words, run in (
        ("use", N_("write a new record from a template"), template_commands.use),
        ("remove", N_("forget a template"), template_commands.remove),
    ):
        part = command(verbs, name, words, run)
        part.add_argument("name", metavar="NAME")
