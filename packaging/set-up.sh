#!/bin/sh
# Makes .venv with exactly the packages pinned in this folder, and fielddoc itself as an editable install.
# Needs Python 3.11 or later with pip 22.3 or later; neither root nor Debian's python3-venv.
# Does nothing, in a few milliseconds, when that has been done and nothing it depends on has changed.
set -eu
cd "$(dirname "$0")/.."

python=${PYTHON:-python3}
stamp=.venv/set-up.stamp

fail() {
    echo "error: $1" >&2
    echo "hint: $2" >&2
    exit 1
}

# What .venv depends on. The first two lines are what it cannot be adapted to: another Python, and another place,
# because the scripts in .venv/bin and the editable install name the folder they are in.
wanted() {
    printf '%s\n' "$python $("$python" --version 2>&1)" "$PWD"
    cat packaging/constraints-build.txt packaging/constraints.txt pyproject.toml packaging/set-up.sh
}

if [ -f "$stamp" ] && [ -x .venv/bin/python ] && wanted | cmp -s - "$stamp"; then
    exit 0
fi

command -v "$python" >/dev/null ||
    fail "There is no $python." "Install Python 3.11 or later (on Debian: apt-get install python3 python3-pip)."
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    fail "$("$python" --version) is too old." "Name a newer one, for example: make run PYTHON=python3.12"
"$python" -m pip --version >/dev/null 2>&1 ||
    fail "$python has no pip." "Install it (on Debian: apt-get install python3-pip)."

# pip of the system installs into .venv: so .venv needs no pip, and Debian's missing ensurepip does no harm.
# Nothing is built in a hidden environment: pip would fill that with packages of any version, without hashes.
install() {
    "$python" -m pip --python .venv/bin/python --disable-pip-version-check --no-input \
        install --quiet --quiet --no-build-isolation "$@"
}

echo "fielddoc: setting up .venv; this takes up to a few minutes the first time" >&2
if [ -f "$stamp" ]; then
    # Another Python, or a folder that was moved: start afresh. Otherwise pip changes only what differs.
    [ "$(sed -n '1,2p' "$stamp")" = "$(wanted | sed -n '1,2p')" ] || rm -rf .venv
    rm -f "$stamp"
fi
[ -x .venv/bin/python ] || "$python" -m venv --without-pip --clear .venv
install --require-hashes --only-binary :all: --requirement packaging/constraints-build.txt
install --require-hashes --requirement packaging/constraints.txt
install --no-deps --editable .
wanted >"$stamp.part"
mv "$stamp.part" "$stamp"
