#!/bin/sh
# Adds PyInstaller, pinned, to .venv: needed only to freeze the program. Does nothing when it is there.
set -eu
cd "$(dirname "$0")/.."

stamp=.venv/freezer.stamp
if [ -f "$stamp" ] && cmp -s packaging/constraints-package.txt "$stamp"; then
    exit 0
fi
"${PYTHON:-python3}" -m pip --python .venv/bin/python --disable-pip-version-check --no-input \
    install --quiet --quiet --require-hashes --only-binary :all: --requirement packaging/constraints-package.txt
cp packaging/constraints-package.txt "$stamp"
