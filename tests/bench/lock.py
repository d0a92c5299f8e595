"""How soon the fresh lock screen is there: when the system tells it, and with a large vault."""

import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from PySide6.QtCore import QCoreApplication

from bench import vaults
from bench.many import vault_of
from bench.measure import Bench
from bench.table import Row, percentile
from gui.buses import SIGNALS, System, Told, bus
from real_window import RealWindow, real_window

_SYSTEM_MS = 1000
_LOCK_MS = 700
_AS_INSTALLED = {"PYTHONDONTWRITEBYTECODE": ""}
"""What Python compiled is kept, as with a program that was installed."""
_WORDS = {
    "suspend": "going to sleep",
    "session": "the session being locked",
    "lid": "the lid being closed",
    "screen": "the screen being locked",
}


def rows(bench: Bench) -> Iterator[Row]:
    """Measure the lock of the real window, in a process of its own."""
    folder = bench.folder / "lock"
    folder.mkdir()
    yield from _by_system(folder, max(1, bench.panic_runs // 4))
    yield _large(folder, bench.records, max(1, bench.panic_runs // 4))
    shutil.rmtree(folder)


def _by_system(folder: Path, runs: int) -> Iterator[Row]:
    vaults.made(folder / "small").lock()
    if shutil.which("dbus-daemon") is None:
        for name in SIGNALS:
            yield _row(f"lock-{name}", _told(name), (), at_most_ms=_SYSTEM_MS)
        return
    application = QCoreApplication.instance() or QCoreApplication([])
    with bus() as system, bus() as session:
        computer = System(system=system, session=session)
        environment = {**_AS_INSTALLED, **computer.environment}
        with real_window(_home(folder), environment=environment) as window:
            for name, told in SIGNALS.items():
                times = []
                for _ in range(runs):
                    _open_and_type(window, folder / "small")
                    while not computer.logind.must_wait():
                        application.processEvents()
                    times.append(_lock_by(computer, told, window))
                yield _row(f"lock-{name}", _told(name), times, at_most_ms=_SYSTEM_MS)
        computer.logind.close()


def _told(name: str) -> str:
    return f"lock, from the signal of {_WORDS[name]} to the painted fresh lock screen"


def _lock_by(computer: System, told: Told, window: RealWindow) -> float:
    began = time.monotonic()
    computer.tell(told)
    return float(1000 * (window.wait_for("lock screen")["at"] - began))


def _large(folder: Path, records: int, runs: int) -> Row:
    vault = vault_of(records, folder / "large")
    size_mib = (vault / "records.db").stat().st_size / 2**20
    times = []
    with real_window(_home(folder), environment=_AS_INSTALLED) as window:
        for _ in range(runs):
            _open_and_type(window, vault)
            times.append(1000 * window.lock())
    what = (
        f"lock, from Ctrl+L while typing to the painted fresh lock screen, {records:,} records in"
        f" {size_mib:.0f} MiB"
    )
    return _row("lock-large", what, times, at_most_ms=_LOCK_MS)


def _home(folder: Path) -> Path:
    home = Path(tempfile.mkdtemp(prefix="home-", dir=folder))
    (home / "tmp").mkdir()
    return home


def _open_and_type(window: RealWindow, vault: Path) -> None:
    window.do("window.show_unlock(Path(folder)); wait(30)", folder=str(vault))
    window.do("unlock(passphrase)", passphrase=vaults.PASSPHRASE)
    window.do("key('N', 'ctrl'); wait(50); type_text('Unfinished')")


def _row(key: str, what: str, times: Sequence[float], *, at_most_ms: int) -> Row:
    if not times:
        ours, is_met = "not measured: needs dbus-daemon", None
    else:
        p99 = percentile(times, 99)
        ours = f"p50 {percentile(times, 50):.0f} ms, p99 {p99:.0f} ms, worst {max(times):.0f} ms"
        is_met = p99 <= at_most_ms
    return Row(
        key=key,
        what=what,
        ours=ours,
        peer="–",
        ratio="–",
        limit="–",
        budget=f"p99 of {len(times)} ≤ {at_most_ms} ms",
        is_met=is_met,
    )
