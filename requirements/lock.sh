#!/bin/sh
# Renew the locks: `make lock`, or `make lock ARGS=--upgrade` to take newer versions.
#
# One lock serves x86-64 and aarch64 and every Python from 3.11: hashes of all files,
# markers where they differ, and no address to download from.
set -eu
uv=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
shift
cd "$(dirname "$0")"

compile() {
    "$uv" pip compile --quiet --universal --python-version 3.11 --fork-strategy fewest \
        --generate-hashes --no-header --no-annotate --no-emit-index-url \
        --no-emit-find-links "$@"
}

compile "$@" run.in -o run.lock
# The data packages among these must not bring their own dependencies.
compile "$@" --no-deps --constraints run.lock faces.in -o faces.lock
compile "$@" --constraints run.lock dev.in -o dev.lock
compile "$@" --no-deps peers.in -o peers.lock
