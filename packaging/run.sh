#!/bin/sh
# Opens the window where there is a screen and Qt's system libraries are there; otherwise runs the demo, which needs
# neither, and says what is missing.
set -eu
cd "$(dirname "$0")/.."

has_screen() {
    [ -n "${DISPLAY:-}" ] || [ -n "${WAYLAND_DISPLAY:-}" ] || [ "$(uname -s)" = Darwin ]
}

if [ $# -eq 0 ] && has_screen; then
    # As root on Debian what the window needs is installed; anybody else is told.
    why=$(.venv/bin/python -c 'import PySide6.QtWidgets' 2>&1) || sh packaging/oracles.sh
    if why=$(.venv/bin/python -c 'import PySide6.QtWidgets' 2>&1); then
        exec .venv/bin/fielddoc
    fi
    echo "fielddoc: the window cannot be opened: $(echo "$why" | tail -n 1)" >&2
    echo "fielddoc: packaging/system-packages.txt names what to install; meanwhile here is the demo" >&2
fi
exec .venv/bin/fielddoc demo "$@"
