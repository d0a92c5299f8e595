#!/bin/sh
# Runs the test suite with every Python from 3.11 on that is on this machine, each in a copy of the checkout, so that
# the .venv of this one stays as it is. Says which were found and which were not.
set -eu
cd "$(dirname "$0")/.."

# What some tests compare with lies beside the checkout, which is not beside its copies.
beside() {
    eval "given=\${$1:-}"
    if [ -z "$given" ] && [ -e "$2" ]; then
        export "$1=$(realpath "$2")"
    fi
}
beside FIELDDOC_CCTV_DIR ../shared/data/cctv-age
beside FIELDDOC_LAW_DIR ../shared/data/law
beside FIELDDOC_CASES ../shared/data/cases/cases.json

status=0
found=
for version in 3.11 3.12 3.13; do
    python=
    for candidate in "$(command -v "python$version" || true)" "$HOME/.pyenv/versions/$version".*/bin/python3; do
        # A name on the PATH may be a starter of pyenv for a version that is not there: it must run.
        if [ -x "$candidate" ] && "$candidate" -c '' 2>/dev/null; then
            python=$candidate
            break
        fi
    done
    if [ -z "$python" ]; then
        echo "== Python $version: NOT RUN, it is not on this machine"
        [ "${FIELDDOC_REQUIRE_ALL:-0}" != 1 ] || status=1
        continue
    fi
    found="$found $version"
    copy=build/pythons/$version
    mkdir -p "$copy"
    find "$copy" -mindepth 1 -maxdepth 1 ! -name .venv -exec rm -rf {} +
    # What Git knows of, and what is new and not ignored.
    git ls-files --cached --others --exclude-standard -z | tar --null --files-from=- -cf - | tar -C "$copy" -xf -
    # Some tests ask Git what belongs to the project.
    git -C "$copy" init --quiet
    git -C "$copy" add --all
    echo "== Python $version: $python"
    if make -C "$copy" test PYTHON="$python" ARGS="$*"; then
        echo "== Python $version: passed"
    else
        echo "== Python $version: FAILED"
        status=1
    fi
done
echo "== found:${found:- none}"
exit "$status"
