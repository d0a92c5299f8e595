"""Commands about tables, photos and open formats."""

import argparse
import json
import sys
from functools import partial
from pathlib import Path

from fielddoc.cli.bundle_commands import field_names
from fielddoc.cli.terminal import note, padded, progress, say, say_json
from fielddoc.cli.vault_commands import unlocked
from fielddoc.domain.canonical import Json
from fielddoc.domain.schema import RecordType
from fielddoc.domain.visible import visible
from fielddoc.errors import (
    CancelledError,
    MappingRefusedError,
    NotAPlainFileError,
    SheetNeededError,
    WrongUseError,
)
from fielddoc.exchange import mappings
from fielddoc.exchange.mappings import SavedMapping
from fielddoc.exchange.open_export import (
    Flavour,
    OpenFormat,
    OpenPreview,
    OpenSelection,
    OpenWritten,
    export_open,
    preview_open,
)
from fielddoc.exchange.open_import import ForeignTables, plan_open, read_files
from fielddoc.exchange.photos import Found, Taken, look_through, take_in
from fielddoc.exchange.plan import Fate, Plan, Planned, carry_out
from fielddoc.exchange.table_import import plan_table
from fielddoc.exchange.words import UNPROTECTED, preview_lines, says
from fielddoc.i18n import N_, language_of_system, listed, translate
from fielddoc.interchange.mapping import (
    ColumnRule,
    TableMapping,
    Types,
    field_meant,
    field_shown,
    fields_of,
    read_mapping,
    suggested,
    suggested_key,
)
from fielddoc.interchange.table import Table, guessed_header, header_of
from fielddoc.vault.files import explaining
from fielddoc.vault.own_fields import full_type
from fielddoc.vault.vault import Vault

_MAXIMUM_MAPPING_BYTES = 1024 * 1024

# --- tables --------------------------------------------------------------------------------------


def import_table(options: argparse.Namespace) -> None:
    """Import tables, or show what importing them would do."""
    if options.list_mappings:
        _list_mappings(options)
        return
    if not options.files:
        raise WrongUseError(reason=N_("name the file to import"))
    read = read_files([Path(name) for name in options.files], encoding=options.encoding)
    language = language_of_system()
    with unlocked(options) as vault:
        show = progress(N_("Looking through the rows"))
        if isinstance(read, ForeignTables):
            table = _chosen_table(read, options)
            saved = _description(vault, table, options)
            plan = plan_table(vault, table, saved, language=language, progress=show)
            name = saved.name
        else:
            plan, name = plan_open(vault, read, language=language, progress=show), ""
        if not options.dry_run:
            plan = carry_out(vault, plan, progress=progress(N_("Importing"))).plan
    if options.json:
        say_json({**_plan_json(plan), "mapping": name or None, "dry_run": options.dry_run})
        return
    _say_plan(plan, name, is_dry_run=options.dry_run)


def _list_mappings(options: argparse.Namespace) -> None:
    with unlocked(options) as vault:
        found = [(one, full_type(vault, one.mapping.type)) for one in mappings.everything(vault)]
    if options.json:
        say_json([{"name": one.name, "type": one.mapping.type} for one, _ in found])
        return
    for one, declared in found:
        say(f"{visible(one.name)}  ({translate(declared.label) if declared else one.mapping.type})")
        for rule in one.mapping.rules:
            source = visible(rule.column or f'"{rule.fixed}"')
            item = f"#{rule.item}" if rule.item != 1 else ""
            say(f"    {source} = {visible(field_shown(declared, rule.field))}{item}")
    if not found:
        note(translate(N_("No description of columns is saved yet.")))


def _chosen_table(read: ForeignTables, options: argparse.Namespace) -> Table:
    if options.sheet:
        for table in read.tables:
            if table.name == options.sheet:
                return table
    elif len(read.tables) == 1:
        return read.tables[0]
    raise SheetNeededError(names=listed(visible(table.name) for table in read.tables))


def _description(vault: Vault, table: Table, options: argparse.Namespace) -> SavedMapping:
    """Return how the columns are read: as described now, as saved under a name, or as it fits."""
    name = options.mapping or ""
    if options.mapping_file:
        return mappings.described(
            vault,
            name or Path(options.mapping_file).stem,
            _from_file(options.mapping_file, partial(full_type, vault)),
        )
    header = header_of(table, options.header_row or guessed_header(table))
    if options.type or options.column or options.fixed:
        declared = full_type(vault, options.type) if options.type else None
        return mappings.described(vault, name or table.name, _from_words(header, options, declared))
    if name:
        return mappings.load(vault, name)
    fitting = mappings.fitting(vault, table, options.header_row or 0)
    if fitting is None:
        raise MappingRefusedError(
            reason=N_("say what a row is with --type; the columns are: {columns}"),
            columns=listed(visible(column) for column in header),
        )
    return fitting


def _from_file(name: str, types: Types) -> TableMapping:
    path = Path(name)
    if not path.is_file():
        raise NotAPlainFileError(name=name)
    with explaining(name), path.open("rb") as file:
        data = file.read(_MAXIMUM_MAPPING_BYTES + 1)
    try:
        value: Json = json.loads(data[:_MAXIMUM_MAPPING_BYTES].decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise MappingRefusedError(reason=N_("the file is not JSON")) from error
    return read_mapping(value, types)


def _from_words(
    header: tuple[str, ...], options: argparse.Namespace, declared: RecordType | None
) -> TableMapping:
    if not options.type:
        raise WrongUseError(reason=N_("say what a row is with --type"))
    rules = [_rule(words, declared) for words in options.column]
    rules = rules or [*suggested(header, declared)]
    for words in options.fixed:
        field, equals, text = words.partition("=")
        if not equals:
            raise WrongUseError(reason=N_("write --fixed FIELD=TEXT"))
        place, item = _item(field, declared)
        rules.append(ColumnRule(column="", field=place, fixed=text, item=item))
    if not rules:
        raise MappingRefusedError(
            reason=N_("no column has the name of a field: use --column; the fields are: {fields}"),
            fields=", ".join(visible(field_shown(declared, one)) for one in fields_of(declared)),
        )
    return TableMapping(
        type=options.type,
        rules=tuple(rules),
        key=tuple(options.key) or suggested_key(header),
        sheet=options.sheet or "",
        header_row=options.header_row or 0,
        day_order=options.day_order or "",
        several_rows=options.several_rows,
        make_people=options.make_people,
    )


def _rule(words: str, declared: RecordType | None) -> ColumnRule:
    column, equals, field = words.rpartition("=")
    if not equals:
        raise WrongUseError(reason=N_("write --column COLUMN=FIELD"))
    place, item = _item(field, declared)
    return ColumnRule(column=" ".join(column.split()), field=place, item=item)


def _item(field: str, declared: RecordType | None) -> tuple[str, int]:
    """Part `names.text#2` into the field and the number of the item."""
    whole = field_meant(declared, field.strip())
    place, sign, number = (whole, "", "") if whole != field.strip() else whole.partition("#")
    if sign and not (number.isascii() and number.isdigit()):
        raise WrongUseError(reason=N_("the number behind # is a whole number"))
    return place, int(number or 1)


def _plan_json(plan: Plan) -> dict[str, Json]:
    return {
        **{fate.name.lower(): plan.count(fate) for fate in Fate},
        "rows": [
            {
                "file": one.where[0][0] if one.where else None,
                "rows": [row for _, row in one.where],
                "fate": one.fate.name.lower(),
                "type": one.type,
                "id": one.record,
                "title": one.title,
                "fields": list(one.values) if one.fate is Fate.CHANGED else [],
                "notes": [each.sentence() for each in one.notes],
            }
            for one in plan.rows
        ],
        "notes": [each.sentence() for each in plan.notes],
    }


def _say_plan(plan: Plan, name: str, *, is_dry_run: bool) -> None:
    for one in plan.rows:
        if one.fate is not Fate.SAME or one.notes:
            say(_line(one))
            for each in one.notes:
                say(f"      {visible(each.sentence())}")
    for each in plan.notes:
        note(each.sentence())
    words = N_("New: {new}. Changed: {changed}. Known already: {same}. Not taken: {refused}.")
    say(translate(words).format(**{fate.name.lower(): f"{plan.count(fate):,}" for fate in Fate}))
    if is_dry_run:
        say(translate(N_("Nothing was written: this was a dry run.")))
    elif name:
        words = N_("How the columns are read is saved under the name {name}.")
        say(translate(words).format(name=visible(name)))


def _line(one: Planned) -> str:
    rows = listed(str(row) for _, row in one.where[:5]) + ("…" if len(one.where) > 5 else "")
    file = visible(one.where[0][0]) if one.where else "–"
    parts = [padded(f"{file}: {rows}" if rows else file, 24), padded(one.fate.word(), 10)]
    fields = f"  ({', '.join(one.values)})" if one.fate is Fate.CHANGED else ""
    return "  ".join([*parts, visible(one.title) or one.record[:8]]) + fields


# --- photos --------------------------------------------------------------------------------------


def import_photos(options: argparse.Namespace) -> None:
    """Take in the photos of a folder, or show what they say of themselves."""
    with unlocked(options) as vault:
        found = look_through(
            vault, Path(options.folder), options.record, progress=progress(N_("Looking through"))
        )
        taken = Taken(found.photos)
        if not options.dry_run:
            taken = take_in(
                vault,
                found.photos,
                options.record,
                language=language_of_system(),
                progress=progress(N_("Importing")),
            )
    if options.json:
        say_json(_photos_json(found, taken, is_dry_run=options.dry_run))
    else:
        _say_photos(found, taken, is_dry_run=options.dry_run)
    if taken.error is not None:
        raise taken.error


def _photos_json(found: Found, taken: Taken, *, is_dry_run: bool) -> Json:
    return {
        "photos": [
            {
                "name": photo.path.name.encode("utf-8", "backslashreplace").decode(),
                "fate": photo.fate.name.lower(),
                "id": photo.record or None,
                "sha256": photo.sha256,
                "size_bytes": photo.size_bytes,
                "media_type": photo.kind.value,
                "says": {
                    "taken": photo.metadata.moment,
                    "place": photo.metadata.place,
                    "camera": photo.metadata.camera,
                    "by": photo.metadata.taken_by,
                },
                "reason": photo.reason or None,
            }
            for photo in taken.photos
        ],
        "not_photos": list(found.others),
        "left": taken.left,
        "dry_run": is_dry_run,
    }


def _say_photos(found: Found, taken: Taken, *, is_dry_run: bool) -> None:
    for photo in taken.photos:
        say(f"{photo.name}  {photo.fate.word()}  {photo.record}".rstrip())
        for line in (f"SHA-256 {photo.sha256}", *says(photo)):
            say(f"    {line}")
        if photo.reason:
            say(f"    {photo.reason}")
    for name in found.others:
        note(translate(N_("{name} is not a photo and was passed over.")).format(name=name))
    count = {fate: sum(photo.fate is fate for photo in taken.photos) for fate in Fate}
    words = N_("New: {new}. Known already: {same}. Not taken: {refused}.")
    say(
        translate(words).format(
            new=count[Fate.NEW], same=count[Fate.SAME], refused=count[Fate.REFUSED]
        )
    )
    if is_dry_run:
        say(translate(N_("Nothing was written: this was a dry run.")))
    else:
        say(
            translate(
                N_("The originals are kept bit for bit. What they say of themselves is inferred.")
            )
        )


# --- open formats --------------------------------------------------------------------------------


def export_to_open(options: argparse.Namespace) -> None:
    """Write records in an open format, after a warning and a question."""
    selection = OpenSelection(
        records=tuple(options.ids),
        left_out=field_names(options.leave_out),
        with_sources=options.with_sources,
        with_attachments=options.with_attachments,
        identities=frozenset(options.with_identity),
        despite_consent=options.despite_consent,
        allow_leaks=options.allow_leaks,
    )
    language = language_of_system()
    with unlocked(options) as vault:
        preview = preview_open(vault, selection, language=language)
        if not options.json:
            for line in preview_lines(preview):
                note(line)
        if options.dry_run:
            if options.json:
                say_json(_preview_json(preview))
            return
        if not options.json:
            note(translate(UNPROTECTED))
        if not options.yes:
            _ask(options)
        written = export_open(
            vault,
            Path(options.out),
            OpenFormat(options.format),
            selection,
            flavour=Flavour(options.purpose),
            language=language,
            progress=progress(N_("Writing")),
        )
    if options.json:
        say_json(_written_json(preview, written))
        return
    for path in written.files:
        say(visible(str(path)))
    words = N_("Records: {records}. Files: {attachments}. Unprotected.")
    say(
        translate(words).format(
            records=f"{written.records:,}", attachments=f"{written.attachments:,}"
        )
    )


def _ask(options: argparse.Namespace) -> None:
    if options.json or not sys.stdin.isatty():
        raise WrongUseError(reason=N_("without a terminal, say --yes to write unprotected files"))
    word = translate(N_("YES"))
    question = translate(N_("Write them unprotected? Type {word} and press Enter: "))
    if input(question.format(word=word)).strip() not in (word, "YES"):
        raise CancelledError


def _preview_json(preview: OpenPreview) -> dict[str, Json]:
    return {
        "records": dict(preview.types),
        "attachments": preview.attachments,
        "attachment_bytes": preview.attachment_bytes,
        "confidential": dict(preview.confidential),
        "kept_back": preview.kept_back,
        "refusals": list(preview.refusals),
        "not_agreed": {
            one.purpose: {
                "no": list(one.refused),
                "unknown": list(one.unclear),
                "not-asked": list(one.not_asked),
            }
            for one in preview.not_agreed
        },
        "linked_refusals": list(preview.linked_refusals),
        "leaks": list(preview.leaks),
        "not_sought": list(preview.not_sought),
        "identities": list(preview.identities),
    }


def _written_json(preview: OpenPreview, written: OpenWritten) -> dict[str, Json]:
    return {
        "files": [str(path) for path in written.files],
        "size_bytes": written.size_bytes,
        "unprotected": translate(UNPROTECTED),
        "preview": _preview_json(preview),
    }
