"""The words of the commands about tables, photos and open formats."""

import argparse
from collections.abc import Callable

from fielddoc.cli import exchange_commands
from fielddoc.domain.record_types import RECORD_TYPES
from fielddoc.exchange.open_export import Flavour, OpenFormat
from fielddoc.i18n import N_
from fielddoc.interchange.csv_text import ENCODINGS

Command = Callable[..., argparse.ArgumentParser]


def add_commands(command: Command) -> None:
    """Add the three commands, each of which takes a vault first."""
    _add_table(command)
    _add_photos(command)
    _add_export(command)


def _add_table(command: Command) -> None:
    types = [declared.name for declared in RECORD_TYPES]
    part = command(
        "import-table",
        N_("import rows of a spreadsheet, or files that export-open wrote"),
        exchange_commands.import_table,
    )
    part.add_argument(
        "files", metavar="FILE", nargs="*", help=N_("CSV, XLSX, JSONL, Uwazi ZIP, or their folder")
    )
    part.add_argument(
        "--dry-run", action="store_true", help=N_("show what would happen; write nothing")
    )
    part.add_argument(
        "--mapping", metavar="NAME", help=N_("read the columns as saved under this name")
    )
    part.add_argument("--type", choices=types, help=N_("what a row is"))
    part.add_argument(
        "--column",
        metavar="COLUMN=FIELD",
        action="append",
        default=[],
        help=N_("where a column goes, such as Name=names.text; saved under the mapping's name"),
    )
    part.add_argument(
        "--fixed",
        metavar="FIELD=TEXT",
        action="append",
        default=[],
        help=N_("a text for this field in every row"),
    )
    part.add_argument(
        "--key",
        metavar="COLUMN",
        action="append",
        default=[],
        help=N_("a column that tells rows apart, such as a case number"),
    )
    part.add_argument("--mapping-file", metavar="FILE", help=N_("all of this as JSON"))
    part.add_argument("--sheet", metavar="NAME", help=N_("which sheet, where there are several"))
    part.add_argument(
        "--header-row", metavar="N", type=int, help=N_("the row with the names of the columns")
    )
    part.add_argument(
        "--encoding", choices=ENCODINGS, help=N_("of a CSV file, where it cannot be told")
    )
    part.add_argument(
        "--day-order",
        choices=("day-first", "month-first"),
        help=N_("how to read dates like 05/08/2022"),
    )
    part.add_argument(
        "--several-rows", action="store_true", help=N_("rows with the same key are one record")
    )
    part.add_argument(
        "--make-people", action="store_true", help=N_("make people whose name is not found")
    )
    part.add_argument(
        "--list-mappings", action="store_true", help=N_("show the saved descriptions of columns")
    )


def _add_photos(command: Command) -> None:
    part = command(
        "import-photos",
        N_("take in a folder of photos, with what they say of themselves"),
        exchange_commands.import_photos,
    )
    part.add_argument("folder", metavar="FOLDER")
    part.add_argument("--record", metavar="ID", help=N_("the record that they belong to"))
    part.add_argument(
        "--dry-run", action="store_true", help=N_("show what would happen; write nothing")
    )


def _add_export(command: Command) -> None:
    part = command(
        "export-open",
        N_("write records in an open format, unprotected"),
        exchange_commands.export_to_open,
    )
    part.add_argument(
        "ids", metavar="ID", nargs="*", help=N_("records; none means all but sources")
    )
    part.add_argument(
        "--format", choices=[one.value for one in OpenFormat], required=True, help=_FORMAT_HELP
    )
    part.add_argument("--out", metavar="DIR", required=True, help=N_("the folder to write to"))
    part.add_argument(
        "--for",
        dest="purpose",
        choices=[one.value for one in Flavour],
        default=Flavour.SPREADSHEETS.value,
        help=N_("what CSV is for: spreadsheets are kept from computing it, machines get it exact"),
    )
    part.add_argument(
        "--with-sources", action="store_true", help=N_("sources too, not who they are")
    )
    part.add_argument(
        "--with-attachments", action="store_true", help=N_("also files that belong to them")
    )
    part.add_argument(
        "--with-identity",
        metavar="ID",
        nargs="+",
        action="extend",
        default=[],
        help=N_("also who this source is, which is sealed otherwise"),
    )
    part.add_argument(
        "--leave-out",
        metavar="FIELD",
        nargs="+",
        action="extend",
        default=[],
        help=N_("fields to leave out, such as person.address"),
    )
    part.add_argument("--despite-consent", action="store_true", help=N_("even if somebody said no"))
    part.add_argument(
        "--allow-leaks", action="store_true", help=N_("even if left-out names stand in it")
    )
    part.add_argument(
        "--dry-run", action="store_true", help=N_("show what would happen; write nothing")
    )
    part.add_argument("--yes", action="store_true", help=N_("do not ask"))


_FORMAT_HELP = N_("jsonl with its schema, csv, xlsx, or zip files for uwazi")
