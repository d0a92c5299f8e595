"""What holds for every test.

Environment variables for the tests:
    FIELDDOC_REQUIRE_ALL=1        a test that could not run counts as failed (used by `.ci/run`)
    FIELDDOC_HYPOTHESIS=thorough  property tests try many more examples
    FIELDDOC_LAW_DIR              folder of the statutes that the legal clocks are checked against
    FIELDDOC_CCTV_DIR             folder of the public age test vectors (npm package `cctv-age`),
                                  where they do not lie beside the checkout
"""

import os
import time
from collections.abc import Generator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.database import DirectoryBasedExampleDatabase

from fielddoc.crypto import kdf

ROOT = Path(__file__).resolve().parent.parent
REQUIRE_ALL = os.environ.get("FIELDDOC_REQUIRE_ALL") == "1"


def _use_neutral_environment() -> None:
    """Let no test depend on the language, the time zone or the settings of who runs it."""
    for name in [*os.environ]:
        if name in ("LANGUAGE", "FIELDDOC_PASSPHRASE_FILE") or name.startswith("LC_"):
            del os.environ[name]
    os.environ["LANG"] = "C.UTF-8"
    os.environ["TZ"] = "UTC"
    if hasattr(time, "tzset"):
        time.tzset()
    # packaging/oracles.sh puts programs there that the machine itself lacks.
    os.environ["PATH"] = os.pathsep.join([str(ROOT / ".venv" / "oracles"), os.environ["PATH"]])


def _choose_hypothesis_profile() -> None:
    """Property tests never fail for slowness: time is what `make bench` measures."""
    common = settings(
        deadline=None,
        max_examples=60,
        suppress_health_check=[HealthCheck.too_slow],
        database=DirectoryBasedExampleDatabase(ROOT / ".hypothesis" / "examples"),
        print_blob=True,
    )
    settings.register_profile("usual", common)
    # The same examples in every run, so that a failure seen there can be repeated anywhere.
    settings.register_profile("unattended", common, derandomize=True, database=None)
    settings.register_profile("thorough", common, max_examples=3000)
    unattended = os.environ.get("CI") == "true"
    fallback = "unattended" if unattended else "usual"
    settings.load_profile(os.environ.get("FIELDDOC_HYPOTHESIS", fallback))


_use_neutral_environment()
_choose_hypothesis_profile()


@pytest.fixture(scope="session", autouse=True)
def cheap_key_derivation() -> Generator[None]:
    """Let a key derivation cost almost nothing, for this process only.

    Hundreds of vaults are made and unlocked here, each for a second and 256 MiB if it were not for
    this. These constants are the one place that decides; nothing that ships can lower them, which
    tests/crypto/test_kdf.py shows in a process that does not read this file.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kdf, "FLOOR", kdf.Cost(memory_kib=64, passes=1, lanes=1))
        patch.setattr(kdf, "STANDARD", kdf.Cost(memory_kib=64, passes=1, lanes=1))
        patch.setattr(kdf, "TARGET_SECONDS", 0.001)
        yield


def _reason(report: pytest.TestReport | pytest.CollectReport) -> str:
    """Return why a test or a whole file was skipped."""
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
    return str(reason).removeprefix("Skipped: ").removeprefix("NOT RUN: ")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Count a skipped test as failed where everything must run."""
    report = yield
    if REQUIRE_ALL and report.skipped and not hasattr(report, "wasxfail"):
        report.longrepr = f"NOT RUN: {_reason(report)}"
        report.outcome = "failed"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Do the same with a file that skips itself as a whole."""
    report = yield
    if REQUIRE_ALL and report.skipped:
        report.longrepr = f"NOT RUN: {_reason(report)}"
        report.outcome = "failed"
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name at the end, so that nobody can miss it, every test that was not run."""
    skipped: list[pytest.TestReport | pytest.CollectReport] = terminalreporter.getreports("skipped")
    if not skipped:
        return
    terminalreporter.section("NOT RUN", sep="!", red=True, bold=True)
    for report in skipped:
        terminalreporter.write_line(f"NOT RUN  {report.nodeid}: {_reason(report)}", red=True)
    terminalreporter.write_line(
        f"{len(skipped)} not run. What they would have shown is not shown by this run.", red=True
    )
