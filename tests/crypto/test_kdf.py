import ast
import re
import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from fielddoc.crypto import kdf, memory
from fielddoc.crypto.kdf import Cost, CostRefusedError, calibrated, check_cost, derive
from fielddoc.errors import MemoryShortError
from fielddoc.vault.opening import make_vault

ROOT = Path(__file__).resolve().parent.parent.parent
SOURCE = ROOT / "src" / "fielddoc"
CONSTANTS = {"FLOOR", "CEILING", "STANDARD", "TARGET_SECONDS"}

SHORT_OF_MEMORY = """
import resource
from fielddoc.crypto import kdf, memory
from fielddoc.errors import MemoryShortError
kdf.FLOOR = kdf.Cost(64, 1, 1)
kib = 32 * 1024
cost = kdf.Cost(kib, 1, 8)
now = 1024 * int(next(l for l in open("/proc/self/status") if l.startswith("VmSize")).split()[1])
MemoryShortError(mebibytes=1)  # so that what Python itself needs for it is there already
told = set()
for more in [*range(4 * 1024, 160 * 1024, 2 * 1024), 2048 * 1024]:
    resource.setrlimit(resource.RLIMIT_AS, (now + more * 1024, resource.RLIM_INFINITY))
    try:
        kdf.derive(bytearray(b"passphrase"), bytes(32), cost)
        told.add("opened")
    except MemoryShortError as error:
        told.add(error.code + " " + str(error.fields["mebibytes"]))
print(*sorted(told), sep=", ")
"""


def run_without_conftest(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False
    )


def openssl_argon2id(passphrase: bytes, salt: bytes, cost: Cost, **more: bytes) -> bytes:
    """Return what OpenSSL makes of it, which shares no code with the library that we call."""
    derivation = Argon2id(
        salt=salt,
        length=32,
        iterations=cost.passes,
        lanes=cost.lanes,
        memory_cost=cost.memory_kib,
        **more,
    )
    return derivation.derive(passphrase)


def test_the_oracle_for_argon2id_gives_the_vector_of_rfc_9106() -> None:
    """Section 5.3; the vector has a secret and associated data, which we do not use."""
    tag = openssl_argon2id(
        b"\x01" * 32, b"\x02" * 16, Cost(32, 3, 4), secret=b"\x03" * 8, ad=b"\x04" * 12
    )

    assert tag.hex() == "0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659"


@pytest.mark.parametrize(
    "cost", [Cost(64, 1, 1), Cost(128, 3, 2), Cost(300, 2, 4), Cost(1024, 5, 8)], ids=str
)
@pytest.mark.parametrize("passphrase", [b"a", "六个词 of one passphrase".encode(), b"x" * 1024])
def test_root_key_is_plain_argon2id(cost: Cost, passphrase: bytes) -> None:
    salt = bytes(range(32))

    root = derive(bytearray(passphrase), salt, cost)

    assert root == openssl_argon2id(passphrase, salt, cost)


def test_known_answer_stays_for_ever() -> None:
    """A vault of today must open in ten years: this value never changes."""
    root = derive(bytearray(b"six words"), bytes(range(32)), Cost(64, 1, 1))

    assert root.hex() == KNOWN_ROOT


KNOWN_ROOT = "952af1c2dcbfffa05d41e74659f32dfc7e6fead4b0dc5efd3909da06d78d08eb"


def test_passphrase_is_zeroed() -> None:
    passphrase = bytearray(b"six words of one passphrase")

    derive(passphrase, bytes(32), Cost(64, 1, 1))

    assert passphrase == bytes(len(b"six words of one passphrase"))


@pytest.mark.parametrize(
    "cost",
    [
        Cost(63, 1, 1),
        Cost(64, 0, 1),
        Cost(64, 1, 0),
        Cost(0, 0, 0),
        Cost(1024 * 1024 + 1, 3, 1),
        Cost(1 << 30, 3, 1),
        Cost((1 << 32) - 1, 3, 1),
        Cost(64, 65, 1),
        Cost(64, (1 << 32) - 1, 1),
        Cost(64, 1, 9),
        Cost(64, 1, 255),
    ],
    ids=str,
)
def test_cost_out_of_bounds_is_refused_before_memory_is_taken(cost: Cost) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    with pytest.raises(CostRefusedError):
        derive(bytearray(b"passphrase"), bytes(32), cost)

    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 4096


def test_costs_at_the_bounds_are_taken() -> None:
    check_cost(kdf.FLOOR)
    check_cost(kdf.CEILING)


@pytest.mark.parametrize(
    ("seconds", "passes"),
    [(30.0, 3), (1.0, 3), (0.9, 3), (0.75, 4), (0.3, 10), (0.06, 50), (0.03, 64), (0.0, 64)],
    ids=str,
)
def test_a_faster_machine_gets_more_passes_up_to_the_ceiling(
    monkeypatch: pytest.MonkeyPatch, seconds: float, passes: int
) -> None:
    """The clock is a fake one: three passes take that long, and a second is the aim."""
    now = iter([100.0, 100.0 + seconds])
    monkeypatch.setattr(kdf, "time", SimpleNamespace(perf_counter=lambda: next(now)))
    monkeypatch.setattr(kdf, "STANDARD", Cost(64, 3, 2))
    monkeypatch.setattr(kdf, "TARGET_SECONDS", 1.0)

    cost = calibrated(free_kib=16 * 1024 * 1024)

    check_cost(cost)
    assert cost == Cost(64, passes, 2)


AFFORDABLE = """
import sys
from fielddoc.crypto.kdf import *
from fielddoc.crypto.kdf import affordable_kib
from fielddoc.errors import MemoryShortError
for mebibytes in map(int, sys.argv[1:]):
    try: print(affordable_kib(mebibytes * 1024) // 1024)
    except MemoryShortError as error: print(error.code, error.fields["mebibytes"])
"""


def test_memory_is_a_quarter_of_what_is_free_within_bounds() -> None:
    """With the shipped constants: a machine of 2 GB, of which 700 MiB are free, gets 175 MiB."""
    free = ("16000", "1024", "900", "700", "512", "300", "256")

    result = run_without_conftest(AFFORDABLE, *free, "255", "0")

    assert result.stderr == ""
    assert result.stdout.split("\n")[:-1] == [
        *("256", "256", "225", "175", "128", "128", "128"),
        "vault.memory-short 256",
        "vault.memory-short 256",
    ]


def test_a_vault_is_calibrated_by_the_memory_that_is_told() -> None:
    assert calibrated(free_kib=2 * 1024 * 1024).memory_kib == kdf.STANDARD.memory_kib
    with pytest.raises(MemoryShortError) as caught:
        calibrated(free_kib=2 * kdf.FLOOR.memory_kib - 1)
    assert "MiB" in caught.value.sentence("en")


def test_free_memory_is_read_from_the_system() -> None:
    if sys.platform.startswith("linux"):
        total = int(re.search(r"MemTotal: +(\d+)", Path("/proc/meminfo").read_text())[1])  # type: ignore[index]
        free = memory.free_kib()
        assert free is not None
        assert 0 < free <= total
    assert memory.parse_meminfo("MemTotal: 2000000 kB\nMemAvailable:  700000 kB\n") == 700_000
    for odd in ("", "MemAvailable: x kB\n", "MemFree: 3 kB\n", "XMemAvailable: 3 kB\n"):
        assert memory.parse_meminfo(odd) is None


def test_too_little_memory_is_said_and_never_crashes() -> None:
    """The room grows in small steps, so that threads and stacks fail too, not only the block."""
    if not sys.platform.startswith("linux"):
        pytest.skip("NOT RUN: needs RLIMIT_AS")

    result = run_without_conftest(SHORT_OF_MEMORY)

    assert result.returncode == 0, result.stderr
    assert result.stdout.strip() == "opened, vault.memory-short 32"


# --- nothing lowers the floor ---------------------------------------------------------------------


def test_shipped_constants_are_those_of_the_design() -> None:
    code = "from fielddoc.crypto.kdf import *; print(FLOOR, CEILING, STANDARD, TARGET_SECONDS)"

    result = run_without_conftest(code)

    assert result.stdout.split("\n")[0] == (
        "Cost(memory_kib=131072, passes=3, lanes=1)"
        " Cost(memory_kib=1048576, passes=64, lanes=8)"
        " Cost(memory_kib=262144, passes=3, lanes=2) 1.0"
    )


@pytest.mark.parametrize("cost", [(64, 1, 1), (131071, 3, 1), (131072, 2, 1), (131072, 3, 0)])
def test_a_process_without_this_conftest_refuses_cheap_costs(cost: tuple[int, int, int]) -> None:
    code = f"from fielddoc.crypto.kdf import *; derive(bytearray(b'p'), bytes(32), Cost(*{cost}))"

    result = run_without_conftest(code)

    assert result.returncode == 1
    assert "CostRefusedError" in result.stderr


def test_a_process_without_this_conftest_refuses_a_vault_below_the_floor(tmp_path: Path) -> None:
    make_vault(tmp_path / "vault", "six words").lock()
    code = (
        "import sys, pathlib; from fielddoc.vault.opening import open_vault;"
        "from fielddoc.errors import FielddocError\n"
        "try: open_vault(pathlib.Path(sys.argv[1]), 'six words')\n"
        "except FielddocError as error: print(error.code)"
    )

    result = run_without_conftest(code, str(tmp_path / "vault"))

    assert result.stdout == "vault.key-damaged\n", result.stderr


def assigned_names(tree: ast.AST) -> Iterator[str]:
    """Yield the last part of every name that is given a value, and of every `setattr`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Store | ast.Del):
            yield node.id if isinstance(node, ast.Name) else node.attr
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("setattr", "delattr"):
            yield ast.literal_eval(node.args[1]) if isinstance(node.args[1], ast.Constant) else "?"
        if isinstance(node, ast.Global):
            yield from node.names


def test_no_other_module_gives_the_constants_another_value() -> None:
    for path in sorted(SOURCE.rglob("*.py")):
        names = [name for name in assigned_names(ast.parse(path.read_bytes())) if name in CONSTANTS]
        expected = sorted(CONSTANTS) if path == SOURCE / "crypto" / "kdf.py" else []
        assert sorted(names) == expected, path


def test_key_derivation_reads_no_environment_and_no_setting() -> None:
    for package in ("crypto", "vault"):
        for path in sorted((SOURCE / package).rglob("*.py")):
            if path.name == "place_facts.py":
                continue  # asks where folders lie that programs copy to a server
            words = {
                node.attr if isinstance(node, ast.Attribute) else node.id
                for node in ast.walk(ast.parse(path.read_bytes()))
                if isinstance(node, ast.Attribute | ast.Name)
            }
            assert not words & {"environ", "environb", "getenv", "getenvb", "argv"}, path
