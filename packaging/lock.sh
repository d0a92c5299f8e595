#!/bin/sh
# Chooses the newest releases that are at least a week old and writes them, with the hashes of all their files,
# to constraints*.txt. A week, because most poisoned releases are found and withdrawn within days.
#
# The answer is for every system and every Python from 3.11 on, which is why uv is used here: pip can answer only for the
# machine it runs on. To hold a package back, name the release in one of the *.in files.
set -eu
cd "$(dirname "$0")/.."

.venv/bin/python -m venv --without-pip --clear build/lock
"${PYTHON:-python3}" -m pip --python build/lock/bin/python --disable-pip-version-check install --quiet --quiet uv==0.13.9

# The settings of this machine (its indexes, its folders) must not get into what is shared: --no-config and no index lines.
pin() {
    target=$1
    shift
    {
        echo "# Made by \`make lock\`. Do not edit: change the *.in file or pyproject.toml, and run it again."
        build/lock/bin/uv pip compile "$@" --quiet --no-config --universal --python-version 3.11 --upgrade \
            --generate-hashes --exclude-newer '7 days' --no-header --no-emit-index-url --no-emit-find-links
    } >"$target.part"
    mv "$target.part" "$target"
    echo "$target: $(grep -c == "$target") packages"
}

pin packaging/constraints-build.txt packaging/constraints-build.in
pin packaging/constraints.txt pyproject.toml packaging/constraints.in --extra test --extra dev \
    --constraint packaging/constraints-build.txt
pin packaging/constraints-package.txt packaging/constraints-package.in --constraint packaging/constraints-build.txt
pin packaging/constraints-node.txt packaging/constraints-node.in
