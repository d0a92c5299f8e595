"""What keeps this process's memory to itself, done before anything else, in window and terminal.

Everything here lowers a risk and proves nothing: docs/threat-model.md says what is left. A call
that the system refuses changes nothing, and the program goes on.
"""

import ctypes
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any

Load = Callable[[str | None], Any]
"""Returns a library of the system by its name; None is the C library."""

_PR_SET_DUMPABLE = 4
_PT_DENY_ATTACH = 31
_NO_FAULT_BOXES = 0x0001 | 0x0002  # SEM_FAILCRITICALERRORS, SEM_NOGPFAULTERRORBOX
_NO_HEAP = 0x0001  # WER_FAULT_REPORTING_FLAG_NOHEAP
_DACL_SECURITY_INFORMATION = 4
_SDDL_REVISION = 1

# Its owner may end the process, wait for it and ask for its name, and not read its memory; "OW"
# takes back what an owner is allowed by being one. The system keeps all rights.
_RIGHTS = "D:P(A;;0x00101001;;;OW)(A;;GA;;;SY)"


def protect_memory(platform: str = sys.platform, load: Load | None = None) -> None:
    """Allow no core dump, and no other process of this person to read our memory."""
    if platform == "win32":
        _protect_on_windows(load or _windows_library)
        return
    _no_core_dumps()
    library = (load or ctypes.CDLL)(None)
    with suppress(OSError, AttributeError):
        if platform == "linux":
            # It also gives /proc/<pid>/mem to root.
            library.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
        elif platform == "darwin":
            library.ptrace(_PT_DENY_ATTACH, 0, None, 0)


def _no_core_dumps() -> None:
    try:
        import resource  # noqa: PLC0415 - POSIX only
    except ImportError:
        return
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _windows_library(name: str | None) -> Any:
    return ctypes.CDLL(name)


def _protect_on_windows(load: Load) -> None:
    """Keep error reports from taking memory along, and others of this person from reading it."""
    with suppress(OSError, AttributeError):
        kernel, advapi = load("kernel32"), load("advapi32")
        kernel.SetErrorMode(_NO_FAULT_BOXES)
        kernel.WerSetFlags(_NO_HEAP)
        descriptor = ctypes.c_void_p()
        made = advapi.ConvertStringSecurityDescriptorToSecurityDescriptorW(
            _RIGHTS, _SDDL_REVISION, ctypes.byref(descriptor), None
        )
        if made:
            # -1 is GetCurrentProcess().
            process = ctypes.c_void_p(-1)
            advapi.SetKernelObjectSecurity(process, _DACL_SECURITY_INFORMATION, descriptor)
            kernel.LocalFree(descriptor)
