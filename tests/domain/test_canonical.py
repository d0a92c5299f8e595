import json

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from fielddoc.domain.canonical import MAXIMUM_INTEGER, Json, NotCanonicalError, decode, encode
from strategies import json_values


def _nested(depth: int, *, opening: bytes = b"[", closing: bytes = b"]") -> bytes:
    return opening * depth + closing * depth


@given(json_values())
def test_what_is_encoded_comes_back_the_same(value: Json) -> None:
    back = decode(encode(value))

    assert json.dumps(back, sort_keys=True) == json.dumps(value, sort_keys=True)


@given(json_values())
def test_equal_values_have_equal_bytes_whatever_the_order_of_keys(value: Json) -> None:
    def turned(part: Json) -> Json:
        if isinstance(part, dict):
            return {key: turned(part[key]) for key in reversed(part)}
        return [turned(each) for each in part] if isinstance(part, list) else part

    assert encode(turned(value)) == encode(value)


@pytest.mark.parametrize(
    ("value", "data"),
    [
        ({"b": 1, "a": [True, False, None]}, b'{"a":[true,false,null],"b":1}'),
        ("徐秦 \u20ac$\u000f\nA'B\"\\/", '"徐秦 €$\\u000f\\nA\'B\\"\\\\/"'.encode()),
        ({"\ufb33": 1, "\U0001f600": 2}, '{"\U0001f600":2,"\ufb33":1}'.encode()),
        (-MAXIMUM_INTEGER, b"-9007199254740991"),
        ("\u2028\x7f", b'"\xe2\x80\xa8\x7f"'),
        ({}, b"{}"),
    ],
)
def test_bytes_are_those_of_rfc_8785(value: Json, data: bytes) -> None:
    assert encode(value) == data
    assert decode(data) == value


@given(json_values(), st.sampled_from([(", ", ": "), (",", ": "), (", ", ":")]), st.booleans())
def test_any_other_way_of_writing_a_value_is_refused(
    value: Json, separators: tuple[str, str], ascii_only: bool
) -> None:
    canonical = encode(value)
    others = {
        json.dumps(value, separators=separators, ensure_ascii=ascii_only).encode(),
        json.dumps(value, separators=(",", ":"), ensure_ascii=True).encode(),
        canonical + b"\n",
        b" " + canonical,
        b"\xef\xbb\xbf" + canonical,
        canonical.decode().encode("utf-16"),
    }

    for other in others - {canonical}:
        with pytest.raises(NotCanonicalError):
            decode(other)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b" ",
        b"[1, 2]",
        b'{"b":1,"a":2}',
        b'{"a":1,"a":1}',
        b'{"a":1,"\\u0061":2}',
        b'{"a":{"b":1,"b":2}}',
        b'"\\u0041"',
        b'"\\/"',
        b'"\\ud83d\\ude00"',
        b'"\\u000F"',
        b'"\n"',
        b"1.0",
        b"0.5",
        b"1e3",
        b"1E400",
        b"-0",
        b"-0.0",
        b"01",
        b"+1",
        b"NaN",
        b"Infinity",
        b"-Infinity",
        b"[NaN]",
        b"True",
        b"'a'",
        b"[1,]",
        b"{a:1}",
        b"nul",
        b"null\x00",
        b"nullnull",
        b"9007199254740992",
        b"-9007199254740992",
        b"9" * 20,
        b"9" * 10_000,
        b'"\\ud800"',
        b'"\\udc00\\ud800"',
        b'{"\\ud800":1}',
        b'"\xff"',
        b'"\xed\xa0\x80"',
        b'"\xc0\x80"',
        b'"\xf4\x90\x80\x80"',
    ],
)
def test_bytes_that_are_not_canonical_are_refused(data: bytes) -> None:
    with pytest.raises(NotCanonicalError):
        decode(data)


@pytest.mark.parametrize(
    "data",
    [
        _nested(17),
        _nested(17, opening=b'{"a":', closing=b"}").replace(b":}", b":1}"),
        _nested(100_000),
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'[{"a":' * 50_000 + b"1" + b"}]" * 50_000,
    ],
    ids=["17 lists", "17 objects", "10^5 lists", "unclosed lists", "unclosed objects", "mixed"],
)
def test_deep_nesting_is_refused(data: bytes) -> None:
    with pytest.raises(NotCanonicalError):
        decode(data)


def test_sixteen_levels_are_taken() -> None:
    deepest = decode(_nested(16))

    assert encode(deepest) == _nested(16)


def test_values_beyond_sixteen_levels_are_not_written() -> None:
    value: Json = "a"
    for _ in range(17):
        value = {"a": value}

    with pytest.raises(NotCanonicalError):
        encode(value)


@pytest.mark.parametrize(
    "value",
    [
        1.0,
        float("nan"),
        2**53,
        -(2**53),
        "\ud800",
        {"\udfff": 1},
        ["a", "\ud83d"],
        {1: "a"},
        {"a": {None: 1}},
        b"bytes",
        (1, 2),
        {"a"},
        object(),
    ],
)
def test_values_that_json_cannot_carry_are_not_written(value: object) -> None:
    with pytest.raises(NotCanonicalError):
        encode(value)  # type: ignore[arg-type]  # wrong on purpose
    with pytest.raises(NotCanonicalError):
        encode([value])  # type: ignore[list-item]  # wrong on purpose


def test_more_than_sixteen_mebibytes_are_refused_unread() -> None:
    with pytest.raises(NotCanonicalError, match="16 MiB"):
        decode(b'"' + b"a" * (16 * 1024 * 1024) + b'"')


_JSON_LIKE = st.lists(
    st.sampled_from(
        [*(bytes([byte]) for byte in b'[]{}",:\\u0159.eE-+ \n\tntf/'), b"null", b'"a"', b"\xe5"]
    ),
    max_size=30,
).map(b"".join)


@given(st.binary(max_size=60) | _JSON_LIKE)
def test_arbitrary_bytes_are_either_canonical_or_refused(data: bytes) -> None:
    try:
        value = decode(data)
    except NotCanonicalError:
        return

    assert encode(value) == data


@given(json_values(), st.data())
def test_canonical_bytes_with_one_byte_changed_are_canonical_or_refused(
    value: Json, data: st.DataObject
) -> None:
    changed = bytearray(encode(value))
    changed[data.draw(st.integers(0, len(changed) - 1))] = data.draw(st.integers(0, 255))

    try:
        back = decode(bytes(changed))
    except NotCanonicalError:
        return

    assert encode(back) == bytes(changed)


@given(json_values())
def test_both_encoders_write_the_same_bytes(value: Json) -> None:
    assert encode(value) == rfc8785.dumps(value)
