#!/bin/bash
# GNOME Keyring as the Secret Service: without arguments, the checks; with, a command inside.
#
# usage: gnome-keyring.sh
#        gnome-keyring.sh STATE COMMAND [ARG...]
#
# The second form runs a command inside a D-Bus session of its own, with a home directory of its own, and ends both
# with it. STATE is one of
#   unlocked   gnome-keyring with an unlocked default collection
#   bare       gnome-keyring without any collection, as on a host where nobody ever logged in to a desktop
#   none       a D-Bus without any Secret Service
# The command finds the daemon's process id in GNOME_KEYRING_PID (except with none).
set -eu

inside() {
  local state=$1
  shift
  dir=$(mktemp -d)
  trap 'rm -rf "$dir"' EXIT
  mkdir -m 700 "$dir/run" "$dir/home"
  export HOME=$dir/home XDG_RUNTIME_DIR=$dir/run
  unset XDG_DATA_HOME XDG_CONFIG_HOME XDG_CACHE_HOME DBUS_SESSION_BUS_ADDRESS DISPLAY WAYLAND_DISPLAY

  # No service directories: nothing is started unasked.
  cat > "$dir/bus.conf" <<CONF
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:tmpdir=$dir/run</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
CONF

  dbus-run-session --config-file="$dir/bus.conf" -- bash -c '
    set -eu
    state=$1
    shift
    case $state in
      unlocked) gnome-keyring-daemon --foreground --components=secrets --unlock < <(printf testpw) >/dev/null 2>&1 & ;;
      bare) gnome-keyring-daemon --foreground --components=secrets </dev/null >/dev/null 2>&1 & ;;
      none) exec "$@" ;;
      *) echo "unknown state: $state" >&2; exit 2 ;;
    esac
    export GNOME_KEYRING_PID=$!
    trap "kill -KILL $GNOME_KEYRING_PID" EXIT
    for _ in $(seq 100); do
      dbus-send --session --print-reply --dest=org.freedesktop.DBus / org.freedesktop.DBus.NameHasOwner \
        string:org.freedesktop.secrets 2>/dev/null | grep -q "boolean true" && break
      sleep 0.05
    done
    "$@"' _ "$state" "$@"
}

# What the checks need to know inside: the environment is a new one there.
inside_checks() {
  (inside "$1" env SECURECART_INSIDE="$2" SECURECART_BIN_DIR="$SECURECART_BIN_DIR" "$0") 2> >(grep -v "set fd limit" >&2)
}

case ${1:+command}${SECURECART_INSIDE:-} in
  command)
    inside "$@"
    exit
    ;;
  product)
    . "$(dirname "$0")/lib.sh"
    . "$HERE/whole-product.sh"
    bus=$DBUS_SESSION_BUS_ADDRESS daemon=$GNOME_KEYRING_PID
    isolate
    export DBUS_SESSION_BUS_ADDRESS=$bus
    whole_product "Secret Service"

    login_as alice@example.com
    dbus-send --session --print-reply --dest=org.freedesktop.secrets /org/freedesktop/secrets \
      org.freedesktop.Secret.Service.Lock array:objpath:/org/freedesktop/secrets/collection/login >/dev/null
    fails_with 7 "Secret Service is locked" securecart credential-process
    fails_with 7 "Secret Service is locked" securecart login
    kill -STOP "$daemon"
    fails_with 7 "did not answer within 2 s" securecart credential-process
    fails_with 7 "did not answer within 2 s" securecart login
    kill -CONT "$daemon"
    exit
    ;;
  absent)
    . "$(dirname "$0")/lib.sh"
    . "$HERE/whole-product.sh"
    bus=$DBUS_SESSION_BUS_ADDRESS
    isolate
    export DBUS_SESSION_BUS_ADDRESS=$bus
    start_sandbox --auto-approve alice@example.com
    configure_docs --keychain keychain
    fails_with 7 "no Secret Service on D-Bus" securecart login
    fails_with 7 "no Secret Service on D-Bus" securecart credential-process
    same "$(calls oidc:RegisterClient)" 0 "nobody is sent to a browser for nothing"
    # A bus that takes connections and never says a word.
    /usr/bin/python3 -c '
import socket, sys, time
bus = socket.socket(socket.AF_UNIX)
bus.bind(sys.argv[1])
bus.listen(100)
time.sleep(600)' "$WORK/silent" &
    STARTED+=($!)
    until_true 5 "the silent bus is there" test -S "$WORK/silent"
    export DBUS_SESSION_BUS_ADDRESS=unix:path=$WORK/silent
    fails_with 7 "did not answer within 2 s" securecart login
    unset DBUS_SESSION_BUS_ADDRESS
    fails_with 7 "no D-Bus session" securecart login
    same "$(calls oidc:RegisterClient)" 0 "nobody is sent to a browser for nothing"
    same "$(find "$HOME" -type f ! -name config ! -name config.toml ! -name '*.lock' -size +0)" "" "files left behind"
    ok "nothing was written"
    exit
    ;;
esac

. "$(dirname "$0")/lib.sh"
needs_debian gnome-keyring dbus dbus-daemon libsecret-tools curl jq python3
build
echo "gnome-keyring $(dpkg-query -W -f '${Version}' gnome-keyring): the whole product"
inside_checks unlocked product
echo "gnome-keyring: none, and one that hangs"
inside_checks none absent
echo "gnome-keyring: tests/keychain.rs"
isolate
cd "$ROOT"
SECURECART_PEERS=gnome-keyring cargo test --quiet --workspace --locked --test keychain >"$WORK/cargo.log" 2>&1 </dev/null ||
  fail "tests/keychain.rs: $(tail -n 60 "$WORK/cargo.log")"
ok "$(grep -o '[1-9][0-9]* passed; 0 failed' "$WORK/cargo.log" | head -n 1)"
