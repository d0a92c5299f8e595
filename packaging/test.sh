#!/bin/sh
# Runs the test suite; words go to pytest. The window's tests have a process of their own: Qt keeps threads and
# libraries that others fork over.
set -eu
cd "$(dirname "$0")/.."

# Whoever is not root cannot install Qt's system libraries; everything else can be shown all the same.
without=
.venv/bin/python -c 'import PySide6.QtWidgets' 2>/dev/null || without="-p no:pytest-qt"

if [ $# -gt 0 ]; then
    # shellcheck disable=SC2086 # two words or none
    exec .venv/bin/python -m pytest $without "$@"
fi
if [ -z "$without" ]; then
    .venv/bin/python -m pytest --ignore=tests/gui
    exec .venv/bin/python -m pytest tests/gui
fi
# shellcheck disable=SC2086
.venv/bin/python -m pytest $without --ignore=tests/gui --ignore=tests/test_traces.py
echo
echo "NOT RUN  tests/gui, tests/test_traces.py: Qt's system libraries are missing"
echo "hint: packaging/system-packages.txt names them; make test as root installs them on Debian."
[ "${FIELDDOC_REQUIRE_ALL:-0}" != 1 ]
