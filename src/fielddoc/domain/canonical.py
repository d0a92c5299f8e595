"""Canonical JSON (RFC 8785) without floats: the bytes that are hashed, signed and compared.

Allowed values are null, booleans, integers within ±(2^53−1), strings without lone surrogates,
arrays and objects. Quantities with a fraction are decimal strings. What is received must already
be canonical; nothing is repaired.
"""

import json
from typing import NoReturn, TypeAlias

import rfc8785

Json: TypeAlias = "bool | int | str | list[Json] | dict[str, Json] | None"

MAXIMUM_DEPTH = 16
MAXIMUM_INTEGER = 2**53 - 1  # RFC 8785 §3.2.2.3: the last integer that every JSON reader keeps
# One revision may hold a long statement, but never so much that reading it hurts an old laptop.
MAXIMUM_BYTES = 16 * 1024 * 1024


class NotCanonicalError(ValueError):
    """The value or the bytes are not canonical JSON of the allowed kind."""


def encode(value: Json) -> bytes:
    """Return the canonical bytes of `value`.

    Raises:
        NotCanonicalError: it holds a float, an integer or depth out of range, or a lone surrogate.
    """
    check_value(value)
    if _has_ascii_keys(value):
        # With keys in ASCII the standard library's encoder writes the same bytes twenty times as
        # fast; they would differ only in the order of keys beyond the basic plane. A property test
        # compares the two.
        return _ENCODER.encode(value).encode("utf-8")
    return rfc8785.dumps(value)


_ENCODER = json.JSONEncoder(
    ensure_ascii=False, check_circular=False, allow_nan=False, sort_keys=True, separators=(",", ":")
)


def _has_ascii_keys(value: Json) -> bool:
    if isinstance(value, dict):
        return all(map(str.isascii, value)) and all(map(_has_ascii_keys, value.values()))
    return not isinstance(value, list) or all(map(_has_ascii_keys, value))


def decode(data: bytes) -> Json:
    """Return the value that `data` stands for.

    Raises:
        NotCanonicalError: `data` is not exactly what `encode` would write for that value.
    """
    if len(data) > MAXIMUM_BYTES:
        raise NotCanonicalError("longer than 16 MiB")
    try:
        text = data.decode("utf-8")
        value: Json = json.loads(
            text,
            object_pairs_hook=_unique,
            parse_float=_refuse_number,
            parse_constant=_refuse_number,
        )
    except (ValueError, RecursionError) as error:
        raise NotCanonicalError("not JSON of the allowed kind") from error
    if encode(value) != data:
        raise NotCanonicalError("not in canonical form")
    return value


def check_value(value: object, depth: int = 1) -> None:
    """Raise `NotCanonicalError` unless `value` can be written as canonical JSON."""
    match value:
        case None | bool():
            return
        case int():
            if abs(value) > MAXIMUM_INTEGER:
                raise NotCanonicalError("an integer beyond 2^53-1")
        case str():
            check_text(value)
        case list() | dict():
            if depth > MAXIMUM_DEPTH:
                raise NotCanonicalError("nested deeper than 16")
            if isinstance(value, dict):
                for key in value:
                    if not isinstance(key, str):
                        raise NotCanonicalError("a key that is not text")
                    check_text(key)
            for part in value.values() if isinstance(value, dict) else value:
                check_value(part, depth + 1)
        case float():
            raise NotCanonicalError("a number with a fraction; write it in quotes")
        case _:
            raise NotCanonicalError("a value that JSON does not know")


def same(one: Json, other: Json) -> bool:
    """Tell whether two values are written as the same JSON; Python holds `True == 1`."""
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[name], other[name]) for name in one)
    return type(one) is type(other) and one == other


def check_text(text: str) -> None:
    """Raise `NotCanonicalError` if `text` has a lone surrogate, which UTF-8 cannot carry."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise NotCanonicalError("a lone surrogate") from error


def _unique(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise ValueError("a key twice")
    return result


def _refuse_number(_: str) -> NoReturn:
    raise ValueError("a number with a fraction")
