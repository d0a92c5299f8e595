"""What is said of photos and of an export before it is written, alike in terminal and window."""

from fielddoc.domain.record_types import record_type
from fielddoc.domain.visible import visible
from fielddoc.domain.vocabularies import vocabulary
from fielddoc.exchange.open_export import OpenPreview
from fielddoc.exchange.photos import Photo
from fielddoc.i18n import N_, language_of_system, translate

UNPROTECTED = N_(
    "These files lie outside the vault and are not encrypted: whoever finds or copies them can read"
    " everything in them, and deleting them later does not undo that. For a partner, a bundle is"
    " safer."
)


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
    lines = [", ".join(kinds)]
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
        names = ", ".join(visible(title) for title in preview.refusals)
        words = N_("Said no to being acted for or shared with partners: {names}")
        lines.append(translate(words).format(names=names))
    if preview.leaks:
        words = N_("Names or numbers that were to stay and stand in it: {words}")
        found = ", ".join(visible(word) for word in preview.leaks)
        lines.append(translate(words).format(words=found))
    if preview.not_sought:
        words = N_("Too short to be looked for in what leaves, so look yourself: {words}")
        short = ", ".join(visible(word) for word in preview.not_sought)
        lines.append(translate(words).format(words=short))
    if preview.identities:
        words = N_("Who these sources are leaves unprotected: {names}")
        names = ", ".join(visible(title) for title in preview.identities)
        lines.append(translate(words).format(names=names))
    else:
        lines.append(translate(N_("Who your sources are stays sealed in the vault.")))
    return lines
