#!/bin/sh
# Runs a command inside a session keyring of its own.
#
# usage: keyutils.sh STATE COMMAND [ARG...]
#   fresh      a new, writable session keyring
#   revoked    a session keyring that has been revoked
#   readonly   a session keyring that nothing can be added to
# Debian: keyutils
set -eu
state=$1
shift
case $state in
  fresh) exec keyctl session - "$@" ;;
  revoked) exec keyctl session - sh -c 'keyctl revoke @s; exec "$@"' _ "$@" ;;
  readonly) exec keyctl session - sh -c 'keyctl setperm @s 0x0b000000; exec "$@"' _ "$@" ;;
  *) echo "unknown state: $state" >&2; exit 2 ;;
esac
