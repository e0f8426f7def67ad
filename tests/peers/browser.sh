#!/bin/bash
# `login --browser` with a real Chromium: what the provider posts to AWS is taken before it is sent.
#
# The provider is the sandbox's. Chromium has no window here, and also a port for the person who types: both are flags
# of this test's own, as is the missing sandbox, which root can't have.
. "$(dirname "$0")/lib.sh"
needs_debian chromium chromium-driver curl jq procps
needs_pypi selenium
build
isolate
. "$HERE/browser_lib.sh"
start_sandbox
export SECURECART_KEYCHAIN=file SECURECART_PASSPHRASE=$TEST_IDENTITY SECURECART_STATE_DIR=$WORK/state
export SECURECART_CONFIG=$WORK/config.toml
common="region = \"$REGION\"
endpoint_url = \"$URL\"
account_id = \"$DOCS_ACCOUNT\""
cat > "$SECURECART_CONFIG" <<TOML
default_profile = "docs"
[profile.docs]
method = "browser"
url = "$URL/idp/app"
session_duration = "15m"
$common
[profile.script]
method = "browser"
url = "$URL/idp/script"
$common
[profile.portal]
method = "browser"
url = "$URL/idp/portal"
$common
[profile.forms]
method = "saml"
url = "$URL/idp/app"
username = "frank@example.com"
$common
TOML

echo "$(/usr/bin/chromium --version 2>/dev/null | cut -d ' ' -f 1,2)"
SECURECART_BROWSER_PATH=/nonexistent/chrome expect 2 securecart login
contains "$ERR" '`/nonexistent/chrome` was not found' "a browser that isn't there"
if [ "$(id -u)" = 0 ]; then
  SECURECART_BROWSER_FLAGS=--headless=new expect 1 securecart login
  contains "$ERR" "Running as root without --no-sandbox is not supported" "what the browser says"
  contains "$ERR" "SECURECART_BROWSER_FLAGS" "what to do"
fi
SECURECART_BROWSER_PATH=/bin/true expect 1 securecart login
contains "$ERR" "it ended at once" "a program that is no browser"
ok "a browser that can't be used says why"

begin_login -v
person username=alice@example.com,password=alicepw
login_ends 0
contains "$LOGIN" "alice@example.com" "who signed in"
contains "$LOGIN" "$DOCS_ACCOUNT" "the account"
same "$(calls sts:AssumeRoleWithSAML)" 1 "the response went to STS"
no_browser_runs
same "$(stat -c %a "$WORK"/state/browser/*)" 700 "the profile directory's mode"
same "$(ls -A "$WORK/tmp")" "" "what is left behind elsewhere"
expect 0 securecart status --json --profile docs
contains "$OUT" '"method":"browser"' "status"
ok "signed in by typing into the provider's page; the response was stopped, and nothing runs on"

SECURECART_BROWSER_PATH=/nonexistent/chrome expect 0 securecart login
first=$(securecart credential-process)
[ "$first" != "$(securecart credential-process)" ] || fail "credentials of 15 minutes were not renewed"
ok "login again and credential-process: silent, without a browser, through the kept session"

begin_login --profile script
login_ends 0
no_browser_runs
ok "where only a browser gets on, it opens, and is still signed in: nothing was typed"

begin_login --profile portal
person open=
login_ends 0
ok "a portal that opens the application in a tab of its own"

begin_login --force
person username=alice@example.com,password=wrong username=alice@example.com,password=alicepw
login_ends 0
ok "--force asks again, and a wrong password is for the provider's page to tell"

begin_login --force
person close
login_ends 4
contains "$LOGIN" "the browser was closed before the sign-in ended" "what login says"
no_browser_runs
expect 0 securecart credential-process
ok "closing the window: exit 4, and the session before is as it was"

begin_login --force
person url
kill -INT "$LOGIN_PID"
login_ends 130
no_browser_runs
same "$(ls -A "$WORK/tmp")" "" "what is left behind elsewhere"
begin_login --force
person url
kill -KILL "$LOGIN_PID"
login_ends 137
no_browser_runs
ok "Ctrl-C, and even a kill, end the browser too"

begin_login --force
person url
expect_second() { securecart login >"$WORK/second.log" 2>&1 </dev/null; }
expect_second & second=$!
until_true 10 "the second login waits" grep -q "another .securecart. has opened" "$WORK/second.log"
person username=alice@example.com,password=alicepw
login_ends 0
wait "$second" || fail "the second login: $(<"$WORK/second.log")"
ok "two at once: one browser, and the other takes what the first one got"

begin_login --profile forms --browser
person username=frank@example.com,password=frankpw factor=push
login_ends 0
contains "$LOGIN" "frank@example.com" "who signed in"
SECURECART_BROWSER_PATH=/nonexistent/chrome expect 0 securecart login --profile forms
ok "--browser for a profile of forms; what follows needs no browser"

begin_login --browser --profile script -vvv
login_ends 0
for secret in alicepw SAMLResponse PHNhbWxwOl sandbox-idp=; do
  [[ $LOGIN != *"$secret"* ]] || fail "\`$secret\` is in the log"
done
ok "nothing secret is logged"

expect 0 securecart logout
contains "$ERR" "Signed out of $URL" "logout"
expect 4 securecart credential-process
same "$(ls -A "$WORK/state/browser" | wc -l)" 1 "profile directories: only frank's"
expect 0 securecart logout --all
[ ! -e "$WORK/state/browser" ] || fail "browser profiles are left"
ok "logout removes the browser's profile directory"

expect 1 env SECURECART_BROWSER_PATH=/nonexistent/chrome securecart doctor --json
contains "$OUT" '"check":"browser","state":"fail"' "doctor"
ok "doctor looks for it"
