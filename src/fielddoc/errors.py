"""Every failure that can happen to a careful person, each with its sentence and its advice.

`message` says what happened, `hint` what to do now; both are marked for translation and may name
`fields` in braces. `code` is stable and is what machines and tests look at. Anything that is not
a `FielddocError` is a bug of ours. Fields hold nothing from records: counts, versions, names that
the person typed in this very command.

A field `reason` is itself a marked sentence, without a full stop, that may name the other fields.
"""

from typing import ClassVar

from fielddoc.i18n import N_, translate


class FielddocError(Exception):
    """Base of all expected failures; never raised itself."""

    code: ClassVar[str] = ""
    message: ClassVar[str] = ""
    hint: ClassVar[str] = ""
    in_window: ClassVar[str] = ""
    """What to do now in the window, where `hint` names a command."""

    def __init__(self, **fields: str | int) -> None:
        self.fields = fields
        super().__init__(self.sentence("en"))

    def sentence(self, language: str | None = None) -> str:
        """Return what happened, in the person's language."""
        return self._filled(self.message, language)

    def advice(self, language: str | None = None) -> str:
        """Return what to do now, in the person's language."""
        return self._filled(self.hint, language)

    def advice_in_window(self, language: str | None = None) -> str:
        """Return what to do now for somebody at the window, in the person's language."""
        return self._filled(self.in_window or self.hint, language)

    def _filled(self, template: str, language: str | None) -> str:
        fields = {**self.fields, "reason": self.reason(language)}
        return translate(template, language).format(**fields)

    def reason(self, language: str | None = None) -> str:
        """Return the field `reason` in the person's language; empty if there is none."""
        fields = dict(self.fields)
        return translate(str(fields.pop("reason", "")), language).format(**fields)


class WrongUseError(FielddocError):
    """Words of a command that do not go together."""

    code = "usage"
    message = N_("These words do not go together: {reason}")
    hint = N_("See the command's --help. Nothing was done.")


# --- passphrases ---------------------------------------------------------------------------------


class PassphraseRefusedError(FielddocError):
    """The passphrase cannot be used at all; see `fielddoc.crypto.passphrase`."""

    code = "passphrase.refused"
    message = N_(
        "This passphrase cannot be used: it is empty, too long, or has control characters."
    )
    hint = N_("Choose six or more words. Blanks between the words are fine.")


class PassphraseMissingError(FielddocError):
    """No passphrase was given and there is no terminal to ask on."""

    code = "passphrase.missing"
    message = N_("No passphrase was given.")
    hint = N_("Run the command in a terminal, or name a file with --passphrase-file.")


class PassphrasesDifferError(FielddocError):
    """The passphrase and its repetition are not the same."""

    code = "passphrase.differ"
    message = N_("The two passphrases are not the same.")
    hint = N_("Type the same passphrase twice. Nothing was changed.")


class PassphrasesTooAlikeError(FielddocError):
    """Two passphrases of one vault are the same, or almost."""

    code = "passphrase.too-alike"
    message = N_("The passphrase and the wipe passphrase are too much alike.")
    hint = N_(
        "A typing mistake could destroy the vault. Choose one that has no word in common with the"
        " other. Nothing was changed."
    )


# --- vault ---------------------------------------------------------------------------------------


class VaultError(FielddocError):
    """Base of failures around a vault folder."""


class WrongPassphraseError(VaultError):
    """No key slot opens with this passphrase, and the key file is whole."""

    code = "vault.wrong-passphrase"
    message = N_("This passphrase does not open the vault.")
    hint = N_("Check Caps Lock and the input method, then try again. Nothing was changed.")


class CompartmentClosedError(VaultError):
    """The identities of sources have a passphrase of their own, and it was not typed."""

    code = "compartment.closed"
    message = N_("The identities of sources are closed.")
    hint = N_("Open them with their own passphrase first. Nothing was changed.")


class CompartmentPassphraseWrongError(VaultError):
    """The passphrase opens none of the sealed identities."""

    code = "compartment.wrong-passphrase"
    message = N_("This passphrase does not open the identities of sources.")
    hint = N_("It is another one than that of the vault. Check Caps Lock, then try again.")


class VaultNotFoundError(VaultError):
    """The folder does not exist or holds nothing of a vault."""

    code = "vault.not-found"
    message = N_("There is no vault in this folder.")
    hint = N_("Check the folder's name, or make a new vault with: fielddoc new FOLDER")
    in_window = N_("Choose another folder, or make a new vault.")


class KeyFileMissingError(VaultError):
    """Records or attachments are there, but vault.key is not."""

    code = "vault.key-missing"
    message = N_("The vault's key file (vault.key) is missing.")
    hint = N_(
        "The folder may be half copied. Copy the whole folder again. Nothing was changed or removed."
    )


class VaultIncompleteError(VaultError):
    """vault.key is there, but records.db or the attachments folder is not."""

    code = "vault.incomplete"
    message = N_("A part of the vault is missing: {name}")
    hint = N_(
        "The folder may be half copied. Copy the whole folder again. Nothing was changed or removed."
    )


class KeyFileDamagedError(VaultError):
    """vault.key has the wrong size, an unknown head, or a checksum that does not hold."""

    code = "vault.key-damaged"
    message = N_("The vault's key file (vault.key) is damaged.")
    hint = N_(
        "It cannot be repaired. Use another copy of the whole folder, or import a complete bundle"
        " kept elsewhere into a new vault. Nothing was changed or removed."
    )


class VaultDamagedError(VaultError):
    """The database or an attachment is not what was written."""

    code = "vault.damaged"
    message = N_("The vault is damaged or was changed by something other than fielddoc.")
    hint = N_(
        "Do not go on writing in it. Make a copy of the folder, then save what is readable with:"
        " fielddoc salvage VAULT NEW"
    )
    in_window = N_(
        "Do not go on writing in it. Make a copy of the folder, then save what is intact"
        " into a new vault."
    )


class ForeignWalError(VaultError):
    """A write-ahead log lies beside the database and does not belong to its present state."""

    code = "vault.foreign-wal"
    message = N_("The file records.db-wal does not belong to this state of the vault.")
    hint = N_(
        "An old or foreign copy was put beside the database. Nothing was read from it, nothing was"
        " changed or removed. Use another copy of the whole folder."
    )


class VaultTooNewError(VaultError):
    """The format is newer than this program knows."""

    code = "vault.too-new"
    message = N_("This vault was made by a newer version of fielddoc.")
    hint = N_("Open it with that version or a later one. Nothing was changed.")


class VaultInUseError(VaultError):
    """Another process holds the lock."""

    code = "vault.in-use"
    message = N_("The vault is open in another fielddoc.")
    hint = N_("Close it there first, then try again.")


class NoPermissionError(VaultError):
    """The system refuses to read or write."""

    code = "file.no-permission"
    message = N_("fielddoc may not read or write here: {name}")
    hint = N_("Check who owns the folder and whether the disk or stick is write-protected.")


class DiskFullError(VaultError):
    """No space left, or a quota is used up."""

    code = "file.disk-full"
    message = N_("The disk is full.")
    hint = N_("Free some space and try again. What was saved before is safe.")


class MediumLostError(VaultError):
    """Input or output failed, or the folder vanished."""

    code = "file.medium-lost"
    message = N_("The disk or stick stopped answering.")
    hint = N_("Check that it is plugged in, then try again. What was saved before is safe.")


class VaultExistsError(VaultError):
    """`new` was pointed at a folder that is not empty."""

    code = "vault.exists"
    message = N_("This folder is not empty.")
    hint = N_("Name a new or an empty folder for the vault.")


class VaultWipedError(VaultError):
    """The key file carries the wiped mark; what was left has been removed."""

    code = "vault.wiped"
    message = N_("This vault was wiped. What was left of it has been removed.")
    hint = N_("It cannot be opened again. Make a new vault with: fielddoc new FOLDER")
    in_window = N_("It cannot be opened again. You can make a new vault.")


class MemoryShortError(VaultError):
    """The machine has not the memory that the vault's key derivation needs."""

    code = "vault.memory-short"
    message = N_("There is not enough free memory for the vault's key ({mebibytes} MiB needed).")
    hint = N_(
        "Close other programs and try again. If that does not help, open the vault on a computer"
        " with more memory and make new keys there for less of it: fielddoc passphrase --help"
    )
    in_window = N_(
        "Close other programs and try again. If that does not help, open the vault on a"
        " computer with more memory and make new keys there for less of it, in the settings."
    )


class VaultSpaceShortError(VaultError):
    """The disk has not the room that making the keys anew needs for a while."""

    code = "vault.space"
    message = N_("There is not enough room on the disk to make new keys ({mebibytes} MiB needed).")
    hint = N_("Free some space on the disk of the vault and try again. Nothing was changed.")


class KeysUnfinishedError(VaultError):
    """Making new keys was interrupted, and the disk has not had the room to finish it."""

    code = "vault.keys-unfinished"
    message = N_("New keys for this vault were begun and are not finished.")
    hint = N_("Free some space on the disk, lock the vault and unlock it again. Then try again.")


class KeySlotsFullError(VaultError):
    """All eight key slots are taken."""

    code = "vault.slots-full"
    message = N_("There is no free key slot in this vault.")
    hint = N_("Remove a passphrase that is no longer needed first.")


# --- recovery shares -----------------------------------------------------------------------------


class ShareError(VaultError):
    """Base of what can be wrong with recovery shares."""


class ShareWordError(ShareError):
    """A word is not one of the list."""

    code = "share.word"
    message = N_("Word {place} is not a word of the list: {word}")
    hint = N_("Look at the sheet again. Words of the list that are like it: {near}")


class ShareLengthError(ShareError):
    """A share has not twenty words."""

    code = "share.length"
    message = N_("A share has {wanted} words; these are {count}.")
    hint = N_("Type all words of one share in their order, with a blank between them.")


class ShareCheckError(ShareError):
    """All words are of the list, but the check words do not fit the others."""

    code = "share.check"
    message = N_("A word is wrong or in the wrong place: the three check words do not fit.")
    hint = N_("Compare word by word with the sheet, from the first to the last.")


class ShareNotOursError(ShareError):
    """A sound share of another program, such as a wallet."""

    code = "share.not-ours"
    message = N_("These words are a share, but not one that fielddoc made.")
    hint = N_("Look for the sheet that belongs to this vault.")


class ShareVoidError(ShareError):
    """A share that belongs to keys that the vault no longer has."""

    code = "share.void"
    message = N_(
        "This share is void: it was made for generation {made} of the keys, and the vault now has"
        " generation {now}."
    )
    hint = N_(
        "New keys were made since. Look for the newer sheet, or take the copy of the vault that"
        " this share belongs to."
    )


class ShareTwiceError(ShareError):
    """The same share was given before."""

    code = "share.twice"
    message = N_("This is share {number} again.")
    hint = N_("Each share counts once. Type another one.")


class ShareOfAnotherSetError(ShareError):
    """A share that does not belong to the same set as those before it."""

    code = "share.other-set"
    message = N_("This share {number} does not belong to the others: it is of another set.")
    hint = N_("Take only sheets that were made together, for the same vault.")


class SharesTooFewError(ShareError):
    """More shares are needed."""

    code = "share.too-few"
    message = N_("More shares are needed: {wanted} in all, and {count} were given.")
    hint = N_("Ask whoever keeps another one.")


class SharesWrongError(ShareError):
    """Each share is sound, but together they open nothing here."""

    code = "share.wrong"
    message = N_("These shares do not open this vault.")
    hint = N_(
        "They may belong to another vault, or somebody may have made one up. Try each pair of them;"
        " nothing was changed."
    )


# --- records -------------------------------------------------------------------------------------


class RecordError(FielddocError):
    """Base of failures around records and their input."""


class RecordNotFoundError(RecordError):
    """No record of this id."""

    code = "record.not-found"
    message = N_("There is no record with the id {name}.")
    hint = N_("See the ids with: fielddoc list VAULT")
    in_window = N_("Look for it in the list. It may have been removed for good.")


class NothingToUndoError(FielddocError):
    """The journal has no action that still holds."""

    code = "undo.nothing"
    message = N_("There is nothing to take back.")
    hint = N_("Earlier versions of a record are in its history: fielddoc history VAULT ID")
    in_window = N_("Earlier versions of a record are in its history.")


class InputNotJsonError(RecordError):
    """What was to be added cannot be read as JSON."""

    code = "input.not-json"
    message = N_("The input is not valid JSON (line {line}, column {column}).")
    hint = N_("See docs/record-types.md for the form. Nothing was added.")
    in_window = N_("Choose another file. Nothing was added.")


class InputRefusedError(RecordError):
    """The JSON is well formed, but not of the form that `add` takes."""

    code = "input.refused"
    message = N_("This input cannot be taken: {reason}")
    hint = N_("See docs/record-types.md for the form. Nothing was added.")
    in_window = N_("Correct it and try again. Nothing was added.")


class SearchRefusedError(RecordError):
    """A filter, or a search to be saved, is not of the right form."""

    code = "search.refused"
    message = N_("This cannot be searched for: {reason}")
    hint = N_("The fields and their values are in the user's guide, under Finding and reading.")


class NotAPlainFileError(RecordError):
    """A named file does not exist, or is a folder."""

    code = "file.not-found"
    message = N_("There is no such file: {name}")
    hint = N_("Check the name and the folder.")


class FileExistsAlreadyError(RecordError):
    """A file that was to be written is there already."""

    code = "file.exists"
    message = N_("There is already a file of this name: {name}")
    hint = N_("Choose another name. Nothing was overwritten.")


class TableRefusedError(RecordError):
    """A file cannot be read as a table, or is larger than can be held."""

    code = "table.refused"
    message = N_("This file cannot be read: {reason}")
    hint = N_("Mend the file, or save it again as XLSX or as CSV UTF-8. Nothing was imported.")


class EncodingUncertainError(RecordError):
    """A CSV file is not UTF-8, and its encoding can only be guessed."""

    code = "table.encoding"
    message = N_("This CSV file is not in UTF-8. It looks like {name}.")
    hint = N_(
        "Look at a few lines with the encoding that it seems to have, and confirm it: --encoding"
        " {name}. Or save the file again as CSV UTF-8 or XLSX. Nothing was imported."
    )
    in_window = N_(
        "Look at a few lines with the encoding that it seems to have, and confirm it. Or"
        " save the file again as CSV UTF-8 or XLSX. Nothing was imported."
    )


class SheetNeededError(RecordError):
    """A workbook has several sheets and nobody said which."""

    code = "table.sheet"
    message = N_("There are several sheets in this file: {names}")
    hint = N_("Say which one with --sheet. Nothing was imported.")
    in_window = N_("Choose one of them. Nothing was imported.")


class MappingRefusedError(RecordError):
    """What was said about the columns of a table does not fit it."""

    code = "mapping.refused"
    message = N_("The columns cannot be understood in this way: {reason}")
    hint = N_("See docs/open-formats.md for how columns are described. Nothing was imported.")
    in_window = N_("Change the description of the columns. Nothing was imported.")


class MappingNotFoundError(RecordError):
    """No saved description of columns has this name."""

    code = "mapping.not-found"
    message = N_("No description of columns is saved under the name {name}.")
    hint = N_("See the saved names with --list-mappings.")
    in_window = N_("Choose another one. Nothing was imported.")


class NoPhotosError(RecordError):
    """A folder holds no photo."""

    code = "photos.none"
    message = N_("There is no photo in this folder.")
    hint = N_("JPEG, PNG, WebP, TIFF, HEIC and AVIF files are taken. Check the folder.")


class TooManyFilesError(RecordError):
    """A folder holds more files than are taken at once."""

    code = "photos.too-many"
    message = N_("There are more than {count} files in this folder.")
    hint = N_("Import its subfolders one by one. Nothing was imported.")


class InsideTheVaultError(RecordError):
    """An unprotected file was to lie in the vault's own folder."""

    code = "export.inside-vault"
    message = N_("This folder belongs to the vault. Unprotected files must not lie in it.")
    hint = N_("Choose another folder. Nothing was written.")


class AttachmentNotFoundError(RecordError):
    """The content of an attachment is not in this vault."""

    code = "attachment.not-found"
    message = N_("The file of this attachment is not in the vault.")
    hint = N_("Ask whoever sent the record for a bundle that carries the file.")


# --- contacts and bundles ------------------------------------------------------------------------


class ContactError(FielddocError):
    """Base of failures around cards and contacts."""


class CardRefusedError(ContactError):
    """The file is not a contact card, or its own signature does not hold."""

    code = "card.refused"
    message = N_("This file is not a valid contact card.")
    hint = N_("Ask your partner for a new card file.")


class CodeWrongError(ContactError):
    """The typed code is not that of the card."""

    code = "contact.code-wrong"
    message = N_("The code does not belong to this card.")
    hint = N_(
        "Ask your partner for the code by voice or in person and type it again. If it still differs,"
        " the card may have been exchanged: do not use it."
    )


class CodeMistypedError(ContactError):
    """The typed code is not 40 digits with a right check digit."""

    code = "contact.code-mistyped"
    message = N_("This code has a typing mistake: it needs 40 digits and the last one must fit.")
    hint = N_("Type the ten groups of four digits again.")


class ContactNotFoundError(ContactError):
    """No contact of this name."""

    code = "contact.not-found"
    message = N_("There is no contact named {name}.")
    hint = N_("See the names with: fielddoc contact list VAULT")
    in_window = N_("See the names under Partners.")


class ContactExistsError(ContactError):
    """Another contact has this name or this card."""

    code = "contact.exists"
    message = N_("There is already a contact with this name or this card.")
    hint = N_("Give it another name with --name, or remove the old one first.")
    in_window = N_("Give it another name, or remove the old one first.")


class BundleError(FielddocError):
    """Base of failures around bundles."""


class NotABundleError(BundleError):
    """The file is not an age file with a fielddoc bag in it."""

    code = "bundle.not-a-bundle"
    message = N_("This file is not a fielddoc bundle.")
    hint = N_("Check that you chose the right file (its name ends in .age).")


class NotForYouError(BundleError):
    """No key of this vault opens the file."""

    code = "bundle.not-for-you"
    message = N_("This bundle is not addressed to you.")
    hint = N_("Give the sender your card again and ask for a bundle made for it.")


class BundleChangedError(BundleError):
    """Something in the file is not what its maker wrote."""

    code = "bundle.changed"
    message = N_("This bundle was changed or damaged after it was made. Do not rely on it.")
    hint = N_("Nothing was taken from it. Ask the sender for a new copy.")


class BundleCutShortError(BundleError):
    """The file ends too early."""

    code = "bundle.cut-short"
    message = N_("This bundle is cut short: its end is missing.")
    hint = N_("Copy it again from the stick; all parts (.001, .002, …) must be in one folder.")


class UnknownSenderError(BundleError):
    """The signature holds, but its key belongs to no contact."""

    code = "bundle.unknown-sender"
    message = N_("This bundle was made by somebody who is not among your contacts (code {name}).")
    hint = N_(
        "If you know who it is, add their card with: fielddoc contact add. Nothing was taken."
    )
    in_window = N_("If you know who it is, add their card under Partners. Nothing was taken.")


class SignedForOthersError(BundleError):
    """The signed list of recipients does not name this vault's card."""

    code = "bundle.for-others"
    message = N_("This bundle was made for somebody else and passed on to you.")
    hint = N_("Ask the sender for a bundle made for you. Nothing was taken from it.")


class BundleTooNewError(BundleError):
    """The bundle's format is newer than this program knows."""

    code = "bundle.too-new"
    message = N_("This bundle was made by a newer version of fielddoc.")
    hint = N_("Open it with that version or a later one. Nothing was taken from it.")


class BundlePassphraseWrongError(BundleError):
    """A passphrase bundle does not open with the given passphrase."""

    code = "bundle.wrong-passphrase"
    message = N_("This passphrase does not open the bundle.")
    hint = N_("Ask the sender for the passphrase again.")


class NothingToExportError(BundleError):
    """The selection is empty."""

    code = "export.nothing"
    message = N_("There is nothing to export.")
    hint = N_("Name the ids of records, or see what there is with: fielddoc list VAULT")
    in_window = N_("Choose other records, or write one first.")


class LeakFoundError(BundleError):
    """Words that were to stay in the vault stand in what was to leave."""

    code = "export.leak"
    message = N_("{count} names or numbers that were to stay behind stand in the chosen records.")
    hint = N_(
        "No bundle was written. See which with --json, change the records or choose more of them,"
        " or export anyway with --allow-leaks."
    )
    in_window = N_(
        "No bundle was written. Change the records, choose more of them, or decide at"
        " the check that they leave all the same."
    )


class ConsentRefusedError(BundleError):
    """A chosen person said no to this use."""

    code = "export.consent"
    message = N_(
        "{count} of the chosen persons said no to being acted for or shared with partners."
    )
    hint = N_("Leave them out, or export anyway with --despite-consent.")
    in_window = N_("Leave them out, or decide at the check that they leave all the same.")


class EverythingLeavesError(BundleError):
    """A complete bundle was wanted for somebody else, and nobody said that this is meant."""

    code = "export.everything-leaves"
    message = N_(
        "A complete bundle gives somebody else everything: all records with their history and the"
        " trash, all that is marked secret, people who said no, and who the sources are unless a"
        " passphrase of its own closes that."
    )
    hint = N_(
        "Name records instead, or leave out --complete. If they are to have all of it, such as your"
        " own other computer, add --everything-leaves."
    )
    in_window = N_("Choose records instead, or confirm at the check that everything leaves.")


class SpaceShortError(BundleError):
    """The target has not the room for the bundle."""

    code = "export.space"
    message = N_("There is not enough room in the target folder ({mebibytes} MiB needed).")
    hint = N_("Free some space or use another stick. No bundle was written.")


class ReadBackDiffersError(BundleError):
    """The medium gave back other bytes than were written."""

    code = "export.read-back"
    message = N_("The disk or stick did not keep what was written to it.")
    hint = N_("No bundle was left there. Use another stick.")


class VaultChangedMeanwhileError(FielddocError):
    """A record was purged while a bundle was being written."""

    code = "export.vault-changed"
    message = N_("The vault was changed while the bundle was written, so it was given up.")
    hint = N_("Export again. No bundle was left behind.")


class CancelledError(FielddocError):
    """The person stopped a long job."""

    code = "cancelled"
    message = N_("Stopped. Nothing was left half done.")
    hint = N_("Start again when you are ready.")


# --- wipe ----------------------------------------------------------------------------------------


class WipeRefusedError(VaultError):
    """The folder is not a vault, so nothing in it is touched."""

    code = "wipe.refused"
    message = N_("This folder has no vault key file, so nothing was wiped.")
    hint = N_("Check the folder's name.")


class NotDestroyedError(VaultError):
    """The medium refused the overwriting of the key file."""

    code = "wipe.not-destroyed"
    message = N_("NOT DESTROYED. The disk or stick refused to overwrite the key file.")
    hint = N_("Remove write protection and wipe again, or destroy the disk or stick itself.")
