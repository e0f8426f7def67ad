# What the scripts of real peers share. Source it first; it is bash and changes nothing but this shell.
#
# A script installs what it needs (`needs_debian`, `needs_pypi`), gets the programs (`build`), leaves the caller's
# environment behind (`isolate`), checks, and says each thing it found true. It ends with 0 when everything was, with
# 77 after `skipped: NAME (why)` when the peer can't be had here, and with anything else when something was not true.
set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
HERE=$ROOT/tests/peers
PEER=$(basename "$0" .sh)
DOCS_ACCOUNT=333333333333
DOCS_ROLE=DocsUser
# Opens and seals the encrypted files without the cost that a passphrase needs. Only for tests.
TEST_IDENTITY=AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX

WORK=$(mktemp -d "${TMPDIR:-/tmp}/securecart-$PEER.XXXXXX")
STARTED=()

cleanup() {
  local code=$?
  trap - EXIT
  stop_all
  if [ -n "${KEEP:-}" ]; then echo "kept: $WORK" >&2; else rm -rf "$WORK"; fi
  exit "$code"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# Every process that was started, the last one first, each by its own id.
stop_all() {
  local index pid
  for ((index = ${#STARTED[@]} - 1; index >= 0; index--)); do
    pid=${STARTED[index]}
    kill "$pid" 2>/dev/null || continue
    for _ in $(seq 50); do kill -0 "$pid" 2>/dev/null || break; sleep 0.1; done
    kill -KILL "$pid" 2>/dev/null || true
  done
  STARTED=()
}

skip() {
  echo "skipped: $PEER ($*)"
  exit 77
}

fail() {
  echo "FAILED: $PEER: $*" >&2
  exit 1
}

ok() {
  echo "  ok: $*"
}

# Installs Debian packages that are not there yet.
needs_debian() {
  local package missing=() log=$WORK/apt.log
  command -v dpkg-query >/dev/null || skip "not a Debian system"
  for package in "$@"; do
    [ "$(dpkg-query -W -f '${db:Status-Abbrev}' "$package" 2>/dev/null)" = "ii " ] || missing+=("$package")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  [ "$(id -u)" = 0 ] || skip "not root, and not installed: ${missing[*]}"
  # Once for a whole run of CI, which names the file.
  if [ ! -e "${SECURECART_APT_UPDATED:-/nonexistent}" ]; then
    apt-get update >"$log" 2>&1 </dev/null || skip "apt-get update failed: $(tail -n 1 "$log")"
    [ -z "${SECURECART_APT_UPDATED:-}" ] || : > "$SECURECART_APT_UPDATED"
  fi
  DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${missing[@]}" >"$log" 2>&1 </dev/null ||
    skip "could not install ${missing[*]}: $(tail -n 1 "$log")"
}

# Installs Python packages into an environment of this script's own; its interpreter is $PYTHON.
needs_pypi() {
  local log=$WORK/pip.log
  needs_debian python3 python3-venv
  /usr/bin/python3 -m venv "$WORK/venv" >"$log" 2>&1 || skip "no virtual environment: $(tail -n 1 "$log")"
  "$WORK/venv/bin/pip" install --quiet --disable-pip-version-check "$@" >"$log" 2>&1 </dev/null ||
    skip "could not install $*: $(tail -n 1 "$log")"
  PYTHON=$WORK/venv/bin/python
}

# The programs: those in $SECURECART_BIN_DIR, or built now.
build() {
  if [ -z "${SECURECART_BIN_DIR:-}" ]; then
    (cd "$ROOT" && cargo build --quiet --workspace --locked --bins </dev/null)
    SECURECART_BIN_DIR=${CARGO_TARGET_DIR:-$ROOT/target}/debug
  fi
  SECURECART_BIN_DIR=$(cd "$SECURECART_BIN_DIR" && pwd)
  [ -x "$SECURECART_BIN_DIR/securecart" ] || fail "no securecart in $SECURECART_BIN_DIR"
  [ -x "$SECURECART_BIN_DIR/securecart-sandbox" ] || fail "no securecart-sandbox in $SECURECART_BIN_DIR"
}

# From here on: a home of one's own, and nothing of the caller's environment that a program could find by accident.
isolate() {
  local name keep
  export CARGO_HOME=${CARGO_HOME:-$HOME/.cargo} RUSTUP_HOME=${RUSTUP_HOME:-$HOME/.rustup}
  keep=' KEEP SCREENS PATH HOME TERM CARGO_HOME RUSTUP_HOME CARGO_TARGET_DIR SECURECART_BIN_DIR '
  for name in $(compgen -e); do
    [[ $keep == *" $name "* ]] || unset "$name"
  done
  export SECURECART_BIN_DIR HOME=$WORK/home TZ=UTC LANG=C.UTF-8
  # `securecart` is found where a user's would be.
  export PATH=$SECURECART_BIN_DIR:$PATH
  mkdir -p -m 700 "$HOME"
  cd "$HOME"
}

# Starts a sandbox with these flags: $URL, $START_URL, $REGION, $BUCKET. It also ends with this shell's descriptor.
start_sandbox() {
  local ready=$WORK/sandbox.json
  : > "$ready"
  exec {SANDBOX_INPUT}> >(exec securecart-sandbox --until-stdin-closes "$@" >"$ready" 2>"$WORK/sandbox.log")
  SANDBOX_PID=$!
  STARTED+=("$SANDBOX_PID")
  until_true 10 "the sandbox is ready" test -s "$ready"
  URL=$(jq -r .url "$ready") START_URL=$(jq -r .start_url "$ready")
  REGION=$(jq -r .region "$ready") BUCKET=$(jq -r .bucket "$ready")
}

# `control POST faults '{…}'`: the sandbox's control API.
control() {
  curl -sS --fail-with-body -X "$1" "$URL/_sandbox/$2" ${3:+-d "$3"}
}

# `state .refreshes`: what the sandbox reports of itself, through jq.
state() {
  control GET state | jq -r "$@"
}

# How often an operation was called, such as `oidc:CreateToken`.
calls() {
  state --arg name "$1" '.requests[$name] // 0'
}

until_true() {
  local seconds=$1 what=$2 deadline
  shift 2
  deadline=$((SECONDS + seconds))
  until "$@" >/dev/null 2>&1; do
    [ "$SECONDS" -le "$deadline" ] || break
    sleep 0.05
  done
  [ "$SECONDS" -gt "$deadline" ] || return 0
  fail "within $seconds s it did not happen that $what"
}

# `expect CODE COMMAND…` runs it; its output is in $OUT and $ERR.
expect() {
  local wanted=$1 code=0
  shift
  "$@" >"$WORK/out" 2>"$WORK/err" </dev/null || code=$?
  OUT=$(<"$WORK/out") ERR=$(<"$WORK/err")
  [ "$code" = "$wanted" ] || fail "\`$*\` exited $code rather than $wanted
--- stdout
$OUT
--- stderr
$ERR"
}

# `contains TEXT PART WHAT`
contains() {
  [[ $1 == *"$2"* ]] || fail "$3: \`$2\` is not in:
$1"
}

# `same LEFT RIGHT WHAT`
same() {
  [ "$1" = "$2" ] || fail "$3: \`$1\` is not \`$2\`"
}

# Writes profile `docs` for the sandbox, with `securecart configure` as a user would.
configure_docs() {
  expect 0 securecart configure --profile docs --start-url "$START_URL" --sso-region "$REGION" --region "$REGION" \
    --account-id "$DOCS_ACCOUNT" --role-name "$DOCS_ROLE" --bucket "$BUCKET" --endpoint-url "$URL" --set-default "$@"
}

# Signs in with a device code, which PERSON approves at the portal.
login_as() {
  local person=$1 log=$WORK/login.log code pid
  shift
  : > "$log"
  securecart login --device-code "$@" >"$log" 2>&1 </dev/null &
  pid=$!
  until_true 20 "login shows a code" grep -qE '^ *[A-Z0-9]{4}-[A-Z0-9]{4} *$' "$log"
  code=$(grep -oE '^ *[A-Z0-9]{4}-[A-Z0-9]{4} *$' "$log" | head -n 1 | tr -d ' ')
  control POST approve "{\"user_code\":\"$code\",\"person\":\"$person\"}" >/dev/null
  wait "$pid" || fail "login: $(<"$log")"
  LOGIN=$(<"$log")
}

# The prefix of a person's folder, from the sandbox's own books.
folder_of() {
  control POST credentials "{\"person\":\"$1\",\"account\":\"$DOCS_ACCOUNT\",\"role\":\"$DOCS_ROLE\"}" |
    jq -r '.UserId + "/"'
}

# Makes what is issued from here on expire after SECONDS of an hour; `usual_lifetime` ends that.
short_lifetime() {
  SHORTENED=$((3600 - $1))
  control POST clock "{\"advance_secs\":-$SHORTENED}" >/dev/null
}

usual_lifetime() {
  control POST clock "{\"advance_secs\":$SHORTENED}" >/dev/null
}
