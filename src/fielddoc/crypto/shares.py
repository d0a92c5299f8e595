"""A secret split into shares of words, of which some, but not one alone, give it back (SLIP-39).

A share is twenty words of SLIP-0039's list: fifteen bits of identifier, an exponent, the share's
number and how many are needed, the share itself, and three check words. The last five bits of the
identifier are the generation of the key file that the shares belong to, so that a share from
before new keys were made says so (docs/vault-format.md, "Recovery shares").

shamir-mnemonic's own warning, that its timing could be measured, does not matter here: it runs a
few times in a vault's life, on the machine of whoever holds the words.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from shamir_mnemonic import shamir
from shamir_mnemonic.share import Share as Slip39Share
from shamir_mnemonic.utils import MnemonicError
from shamir_mnemonic.wordlist import WORD_INDEX_MAP, WORDLIST

from fielddoc.errors import (
    ShareCheckError,
    ShareLengthError,
    ShareNotOursError,
    ShareOfAnotherSetError,
    SharesTooFewError,
    SharesWrongError,
    ShareTwiceError,
    ShareVoidError,
    ShareWordError,
)
from fielddoc.i18n import listed

SECRET_BYTES = 16
SHARE_WORDS = 20
CHECK_WORDS = 3
MOST_SHARES = 9
GENERATIONS = 32
"""A share names its generation modulo this."""
_RANDOM_BITS = 10
_NEAR_WORDS = 4
_MAXIMUM_CHARACTERS = 1000


@dataclass(frozen=True, slots=True)
class Sharing:
    """How many shares there are to be, and how many of them give the secret back."""

    threshold: int = 2
    count: int = 3

    def __post_init__(self) -> None:
        if not 2 <= self.threshold <= self.count <= MOST_SHARES:
            raise ValueError("between 2 and 9 shares, of which 2 at least are needed")


@dataclass(frozen=True, slots=True, repr=False)
class Share:
    """One share whose check words fit. Never printed."""

    words: str
    identifier: int
    number: int
    """From 1."""
    threshold: int
    _slip39: Slip39Share

    @property
    def generation(self) -> int:
        """The generation of the key file that it belongs to, modulo GENERATIONS."""
        return self.identifier % GENERATIONS


def split(secret: bytearray, sharing: Sharing, generation: int) -> tuple[str, ...]:
    """Return the shares of a 16-byte secret, each as 20 words apart by blanks."""
    identifier = secrets.randbits(_RANDOM_BITS) * GENERATIONS + generation % GENERATIONS
    sealed = shamir.EncryptedMasterSecret.from_master_secret(
        bytes(secret), b"", identifier, extendable=True, iteration_exponent=0
    )
    (group,) = shamir.split_ems(1, [(sharing.threshold, sharing.count)], sealed)
    return tuple(share.mnemonic() for share in group)


def words() -> Sequence[str]:
    """Return the 1,024 words of SLIP-39, in their order; the first four letters tell them apart."""
    return tuple(WORDLIST)


def near_words(typed: str) -> list[str]:
    """Return the words of the list that are most like `typed`, the likeliest first; at most four.

    Nothing is repaired by itself: the person looks at the paper and says which it is.
    """
    word = typed.casefold()
    scored = [(_unlikeness(word, candidate), candidate) for candidate in WORDLIST]
    return [candidate for score, candidate in sorted(scored) if score <= 2][:_NEAR_WORDS]


def _unlikeness(word: str, candidate: str) -> int:
    """Return the number of typing mistakes between two words; neighbours exchanged are one."""
    if word[:4] == candidate[:4] and len(word) >= 4:
        return 0
    if abs(len(word) - len(candidate)) > 2:
        return 3
    before: list[int] = []
    row = list(range(len(candidate) + 1))
    for place, letter in enumerate(word, 1):
        above, row = row, [place]
        for column, their in enumerate(candidate, 1):
            cost = min(
                above[column - 1] + (letter != their), above[column] + 1, row[column - 1] + 1
            )
            swapped = (
                min(place, column) > 1
                and letter == candidate[column - 2]
                and word[place - 2] == their
            )
            if swapped:
                cost = min(cost, before[column - 2] + 1)
            row.append(cost)
        before = above
    return row[-1]


def read_share(typed: str) -> Share:
    """Return the share that was typed.

    Raises:
        ShareWordError: something is not a word of the list; says where, and what is like it.
        ShareLengthError: it is not twenty words.
        ShareCheckError: the check words do not fit.
        ShareNotOursError: SLIP-39, but of another program.
    """
    given = typed[: _MAXIMUM_CHARACTERS + 1].casefold().split()
    for place, word in enumerate(given[:SHARE_WORDS], 1):
        if word not in WORD_INDEX_MAP:
            raise ShareWordError(place=place, word=word[:40], near=listed(near_words(word[:40])))
    if len(given) != SHARE_WORDS or len(typed) > _MAXIMUM_CHARACTERS:
        raise ShareLengthError(count=len(given), wanted=SHARE_WORDS)
    text = " ".join(given)
    try:
        share = Slip39Share.from_mnemonic(text)
    except MnemonicError as error:
        raise ShareCheckError from error
    # The exponent decides how long combining takes: a planted share could make it minutes.
    ours = (share.extendable, share.iteration_exponent, share.group_threshold, share.group_count)
    if ours != (True, 0, 1, 1) or share.group_index or share.member_threshold < 2:
        raise ShareNotOursError
    return Share(text, share.identifier, share.index + 1, share.member_threshold, share)


def check_fits(share: Share, others: Sequence[Share], generation: int) -> None:
    """Make sure that a share may stand beside those that were given before it.

    Args:
        share: the one that was given last.
        others: those before it.
        generation: of the vault's key file.

    Raises:
        ShareVoidError, ShareTwiceError, ShareOfAnotherSetError.
    """
    if share.generation != generation % GENERATIONS:
        raise ShareVoidError(made=share.generation, now=generation % GENERATIONS)
    for other in others:
        if share.words == other.words:
            raise ShareTwiceError(number=share.number)
        same_set = (share.identifier, share.threshold) == (other.identifier, other.threshold)
        if not same_set or share.number == other.number:
            raise ShareOfAnotherSetError(number=share.number)


def combine(shares: Sequence[Share]) -> bytearray:
    """Return the secret; the caller zeroes it. The shares were checked by `check_fits`.

    Raises:
        SharesTooFewError: more are needed.
        SharesWrongError: they do not belong together, although each is whole by itself.
    """
    needed = shares[0].threshold if shares else Sharing().threshold
    if len(shares) < needed:
        raise SharesTooFewError(count=len(shares), wanted=needed)
    group = shamir.ShareGroup()
    for share in shares[:needed]:
        group.add(share._slip39)  # noqa: SLF001 - its own class
    try:
        return bytearray(shamir.recover_ems({0: group}).decrypt(b""))
    except MnemonicError as error:
        raise SharesWrongError from error


def secret_text(secret: bytearray) -> str:
    """Return the secret as the text from which a key is derived: 32 hexadecimal digits."""
    return bytes(secret).hex()
