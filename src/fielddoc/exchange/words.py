"""What is said of photos and of an export before it is written, alike in terminal and window."""

from collections.abc import Sequence

from fielddoc.bundle.consents import NotAgreed
from fielddoc.domain.consent import PURPOSES, Answer
from fielddoc.domain.record_types import record_type
from fielddoc.domain.visible import visible
from fielddoc.domain.vocabularies import vocabulary
from fielddoc.exchange.open_export import OpenPreview
from fielddoc.exchange.photos import Photo
from fielddoc.i18n import N_, clauses, language_of_system, listed, size_words, translate

UNPROTECTED = N_(
    "These files lie outside the vault and are not encrypted: whoever finds or copies them can read"
    " everything in them, and deleting them later does not undo that. For a partner, a bundle is"
    " safer."
)

_MOST_NAMES = 6
"""Who was never asked may be everybody; who said no is always named."""


def record_and_file_count(records: int, files: int, size_bytes: int = 0) -> str:
    """Return how much there is, for example 18 records, 3 files (36.3 kB).

    Args:
        records: their number.
        files: their number.
        size_bytes: of the files together; 0 to say nothing of it.
    """
    held = translate(N_("1 record") if records == 1 else N_("{count} records"))
    held = held.format(count=f"{records:,}")
    if not files:
        return translate(N_("{records}, no files.")).format(records=held)
    also = translate(N_("1 file") if files == 1 else N_("{count} files"))
    also = also.format(count=f"{files:,}")
    if not size_bytes:
        return translate(N_("{records}, {files}.")).format(records=held, files=also)
    words = translate(N_("{records}, {files} ({size})."))
    return words.format(records=held, files=also, size=size_words(size_bytes))


def says(photo: Photo) -> list[str]:
    """Return in sentences what a photo says of itself."""
    parts = (
        (N_("Taken: {text}"), photo.metadata.moment),
        (N_("Place: {text}"), photo.metadata.place),
        (N_("Camera: {text}"), photo.metadata.camera),
        (N_("By: {text}"), photo.metadata.taken_by),
    )
    lines = [translate(words).format(text=visible(text)) for words, text in parts if text]
    return lines or [translate(N_("It says nothing of itself."))]


def preview_lines(preview: OpenPreview) -> list[str]:
    """Return in sentences what would leave and what speaks against it."""
    kinds: list[str] = []
    for name, count in preview.types:
        declared = record_type(name)
        kind = translate(declared.plural) if declared else visible(name)
        kinds.append(translate(N_("{kind}: {count}")).format(kind=kind, count=f"{count:,}"))
    lines = [listed(kinds)]
    if preview.attachments:
        words = N_("Attached files: {count}, {mebibytes} MiB.")
        lines.append(
            translate(words).format(
                count=preview.attachments, mebibytes=f"{preview.attachment_bytes / 2**20:.1f}"
            )
        )
    levels = vocabulary("confidentiality")
    for level, count in preview.confidential:
        words = N_("Confidentiality “{level}”: {count} records or entries.")
        label = levels.label(level, language_of_system())
        lines.append(translate(words).format(level=label, count=count))
    if preview.kept_back:
        words = N_("Secret records and entries that stay, unless named one by one: {count}.")
        lines.append(translate(words).format(count=preview.kept_back))
    if preview.refusals:
        names = listed(visible(title) for title in preview.refusals)
        words = N_("Said no to being acted for or shared with partners: {names}")
        lines.append(translate(words).format(names=names))
    lines += [_not_agreed_line(one) for one in preview.not_agreed]
    if preview.linked_refusals:
        lines.append(linked_refusals_line(preview.linked_refusals))
    if preview.leaks:
        words = N_("Names or numbers that were to stay and stand in it: {words}")
        found = listed(visible(word) for word in preview.leaks)
        lines.append(translate(words).format(words=found))
    if preview.not_sought:
        words = N_("Too short to be looked for in what leaves, so look yourself: {words}")
        short = listed(visible(word) for word in preview.not_sought)
        lines.append(translate(words).format(words=short))
    if preview.identities:
        words = N_("Who these sources are leaves unprotected: {names}")
        names = listed(visible(title) for title in preview.identities)
        lines.append(translate(words).format(names=names))
    else:
        lines.append(translate(N_("Who your sources are stays sealed in the vault.")))
    return lines


def linked_refusals_line(names: Sequence[str]) -> str:
    """Return in one sentence who is linked from what leaves and said no; a note, no hindrance."""
    words = N_("Said no, and are linked from what leaves though their own record stays: {names}")
    return translate(words).format(names=listed(visible(name) for name in names))


def _not_agreed_line(found: NotAgreed) -> str:
    parts: list[str] = []
    for answer, names in (
        (Answer.NO, found.refused),
        (Answer.UNKNOWN, found.unclear),
        (Answer.NOT_ASKED, found.not_asked),
    ):
        shown = [visible(name) for name in names]
        if answer is not Answer.NO and len(names) > _MOST_NAMES:
            more = translate(N_("{count} more")).format(count=len(names) - _MOST_NAMES)
            shown[_MOST_NAMES:] = [more]
        if shown:
            words = translate(N_("{answer} ({names})"))
            parts.append(words.format(answer=translate(answer.value), names=listed(shown)))
    purpose = vocabulary(PURPOSES).label(found.purpose, language_of_system())
    words = translate(N_("Consent, “{purpose}”: {answers}"))
    return words.format(purpose=purpose, answers=clauses(parts))
