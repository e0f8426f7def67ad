#!/bin/bash
# Runs a command inside a D-Bus session of its own, with a home directory of its own, and ends both with it.
#
# usage: gnome-keyring.sh STATE COMMAND [ARG...]
#   unlocked   gnome-keyring with an unlocked default collection
#   bare       gnome-keyring without any collection, as on a host where nobody ever logged in to a desktop
#   none       a D-Bus without any Secret Service
# The command finds the daemon's process id in GNOME_KEYRING_PID (except with none).
# Debian: gnome-keyring dbus dbus-daemon
set -eu
state=$1
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
