#!/bin/sh
# Install the Debian packages that the tests need, if they are missing: a second
# broker, a database, a browser and the Chinese font. Asks for nothing: without root
# or a password-free sudo it says what to install, and stops.
set -eu

has() { command -v "$1" >/dev/null 2>&1 || [ -x "/usr/sbin/$1" ]; }
one_of() { for path in "$@"; do if [ -e "$path" ]; then return 0; fi; done; return 1; }

missing=""
has mosquitto || missing="$missing mosquitto"
one_of /usr/lib/postgresql/*/bin/initdb || missing="$missing postgresql"
has chromium || missing="$missing chromium"
one_of /usr/share/fonts/*/noto/NotoSansCJK* || missing="$missing fonts-noto-cjk"
[ -n "$missing" ] || exit 0

if ! has apt-get; then
    echo "the tests need:$missing; install them with this system's own packages" >&2
    exit 1
fi
if [ "$(id -u)" = 0 ]; then
    root=""
elif sudo -n true 2>/dev/null; then
    root="sudo"
else
    echo "the tests need:$missing" >&2
    echo "run: sudo apt-get install --no-install-recommends$missing" >&2
    exit 1
fi

echo "== Installing for the tests:$missing"
$root apt-get update -q
# shellcheck disable=SC2086 # a list of words
$root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q \
    --no-install-recommends $missing
