"""Commands about partners and bundles."""

import argparse
from pathlib import Path

from fielddoc.bundle import bag
from fielddoc.bundle import export as exporting
from fielddoc.bundle.card import MAXIMUM_BYTES, own_card, read_card
from fielddoc.bundle.coarser import DatePrecision
from fielddoc.bundle.code import grouped, read_code
from fielddoc.bundle.consents import refused_in_links_of_bundle
from fielddoc.bundle.export import Audience, Selection, Written
from fielddoc.bundle.reading import needs_passphrase
from fielddoc.bundle.receive import Report, import_bundle, verify_bundle
from fielddoc.cli.terminal import (
    from_file,
    new_passphrase,
    note,
    progress,
    say,
    say_json,
)
from fielddoc.cli.terminal import (
    passphrase as ask_passphrase,
)
from fielddoc.cli.vault_commands import unlocked
from fielddoc.domain.canonical import Json
from fielddoc.domain.record_types import RECORD_TYPES
from fielddoc.domain.schema import walk
from fielddoc.domain.visible import visible
from fielddoc.errors import (
    CodeWrongError,
    EverythingLeavesError,
    NotAPlainFileError,
    NothingToExportError,
    WrongUseError,
)
from fielddoc.exchange.words import linked_refusals_line
from fielddoc.i18n import N_, language_of_system, listed, translate
from fielddoc.vault import compartment_passphrase, contacts, identity, titles
from fielddoc.vault.files import explaining
from fielddoc.vault.vault import Vault


def contact_add(options: argparse.Namespace) -> None:
    """Add a partner: the typed code must be that of the card."""
    code = read_code(options.code)
    path = Path(options.card)
    if not path.is_file():
        raise NotAPlainFileError(name=options.card)
    with explaining(options.card), path.open("rb") as file:
        data = file.read(MAXIMUM_BYTES + 1)
    card = read_card(data)
    if card.code != code:
        raise CodeWrongError
    name = options.name or card.name
    if not name.strip():
        raise WrongUseError(reason=N_("the card has no name; give one with --name"))
    with unlocked(options) as vault:
        contacts.add(vault, name=name, code=code, card=data)
    if options.json:
        say_json({"name": name, "code": code, "post_quantum": card.post_quantum is not None})
        return
    say(translate(N_("{name} is now a contact.")).format(name=visible(name)))
    if card.post_quantum is None:
        note(
            translate(N_("Bundles for this contact do not hold against a future quantum computer."))
        )
    if card.signing is None:
        note(
            translate(N_("This contact signs nothing: you can send bundles, but not receive any."))
        )


def contact_list(options: argparse.Namespace) -> None:
    """List partners."""
    with unlocked(options) as vault:
        found = contacts.listing(vault)
    if options.json:
        say_json([{"name": contact.name, "code": contact.code} for contact in found])
        return
    for contact in found:
        say(f"{visible(contact.name)}\n    {grouped(contact.code)}")
    if not found:
        note(translate(N_("There is no contact yet.")))


def contact_remove(options: argparse.Namespace) -> None:
    """Forget a partner."""
    with unlocked(options) as vault:
        contacts.remove(vault, options.name)
    if options.json:
        say_json({"removed": options.name})
    else:
        say(translate(N_("{name} is no longer a contact.")).format(name=visible(options.name)))


def export(options: argparse.Namespace) -> None:
    """Write one bundle a recipient."""
    if not (options.to or options.to_self or options.passphrase_recipient):
        raise WrongUseError(
            reason=N_("name who may open it: --to NAME, --passphrase-recipient or --to-self")
        )
    left_out = field_names(options.leave_out)
    if options.complete:
        _refuse_what_chooses(options)
    elif options.everything_leaves:
        raise WrongUseError(reason=N_("--everything-leaves is said to a --complete bundle"))
    folder = Path(options.out)
    with explaining(options.out):
        folder.mkdir(parents=True, exist_ok=True)
    with unlocked(options) as vault:
        audiences = _audiences(vault, options)
        if options.complete:
            selection = None
            if not options.everything_leaves and any(
                exporting.goes_to_others(vault, audience) for audience in audiences
            ):
                raise EverythingLeavesError
        else:
            selection = _selection(vault, options, left_out)
        written = [_export_one(vault, audience, folder, selection) for audience in audiences]
        if selection is not None:
            _note_what_is_not_known(vault, options, selection)
        behind = _staying(vault, selection) if selection is not None else 0
    if options.json:
        say_json([_written_json(one) for one in written])
        return
    for one in written:
        _say_written(one)
    if behind:
        note(
            translate(
                N_("Attached files that stayed behind: {count}. --with-attachments takes them too.")
            ).format(count=behind)
        )


def _refuse_what_chooses(options: argparse.Namespace) -> None:
    """Refuse words that choose what goes: a complete bundle would not obey them.

    Raises:
        WrongUseError.
    """
    if options.ids:
        raise WrongUseError(reason=N_("--complete takes the whole vault; name no ids with it"))
    given = {
        "--leave-out": options.leave_out,
        "--pseudonyms": options.pseudonyms,
        "--dates": options.dates is not None,
        "--one-off": options.one_off,
        "--with-attachments": options.with_attachments,
        "--with-secret": options.with_secret,
        "--despite-consent": options.despite_consent,
        "--allow-leaks": options.allow_leaks,
    }
    for option, is_given in given.items():
        if is_given:
            raise WrongUseError(
                reason=N_("--complete takes the whole vault as it is; {option} would do nothing"),
                option=option,
            )


def _audiences(vault: Vault, options: argparse.Namespace) -> list[Audience]:
    cards = [read_card(contacts.get(vault, name).card) for name in dict.fromkeys(options.to)]
    if options.to_self:
        note(
            translate(
                N_("Whoever gets hold of this vault's passphrase can open a bundle made for it.")
            )
        )
        if options.complete:
            note(
                translate(
                    N_(
                        "Only this vault can open it. For a backup that opens when the key file is"
                        " damaged, use --passphrase-recipient, and keep your card file with it."
                    )
                )
            )
        cards.append(own_card(identity.current(vault)))
    audiences = [exporting.for_cards([card]) for card in cards]
    if options.passphrase_recipient:
        file = options.bundle_passphrase_file
        typed = (
            from_file(file)
            if file
            else new_passphrase(None, prompt=N_("Passphrase for the bundle: "))
        )
        audiences.append(exporting.for_passphrase(typed))
    return audiences


def _chosen(vault: Vault, options: argparse.Namespace) -> tuple[str, ...]:
    """Return the ids to export; if none are named, every record but sources."""
    if options.ids:
        return tuple(options.ids)
    chosen = exporting.all_but_secret(vault, with_attachments=options.with_attachments)
    if not chosen:
        raise NothingToExportError
    return chosen


def _note_what_is_not_known(
    vault: Vault, options: argparse.Namespace, selection: Selection
) -> None:
    """Say beside the bundle who was never asked or is linked and said no, and what was not done."""
    states = exporting.chosen_states(vault, selection)
    unasked = exporting.not_asked(states)
    if unasked:
        words = N_("Of these people it is not known that they agree to be shared with partners:")
        note(translate(words))
        for record in unasked:
            note(f"  {visible(titles.title(vault, record, language_of_system()))}")
    linked = refused_in_links_of_bundle(vault, states, selection)
    if linked:
        names = [titles.title(vault, record, language_of_system()) for record in linked]
        note(linked_refusals_line(names))
    counted = exporting.held_back if options.ids else exporting.held_back_of_all
    held = counted(vault, selection)
    if held:
        note(translate(N_("Marked secret, and therefore left out: {count}.")).format(count=held))
    short = exporting.not_sought(vault, states, selection)
    if short:
        words = N_("Too short to be looked for in what leaves, so look yourself: {words}")
        note(translate(words).format(words=listed(visible(word) for word in sorted(short))))
    if not compartment_passphrase.state_of(vault).is_open:
        note(
            translate(
                N_(
                    "The identities of sources are closed, so nobody looked whether they stand in"
                    " what leaves. --open-sources does."
                )
            )
        )


def _staying(vault: Vault, selection: Selection) -> int:
    """Return how many attachments --with-attachments would take besides."""
    if selection.with_attachments:
        return 0
    chosen = selection.records
    more = set(exporting.attachments_of(vault, chosen)) - set(chosen)
    return sum(not exporting.is_secret_record(vault, record) for record in more)


def _selection(vault: Vault, options: argparse.Namespace, left_out: frozenset[str]) -> Selection:
    return Selection(
        records=_chosen(vault, options),
        left_out=left_out,
        dates=DatePrecision(options.dates or DatePrecision.DAY),
        pseudonyms=options.pseudonyms,
        with_attachments=options.with_attachments,
        one_off=options.one_off,
        despite_consent=options.despite_consent,
        with_secret=options.with_secret,
        allow_leaks=options.allow_leaks,
    )


def _export_one(
    vault: Vault,
    audience: Audience,
    folder: Path,
    selection: Selection | None,
) -> Written:
    """Write one file: what is selected, or everything if it is None."""
    show = progress(N_("Writing and reading back"))

    def both(what: str, done: int, total: int) -> None:
        show(done + (total if what == "read back" else 0), 2 * total)

    language = language_of_system()
    if selection is None:
        return exporting.export_complete(vault, audience, folder, language=language, progress=both)
    return exporting.export_selected(
        vault, audience, folder, selection, language=language, progress=both
    )


def field_names(given: list[str]) -> frozenset[str]:
    """Return dotted names of fields as somebody typed them.

    Raises:
        WrongUseError: there is no such field.
    """
    known = {
        f"{declared.name}.{dotted}"
        for declared in RECORD_TYPES
        for dotted, _ in walk(declared.fields)
    }
    for name in given:
        if name not in known:
            raise WrongUseError(
                reason=N_("there is no field '{name}'; write TYPE.FIELD, such as person.address"),
                name=name,
            )
    return frozenset(given)


def _written_json(one: Written) -> Json:
    return {
        "files": [str(path) for path in one.files],
        "size_bytes": one.size_bytes,
        "kind": one.kind.value,
        "records": one.records,
        "attachments": one.attachments,
        "sequence": one.sequence,
        "post_quantum": one.is_post_quantum,
        "recipients": list(one.codes),
    }


def _say_written(one: Written) -> None:
    for path in one.files:
        say(str(path))
    words = N_(
        "  Records: {records}. Files: {attachments}. Size: {mebibytes} MiB. Read back and verified."
    )
    say(
        translate(words).format(
            records=one.records,
            attachments=one.attachments,
            mebibytes=f"{one.size_bytes / 2**20:.1f}",
        )
    )
    if one.codes == (bag.PASSPHRASE,):
        say(translate(N_("  Whoever knows the passphrase can open it, with any age program.")))
    elif one.is_post_quantum:
        say(translate(N_("  Holds against a future quantum computer (age 1.3 or later opens it).")))
    else:
        say(
            translate(
                N_(
                    "  Any age program opens it; it does not hold against a future quantum computer."
                )
            )
        )


def _bundle_passphrase(options: argparse.Namespace) -> str | None:
    if options.bundle_passphrase_file:
        return from_file(options.bundle_passphrase_file)
    if needs_passphrase(Path(options.bundle)):
        return ask_passphrase(None, prompt=N_("Passphrase of the bundle: "))
    return None


def verify(options: argparse.Namespace) -> None:
    """Check a bundle and say what it is."""
    with unlocked(options) as vault:
        report = verify_bundle(
            vault,
            Path(options.bundle),
            passphrase=_bundle_passphrase(options),
            progress=progress(N_("Verifying")),
        )
    if options.json:
        say_json(_report_json(report))
    else:
        _say_report(report)


def import_(options: argparse.Namespace) -> None:
    """Add what a bundle holds."""
    with unlocked(options) as vault:
        imported = import_bundle(
            vault,
            Path(options.bundle),
            passphrase=_bundle_passphrase(options),
            progress=progress(N_("Importing")),
        )
    if options.json:
        say_json(
            {
                "bundle": _report_json(imported.report),
                "added": imported.added,
                "known": imported.known,
                "purged": imported.purged,
                "records": list(imported.records),
                "attachments_added": imported.attachments_added,
            }
        )
        return
    _say_report(imported.report)
    words = N_(
        "Added changes: {added}, in records: {records}. Added files: {attachments}."
        " Known already: {known}."
    )
    say(
        translate(words).format(
            added=imported.added,
            records=len(imported.records),
            attachments=imported.attachments_added,
            known=imported.known,
        )
    )
    if imported.purged:
        say(
            translate(N_("Left out, because you purged these records: {count}.")).format(
                count=imported.purged
            )
        )
    if imported.added:
        note(
            translate(
                N_(
                    "`undo` does not take a bundle back. `history` and `revert` make an earlier"
                    " version of a changed record hold again; `delete` moves a new one to the trash."
                )
            )
        )


def _report_json(report: Report) -> dict[str, Json]:
    return {
        "id": report.info.bundle,
        "kind": report.info.kind.value,
        "sender": {"name": report.sender.name, "code": report.sender.code},
        "recipients": list(report.info.recipients),
        "sequence": report.info.sequence,
        "date": report.info.date,
        "records": report.records,
        "attachments": report.attachments,
        "attachment_bytes": report.attachment_bytes,
        "bad": [{"line": bad.line, "reason": bad.reason} for bad in report.bad],
        "known": report.is_known,
        "previous_missing": report.is_previous_missing,
    }


def _say_report(report: Report) -> None:
    name = visible(report.sender.name) or translate(N_("yourself"))
    say(
        translate(N_("Made by {name}, on {day}; not changed since.")).format(
            name=name, day=report.info.date
        )
    )
    words = N_("Number {number} for these recipients. Records: {records}. Files: {attachments}.")
    say(
        translate(words).format(
            number=report.info.sequence, records=report.records, attachments=report.attachments
        )
    )
    if report.is_known:
        say(translate(N_("You have imported this bundle before.")))
    if report.is_previous_missing:
        say(translate(N_("The bundle before this one has not come. Ask for it.")))
    for bad in report.bad:
        words = N_("Line {line} could not be taken: {reason}")
        reason = translate(N_("a newer fielddoc wrote it")) if bad.is_newer else bad.reason
        say(translate(words).format(line=bad.line, reason=visible(reason)))
