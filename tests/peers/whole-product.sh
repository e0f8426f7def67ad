# The whole product over one secret store. Source it after lib.sh, inside the peer, and call `whole_product STORE`.
#
# STORE is the store's name as `securecart status` says it.

whole_product() {
  local store=$1 folder index failed=0 one
  start_sandbox
  configure_docs
  login_as alice@example.com
  contains "$LOGIN" "kept in  $store" "login says where it keeps things"
  folder=$(folder_of alice@example.com)
  contains "$LOGIN" "s3://$BUCKET/$folder" "login says which folder"
  ok "login keeps the session in the $store"

  expect 0 securecart status
  contains "$ERR$OUT" "$store" "status says which store"
  contains "$ERR$OUT" "signed in, renews silently" "status says who is signed in"
  expect 0 securecart status --json
  same "$(jq -r .keychain <<<"$OUT")" "$store" "status --json names the store"
  ok "status names the store"

  control POST reset-counters >/dev/null
  expect 0 securecart credential-process
  same "$(jq -r .Version <<<"$OUT")" 1 "the document's version"
  contains "$(jq -r .AccessKeyId <<<"$OUT")" ASIA "the key is a temporary one"
  same "$ERR" "" "credential-process says nothing else"
  same "$(state '.requests | length')" 0 "fresh credentials cost no request"
  ok "credential-process hands out what is kept, without a request"

  echo "hello" > hello.txt
  expect 0 securecart put hello.txt notes/
  expect 0 securecart get notes/hello.txt -
  same "$OUT" hello "what was stored comes back"
  expect 0 securecart rm notes/hello.txt
  ok "put, get and rm"

  # What this login gets has expired a few seconds later.
  short_lifetime 8
  login_as alice@example.com --force
  usual_lifetime
  sleep 8.5
  control POST reset-counters >/dev/null
  mkdir many
  local pids=()
  for index in $(seq 200); do
    securecart credential-process >"many/$index.out" 2>"many/$index.err" </dev/null &
    pids+=($!)
  done
  for index in "${pids[@]}"; do wait "$index" || failed=$((failed + 1)); done
  same "$failed" 0 "processes that failed: $(sort many/*.err | uniq -c | head -n 5)"
  same "$(sort -u many/*.out | grep -c .)" 1 "documents that differ"
  same "$(state .role_credentials)" 1 "renewals made"
  same "$(state .refreshes)" 1 "tokens renewed"
  one=$(jq -r .Expiration many/1.out)
  [ "$(date -d "$one" +%s)" -gt "$(date +%s)" ] || fail "what they printed has expired: $one"
  ok "200 processes with expired credentials make one renewal, and print the same"

  no_secret_on_disk "$(jq -r .SecretAccessKey many/1.out)" "$(jq -r .SessionToken many/1.out)"

  expect 0 securecart logout
  expect 4 securecart credential-process
  same "$OUT" "" "nobody's credentials"
  contains "$ERR" "securecart login" "the hint"
  same "$(calls portal:Logout)" 1 "the portal is told"
  ok "logout ends the session here and at the portal"
}

# `fails_with 7 MESSAGE COMMAND…`: with that message, in 2 s and the time a process takes to start.
fails_with() {
  local code=$1 message=$2 before after
  shift 2
  before=$(date +%s%N)
  expect "$code" "$@"
  after=$(date +%s%N)
  contains "$ERR" "$message" "what it says"
  same "$OUT" "" "stdout"
  [ $(((after - before) / 1000000)) -lt 3000 ] || fail "\`$*\` took $(((after - before) / 1000000)) ms"
  ok "exit $code in $(((after - before) / 1000000)) ms: $(head -n 1 <<<"$ERR")"
}

# None of these texts is in any file below HOME, but for those that this test wrote.
no_secret_on_disk() {
  local secret
  for secret in "$@"; do
    [ ${#secret} -gt 20 ] || fail "no secret to look for"
    ! grep -rlF --exclude-dir=many -- "$secret" "$HOME" || fail "a secret is on disk"
  done
  ok "no secret is on disk"
}
