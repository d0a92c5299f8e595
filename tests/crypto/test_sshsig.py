"""Signatures: they hold for one message, one namespace and one key, in one form."""

import base64
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fielddoc.crypto.sshsig import (
    PublicLineError,
    SignatureError,
    allowed_signers_line,
    parse_public_line,
    public_key,
    public_line,
    sign,
    verify,
)
from not_run import not_run

SEED = bytes(range(32))
# RFC 8032, section 7.1, test 1.
RFC_SEED = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
RFC_PUBLIC = bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
MESSAGE = b"what was seen and heard"
NAMESPACE = "fielddoc-bundle-v1"


def refused(armoured: bytes, message: bytes = MESSAGE, namespace: str = NAMESPACE) -> bool:
    try:
        verify(armoured, message, namespace)
    except SignatureError:
        return True
    return False


def ssh_keygen(*arguments: str | Path, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(
            ["ssh-keygen", *arguments], input=stdin, capture_output=True, check=False, timeout=60
        )
    except FileNotFoundError:
        not_run("ssh-keygen is not installed (Debian: openssh-client)")


def test_the_public_key_is_that_of_rfc_8032() -> None:
    assert public_key(RFC_SEED) == RFC_PUBLIC
    assert public_key(bytearray(RFC_SEED)) == RFC_PUBLIC


@given(st.binary(min_size=32, max_size=32), st.binary())
def test_a_signature_names_the_key_that_made_it(seed: bytes, message: bytes) -> None:
    assert verify(sign(seed, message, NAMESPACE), message, NAMESPACE) == public_key(seed)


def test_another_message_is_refused() -> None:
    assert refused(sign(SEED, MESSAGE, NAMESPACE), message=MESSAGE + b"!")


def test_another_namespace_is_refused() -> None:
    assert refused(sign(SEED, MESSAGE, NAMESPACE), namespace="fielddoc-bundle-v2")
    assert refused(sign(SEED, MESSAGE, NAMESPACE), namespace="file")


def test_every_flipped_bit_of_a_signature_is_refused() -> None:
    signature = sign(SEED, MESSAGE, NAMESPACE)

    for place in range(8 * len(signature)):
        changed = bytearray(signature)
        changed[place // 8] ^= 1 << place % 8
        assert refused(bytes(changed))


def test_every_truncation_and_every_added_byte_is_refused() -> None:
    signature = sign(SEED, MESSAGE, NAMESPACE)

    for place in range(len(signature)):
        assert refused(signature[:place])
        assert refused(signature[place + 1 :])
        assert refused(signature[:place] + b"\n" + signature[place:])
        assert refused(signature[:place] + b" " + signature[place:])
    assert refused(signature + b"\n")
    assert refused(signature + signature)


def armoured(blob: bytes, width: int) -> bytes:
    text = base64.b64encode(blob).decode()
    lines = [text[start : start + width] for start in range(0, len(text), width)]
    return "\n".join(
        ("-----BEGIN SSH SIGNATURE-----", *lines, "-----END SSH SIGNATURE-----\n")
    ).encode()


def blob_of(signature: bytes) -> bytes:
    return base64.b64decode(b"".join(signature.splitlines()[1:-1]))


def test_only_the_two_customary_line_lengths_are_taken() -> None:
    blob = blob_of(sign(SEED, MESSAGE, NAMESPACE))

    taken = [width for width in range(1, 500) if not refused(armoured(blob, width))]

    assert taken == [70, 76]


@pytest.mark.parametrize(
    ("original", "replacement"),
    [
        (b"SSHSIG\x00\x00\x00\x01", b"SSHSIG\x00\x00\x00\x02"),
        (b"SSHSIG", b"SSHSIH"),
        (b"\x00\x00\x00\x00\x00\x00\x00\x06sha512", b"\x00\x00\x00\x01r\x00\x00\x00\x06sha512"),
        (b"sha512", b"sha256"),
        (b"ssh-ed25519", b"ssh-ed25518"),
        (b"\x00\x00\x00\x40", b"\x00\x00\x00\x41"),
        (b"\x00\x00\x00\x20", b"\x00\x00\x00\x1f"),
    ],
)
def test_a_field_that_is_not_as_we_write_it_is_refused(original: bytes, replacement: bytes) -> None:
    blob = blob_of(sign(SEED, MESSAGE, NAMESPACE))
    assert original in blob

    assert refused(armoured(blob.replace(original, replacement), 70))


def test_bytes_after_the_signature_are_refused() -> None:
    blob = blob_of(sign(SEED, MESSAGE, NAMESPACE))

    assert refused(armoured(blob + b"\x00", 70))
    assert refused(armoured(blob[:-1], 70))


@given(st.one_of(st.binary(), st.binary().map(lambda blob: armoured(blob, 70))))
def test_any_bytes_are_refused_with_the_declared_error(noise: bytes) -> None:
    assert refused(noise)


@pytest.mark.parametrize("namespace", ["", "a b", 'a"', "a,b", "a*", "名"])
def test_a_namespace_that_could_be_mistaken_is_not_used(namespace: str) -> None:
    with pytest.raises(ValueError, match="namespaces"):
        sign(SEED, MESSAGE, namespace)


@given(st.binary(min_size=32, max_size=32))
def test_a_public_line_is_read_back(public: bytes) -> None:
    assert parse_public_line(public_line(public)) == public


LINE = public_line(RFC_PUBLIC)


@pytest.mark.parametrize(
    "line",
    [
        f"{LINE} comment",
        f"{LINE}\n",
        f" {LINE}",
        LINE.replace(" ", "  "),
        LINE.removeprefix("ssh-ed25519 "),
        LINE.replace("ssh-ed25519", "ssh-rsa"),
        LINE[:-1],
        LINE[:-4],
        f"{LINE}AAAA",
        LINE.replace("C3NzaC1lZDI1NTE5", "C3NzaC1lZDI1NTE4"),
    ],
)
def test_a_public_line_that_differs_in_any_way_is_refused(line: str) -> None:
    assert line != LINE

    with pytest.raises(PublicLineError):
        parse_public_line(line)


@given(st.text())
def test_any_text_is_refused_as_a_public_line(text: str) -> None:
    for line in (text, "ssh-ed25519 " + text):
        with pytest.raises(PublicLineError):
            parse_public_line(line)


@pytest.mark.parametrize("principal", ["", "a b", 'a"', "a,b", "*", "!a", "a\n"])
def test_a_principal_that_could_be_mistaken_is_not_used(principal: str) -> None:
    with pytest.raises(ValueError, match="principals"):
        allowed_signers_line(principal, RFC_PUBLIC, [NAMESPACE])


def test_a_key_is_never_allowed_for_all_namespaces() -> None:
    with pytest.raises(ValueError, match="without a namespace"):
        allowed_signers_line("partner", RFC_PUBLIC, [])


def test_ssh_keygen_accepts_our_signature_and_refuses_another_message(tmp_path: Path) -> None:
    allowed = tmp_path / "allowed_signers"
    allowed.write_text(
        allowed_signers_line("partner-1", public_key(SEED), [NAMESPACE, "other"]) + "\n"
    )
    signature = tmp_path / "message.sig"
    signature.write_bytes(sign(SEED, MESSAGE, NAMESPACE))
    verification: list[str | Path] = [
        "-Y", "verify", "-f", allowed, "-I", "partner-1", "-n", NAMESPACE, "-s", signature,
    ]  # fmt: skip

    assert ssh_keygen(*verification, stdin=MESSAGE).returncode == 0
    assert ssh_keygen(*verification, stdin=MESSAGE + b"!").returncode != 0


def test_ssh_keygen_refuses_our_signature_in_a_namespace_that_is_not_allowed(
    tmp_path: Path,
) -> None:
    allowed = tmp_path / "allowed_signers"
    allowed.write_text(allowed_signers_line("partner-1", public_key(SEED), ["other"]) + "\n")
    signature = tmp_path / "message.sig"
    signature.write_bytes(sign(SEED, MESSAGE, NAMESPACE))

    verification = ssh_keygen(
        "-Y", "verify", "-f", allowed, "-I", "partner-1", "-n", NAMESPACE, "-s", signature,
        stdin=MESSAGE,
    )  # fmt: skip

    assert verification.returncode != 0


def test_we_accept_what_ssh_keygen_signs(tmp_path: Path) -> None:
    key, message = tmp_path / "key", tmp_path / "message"
    message.write_bytes(MESSAGE)
    assert ssh_keygen("-q", "-t", "ed25519", "-N", "", "-C", "", "-f", key).returncode == 0
    assert ssh_keygen("-q", "-Y", "sign", "-f", key, "-n", NAMESPACE, message).returncode == 0
    signature = (tmp_path / "message.sig").read_bytes()
    public = parse_public_line((tmp_path / "key.pub").read_text().rstrip())

    assert verify(signature, MESSAGE, NAMESPACE) == public
    assert refused(signature, message=b"something else")
