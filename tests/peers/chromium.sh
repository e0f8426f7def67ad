#!/bin/bash
# Chromium: `securecart login` opens it, and a person signs in by clicking.
#
# With SCREENS=DIR the last page of each sign-in is kept there, to be looked at.
. "$(dirname "$0")/lib.sh"
needs_debian chromium chromium-driver curl jq
needs_pypi selenium
build
export SCREENS=$(realpath -m "${SCREENS:-$WORK/screens}")
isolate
mkdir -p "$SCREENS"
start_sandbox
configure_docs --keychain file
export SECURECART_PASSPHRASE=$TEST_IDENTITY

cat > "$WORK/browser" <<SCRIPT
#!/bin/sh
echo "\$1" >> "$WORK/address"
SCRIPT
chmod +x "$WORK/browser"

# `person DECISION [CODE]` does as a person would; $PAGE is what the last page says.
person() {
  PAGE=$("$PYTHON" "$HERE/chromium_person.py" "$WORK/chromium" "$WORK/address" "$SCREENS/$1.png" "$1" \
    alice@example.com "${@:2}" 2>"$WORK/chromium.log") || fail "the person: $(tail -n 20 "$WORK/chromium.log")"
}

# `login_with CODE ARG…` waits for the login that runs in the background.
begin_login() {
  : > "$WORK/address"
  BROWSER=$WORK/browser securecart login --force "$@" >"$WORK/login.log" 2>&1 </dev/null &
  LOGIN_PID=$!
}
login_ends() {
  local code=0
  wait "$LOGIN_PID" || code=$?
  same "$code" "$1" "how login ended: $(<"$WORK/login.log")"
}

echo "$(/usr/bin/chromium --version 2>/dev/null | cut -d ' ' -f 1,2): authorization code with PKCE"
begin_login
person allow
login_ends 0
contains "$PAGE" "go back to the terminal" "the page at the end"
contains "$(<"$WORK/login.log")" alice@example.com "who signed in"
same "$(wc -l < "$WORK/address")" 1 "browsers opened"
same "$(calls oidc:StartDeviceAuthorization)" 0 "no device code was asked for"
ok "Allow: signed in, and the page says to go back to the terminal"

begin_login
person deny
login_ends 5
contains "$(<"$WORK/login.log")" "denied" "what login says"
ok "Deny: exit 5. The page says: $(tail -n +2 <<<"$PAGE" | tr '\n' ' ')"
expect 0 securecart credential-process
ok "and the session before is as it was"

echo "chromium: device authorization"
begin_login --device-code
code_shown() { grep -oE '[A-Z0-9]{4}-[A-Z0-9]{4}$' "$WORK/login.log"; }
until_true 20 "login shows a code" code_shown
# As a person on another device: the address is copied, the code typed.
grep -oE 'http://[^ ]*/device$' "$WORK/login.log" | head -n 1 > "$WORK/address"
person device "$(code_shown | head -n 1)"
login_ends 0
contains "$(<"$WORK/login.log")" alice@example.com "who signed in"
ok "the code: signed in"
