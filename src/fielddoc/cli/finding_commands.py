"""Commands that find records: `list` with its filters, and saved searches."""

import argparse
import datetime
import sys
from collections.abc import Sequence

from fielddoc.cli.draft_commands import note_drafts
from fielddoc.cli.record_commands import as_json
from fielddoc.cli.terminal import note, padded, say, say_json
from fielddoc.cli.vault_commands import unlocked
from fielddoc.domain import query as queries
from fielddoc.domain.canonical import Json
from fielddoc.domain.facets import TextFacet
from fielddoc.domain.folding import Span, spans
from fielddoc.domain.matches import excerpts, matches, sought
from fielddoc.domain.query import Fault, FieldName, Query, parse
from fielddoc.domain.record_types import record_type
from fielddoc.domain.visible import visible
from fielddoc.errors import SearchRefusedError
from fielddoc.i18n import N_, language_of_system, translate
from fielddoc.vault import duplicates, records, searches, titles, trash
from fielddoc.vault.finding import Order, Wanted, find
from fielddoc.vault.records import ListedRecord
from fielddoc.vault.searches import SavedSearch
from fielddoc.vault.vault import Vault

FILTERS: tuple[tuple[FieldName, str], ...] = (
    (FieldName.PERSON, N_("that are, or name, a person whose name holds TEXT")),
    (FieldName.SOURCE, N_("that are, or name, a source whose name holds TEXT")),
    (FieldName.NAME, N_("whose name or title holds TEXT")),
    (FieldName.PLACE, N_("whose place or facility holds TEXT")),
    (FieldName.DATE, N_("with something that may have happened then, as 2022-09..2022-11")),
    (FieldName.WITHIN, N_("that certainly lie within these days as a whole")),
    (FieldName.KIND, N_("of this kind, in any language")),
    (FieldName.STAGE, N_("whose chronology has this stage")),
    (FieldName.CHARGE, N_("with this charge")),
    (FieldName.STATUS, N_("with this status, state or outcome")),
    (FieldName.CONFIDENTIALITY, N_("with this confidentiality")),
)
"""Options of `list` that stand for fields of the search, with their help."""


def list_(options: argparse.Namespace) -> None:
    """List records."""
    today = _today()
    filters = _filters(options, today)
    with unlocked(options) as vault:
        text, order = options.search, Order(options.sort or Order.NEWEST)
        if options.saved is not None:
            kept = searches.called(vault, options.saved)
            text = f"{kept.text} {text}"
            order = Order(options.sort or kept.order)
        query = parse(f"{text} {filters}", today)
        _note_problems(query)
        wanted = Wanted(query, type_name=options.type, trash=options.trash, order=order)
        rows = records.rows(vault, find(vault, wanted, limit=options.limit))
        if options.json:
            say_json([_found_json(vault, row.id, query) for row in rows])
            return
        for row in rows:
            _say_row(vault, row, query)
        if not rows:
            note(translate(N_("No record found.")))
        if not options.trash:
            note_drafts(vault)
        if options.trash:
            _note_old(vault)
        elif options.type in (None, "person"):
            _note_near_names(vault, " ".join(query.words))


def _note_old(vault: Vault) -> None:
    """Offer for purging what has been in the trash for long; nothing goes by itself."""
    old = len(trash.overdue(vault, records.now_ms()))
    if old:
        words = N_("In the trash for 30 days or more: {count}. To remove them for good: {command}")
        note(translate(words).format(count=old, command="fielddoc purge VAULT --old"))


def _note_near_names(vault: Vault, text: str) -> None:
    """Name people who are spelled nearly as what was searched for."""
    near = duplicates.near_names(vault, text) if text else []
    if near:
        note(translate(N_("Spelled nearly so:")))
    for row in near:
        note(f"{row.id}  {visible(titles.title(vault, row.id, language_of_system()))}")


def saved_searches(options: argparse.Namespace) -> None:
    """List the saved searches, save one, or remove one."""
    with unlocked(options) as vault:
        if options.save is not None:
            if not options.search.strip():
                raise SearchRefusedError(reason=N_("give the search with --search TEXT"))
            _note_problems(parse(options.search, _today()))
            order = Order(options.sort or Order.NEWEST)
            searches.save(vault, SavedSearch(options.save, options.search, order))
        if options.remove is not None:
            searches.remove(vault, options.remove)
        kept = searches.saved(vault)
    if options.json:
        say_json([{"name": one.name, "search": one.text, "sort": one.order.value} for one in kept])
        return
    for one in kept:
        say(f"{visible(one.name)}: {visible(one.text)}  ({one.order.value})")
    if not kept:
        note(translate(N_("No search is saved.")))


def _today() -> datetime.date:
    return datetime.datetime.now().astimezone().date()


# --- options -------------------------------------------------------------------------------------


def _filters(options: argparse.Namespace, today: datetime.date) -> str:
    """Return what one would type for the filters that were given as options.

    Unlike what is typed freely, a filter that is not understood is refused.

    Raises:
        SearchRefusedError.
    """
    typed: list[str] = []
    for field, _ in FILTERS:
        for value in getattr(options, field.value):
            text = queries.typed(field, [part for part in value.split(",") if part.strip()])
            problems = parse(text, today).problems
            if problems:
                reason = _REASONS[problems[0].fault]
                raise SearchRefusedError(reason=reason, text=value, terms=problems[0].terms())
            typed.append(text)
    if options.overdue:
        typed.append("overdue:yes")
    return " ".join(typed)


_REASONS = {
    Fault.NOT_A_DATE: N_(
        "“{text}” is not understood as a date; write for example 2022-09..2022-11"
    ),
    Fault.NOT_A_TERM: N_("no term of this field is called “{text}”; its terms are: {terms}"),
    Fault.NO_VALUE: N_("a filter is empty"),
    Fault.UNKNOWN_FIELD: N_("a filter is empty"),
    Fault.NOT_YES_OR_NO: N_("a filter is empty"),
}


def _note_problems(query: Query) -> None:
    for problem in query.problems:
        advice = problem.advice()
        if problem.fault is Fault.NOT_A_TERM:  # there is no list here to choose from
            advice = translate(N_("Its terms are: {terms}.")).format(terms=problem.terms())
        note(visible(f"{problem.sentence()} {advice}"))


# --- what is shown -------------------------------------------------------------------------------


def _found_json(vault: Vault, record: str, query: Query) -> dict[str, Json]:
    """Return a record with where the words stand: code points of the text at that path."""
    found = records.get(vault, record)
    shown = as_json(found)
    if query.words:
        shown["matches"] = [
            {"path": match.path, "start": match.span.start, "end": match.span.end}
            for match in matches(found.type, found.values, query)
        ]
    return shown


def _say_row(vault: Vault, row: ListedRecord, query: Query) -> None:
    declared = record_type(row.type)
    label = translate(declared.label) if declared else row.type
    title = row.title or titles.title(vault, row.id, language_of_system())
    marked = _marked(title, spans(title, sought(query, TextFacet.NAME)))
    say(f"{row.id}  {padded(label, 10)}  {_span(row):<22}  {marked}{_conflict_count(row)}")
    if not query.words:
        return
    known = records.projected(vault, row.id)
    for excerpt in excerpts(*known, query, most=1) if known else ():
        say(f"    {translate(excerpt.label)}: {_marked(excerpt.text, excerpt.marks)}")


def _marked(text: str, marks: Sequence[Span]) -> str:
    """Return a text that shows its marks on a terminal, and nothing of them to a program."""
    if not sys.stdout.isatty():
        return visible(text)
    parts: list[str] = []
    at = 0
    for mark in marks:
        bold = f"\x1b[1m{visible(text[mark.start : mark.end])}\x1b[0m"
        parts += [visible(text[at : mark.start]), bold]
        at = mark.end
    return "".join((*parts, visible(text[at:])))


def _span(row: ListedRecord) -> str:
    if row.earliest == row.latest:
        return row.earliest or ""
    return f"{row.earliest or ''}…{row.latest or ''}"


def _conflict_count(row: ListedRecord) -> str:
    if not row.conflicts:
        return ""
    return "  " + translate(N_("(in conflict: {count})")).format(count=row.conflicts)
