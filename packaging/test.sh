#!/bin/sh
# Runs the test suite; words go to pytest. The window's tests have a process of their own: Qt keeps threads and
# libraries that others fork over.
set -eu
cd "$(dirname "$0")/.."
pytest=".venv/bin/python -m pytest"

if [ $# -gt 0 ]; then
    exec $pytest "$@"
fi
if .venv/bin/python -c 'import PySide6.QtWidgets' 2>/dev/null; then
    $pytest --ignore=tests/gui
    exec $pytest tests/gui
fi
# Whoever is not root cannot install them; everything else can be shown all the same.
$pytest -p no:pytest-qt --ignore=tests/gui --ignore=tests/test_traces.py
echo
echo "NOT RUN  tests/gui, tests/test_traces.py: Qt's system libraries are missing"
echo "hint: packaging/system-packages.txt names them; make test as root installs them on Debian."
[ "${FIELDDOC_REQUIRE_ALL:-0}" != 1 ]
