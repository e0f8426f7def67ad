#!/bin/bash
# A real terminal (tmux): choosing a role, the wizard, the question before many are removed, the progress bar, Ctrl-C.
#
# With SCREENS=DIR the screens are kept there, to be looked at.
. "$(dirname "$0")/lib.sh"
needs_debian tmux curl jq
build
export SCREENS=$(realpath -m "${SCREENS:-$WORK/screens}")
isolate
start_sandbox --auto-approve alice@example.com
export SECURECART_PASSPHRASE=$TEST_IDENTITY TERM=screen-256color PS1='$ '
mkdir -p "$SCREENS"

term() { tmux -S "$WORK/tmux" -f /dev/null "$@"; }
term new-session -d -x 100 -y 30 bash --norc --noprofile
STARTED+=("$(term display-message -p '#{pid}')")

screen() { term capture-pane -p | sed -e :a -e '/^\n*$/{$d;N;ba' -e '}'; }
keep() { screen > "$SCREENS/$1.txt"; }
keys() { term send-keys "$@"; }
shows_now() { [[ $(screen) == *"$1"* ]]; }
shows() {
  local deadline=$((SECONDS + ${2:-15}))
  while [ "$SECONDS" -le "$deadline" ]; do
    ! shows_now "$1" || return 0
    sleep 0.05
  done
  fail "the screen does not show \`$1\`:
$(screen)"
}
# Types a command line; the screen is cleared first.
types() { keys C-u; keys "clear" Enter; sleep 0.3; keys -l "$1; echo \"exit=\$?\""; keys Enter; }
ends() { shows "exit=$1" "${2:-20}"; }

echo "$(tmux -V): the wizard"

types "securecart configure --endpoint-url $URL"
shows "Profile"
keys Enter
shows "Portal, SAML or openid-configuration URL"
keys -l "not a url"
keys Enter
keep wizard-refused
keys C-u
keys -l "$START_URL"
keys Enter
shows "Region of IAM Identity Center"
keys -l "$REGION"
keys Enter
shows "Bucket"
keys -l "$BUCKET"
keys Enter
shows "Region of the bucket"
keys Enter
shows "Keep sessions and credentials in"
keys -l "encr"
sleep 0.5
keep wizard-menu
keys Enter
shows "Write this?"
keys Enter
ends 0
keep wizard-done
shows "Added profile"
name=$(sed -n 's/^\[profile\.\(.*\)\]$/\1/p' .config/securecart/config.toml)
grep -q '^keychain = "file"$' .config/securecart/config.toml || fail "$(<.config/securecart/config.toml)"
grep -qF "start_url = \"$START_URL\"" .config/securecart/config.toml || fail "$(<.config/securecart/config.toml)"
ok "asks, says what is wrong with an answer, and writes profile $name"

types "securecart configure --profile other --endpoint-url $URL"
shows "Portal, SAML or openid-configuration URL"
keys C-c
ends 130
keep wizard-interrupted
! grep -q other .config/securecart/config.toml || fail "an interrupted wizard wrote something"
ok "Ctrl-C leaves the wizard, and nothing is written"

echo "tmux: choosing a role in login"
types "securecart login"
shows "Production"
keep choose-all
keys -l "prod docs"
sleep 0.7
keep choose-typed
keys Enter
ends 0
keep choose-done
shows "DocsUser"
shows "$DOCS_ACCOUNT"
ok "a role is found by typing parts of it"
types "securecart login --choose"
shows "Production"
keys C-c
ends 130
keep choose-interrupted
same "$(term display-message -p '#{cursor_flag}')" 1 "the cursor after Ctrl-C"
ok "Ctrl-C leaves the list, with the cursor back"

echo "tmux: rm -r asks"
folder=$(folder_of alice@example.com)
control POST objects "{\"prefix\":\"${folder}many/\",\"count\":1500,\"size\":1000}" >/dev/null
count() { state --arg prefix "$folder$1" '[.objects[] | select(.key | startswith($prefix))] | length'; }
same "$(count many/)" 1500 "objects there"
types "securecart rm -r many"
shows "Remove 1500 objects"
keep rm-asks
keys -l n
keys Enter
ends 130
keep rm-no
same "$(count many/)" 1500 "objects left after no"
types "securecart rm -r many"
shows "Remove 1500 objects"
keys -l y
keys Enter
ends 0
keep rm-yes
same "$(count many/)" 0 "objects left after yes"
ok "it says how many and how much; no removes nothing, yes all"

echo "tmux: the progress bar"
head -c 300000000 /dev/urandom > large.bin
control POST faults '{"service":"s3","operation":"UploadPart","effect":"latency","ms":700}' >/dev/null
types "securecart put large.bin"
shows " of 286.1 MiB"
keep bar
ends 0 120
keep bar-done
! shows_now " of 286.1 MiB" || fail "the bar is still there"
shows "large.bin"
types "securecart get large.bin back.bin"
ends 0 120
keep get-done
cmp large.bin back.bin
ok "it shows while 300 MB go up, and is gone after"

echo "tmux: Ctrl-C during an upload"
control POST faults '{"service":"s3","operation":"UploadPart","effect":"latency","ms":3000}' >/dev/null
types "securecart put large.bin again.bin"
open_uploads() { state '.open_uploads | length'; }
parts_there() { [ "$(state '[.open_uploads[].parts] | add // 0')" -ge 1 ]; }
until_true 30 "parts arrive" parts_there
keep upload-running
keys C-c
ends 130 20
keep upload-interrupted
same "$(open_uploads)" 0 "multipart uploads left behind"
same "$(count again.bin)" 0 "objects left behind"
ok "exit 130, and no multipart upload is left"
