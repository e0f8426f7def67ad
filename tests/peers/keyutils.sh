#!/bin/bash
# The kernel's keyring: without arguments, the checks; with, a command inside a session keyring of its own.
#
# usage: keyutils.sh
#        keyutils.sh STATE COMMAND [ARG...]
#   fresh      a new, writable session keyring
#   revoked    a session keyring that has been revoked
#   readonly   a session keyring that nothing can be added to
set -eu

inside() {
  local state=$1
  shift
  case $state in
    fresh) exec keyctl session - "$@" ;;
    revoked) exec keyctl session - sh -c 'keyctl revoke @s; exec "$@"' _ "$@" ;;
    readonly) exec keyctl session - sh -c 'keyctl setperm @s 0x0b000000; exec "$@"' _ "$@" ;;
    *) echo "unknown state: $state" >&2; exit 2 ;;
  esac
}

case ${1:+command}${SECURECART_INSIDE:-} in
  command)
    inside "$@"
    ;;
  product)
    . "$(dirname "$0")/lib.sh"
    . "$HERE/whole-product.sh"
    isolate
    whole_product "kernel keyring"
    exit
    ;;
  revoked)
    . "$(dirname "$0")/lib.sh"
    . "$HERE/whole-product.sh"
    isolate
    start_sandbox --auto-approve alice@example.com
    configure_docs --keychain keyutils
    fails_with 7 "no session keyring" securecart login
    fails_with 7 "no session keyring" securecart credential-process
    same "$(calls oidc:RegisterClient)" 0 "nobody is sent to a browser for nothing"
    exit
    ;;
esac

. "$(dirname "$0")/lib.sh"
needs_debian keyutils curl jq
keyctl session - true >/dev/null 2>&1 || skip "the kernel gives no session keyring here"
build
export SECURECART_BIN_DIR
echo "keyutils $(uname -r): the whole product"
(SECURECART_INSIDE=product inside fresh "$0") 2> >(grep -v "^Joined session keyring" >&2)
echo "keyutils: a session keyring that can't be used"
(SECURECART_INSIDE=revoked inside revoked "$0") 2> >(grep -v "^Joined session keyring" >&2)
echo "keyutils: tests/keychain.rs"
isolate
cd "$ROOT"
SECURECART_PEERS=keyutils cargo test --quiet --workspace --locked --test keychain >"$WORK/cargo.log" 2>&1 </dev/null ||
  fail "tests/keychain.rs: $(tail -n 60 "$WORK/cargo.log")"
ok "$(grep -o '[1-9][0-9]* passed; 0 failed' "$WORK/cargo.log" | head -n 1)"
