#!/bin/bash
# Ceph's RGW, an S3 server that isn't ours: the folder commands with nothing but a per-user policy.
#
# The commands run in tests/rgw.rs.
. "$(dirname "$0")/lib.sh"
. "$HERE/ceph.bash"
needs_debian rclone
build
isolate

start_ceph 2G
make_role
assume alice@example.com
session=$OUT
echo "bob's" > bobs
expect 0 owner s3 cp bobs "s3://$BUCKET/$ROLE_ID:bob@example.com/secret"
ok "a role session limited to s3://$BUCKET/$USER_ID/"

# What alice may not, whoever asks: else the rest would prove nothing.
alice() {
  AWS_ACCESS_KEY_ID=$(jq -r .Credentials.AccessKeyId <<<"$session") \
    AWS_SECRET_ACCESS_KEY=$(jq -r .Credentials.SecretAccessKey <<<"$session") \
    AWS_SESSION_TOKEN=$(jq -r .Credentials.SessionToken <<<"$session") \
    /usr/bin/aws --no-cli-pager --region us-east-1 --endpoint-url "$URL" "$@"
}
# RGW's replies hold no message, and the CLI stumbles over that: its log tells the status.
denied() {
  ! alice --debug "$@" >"$WORK/out" 2>&1 </dev/null || fail "aws $* was not refused"
  grep -qE 'HTTP/1.1" 403 ' "$WORK/out" || fail "aws $*: $(tail -n 5 "$WORK/out")"
}
denied s3api head-bucket --bucket "$BUCKET"
denied s3api list-objects-v2 --bucket "$BUCKET"
denied s3api list-objects-v2 --bucket "$BUCKET" --prefix "$USER_ID"
denied s3api get-object --bucket "$BUCKET" --key "$ROLE_ID:bob@example.com/secret" got
ok "RGW itself refuses HeadBucket, a list without the folder, and bob's folder"

# Everything from here on is the product's.
mark=$(wc -l < "$D/log/client.rgw.log")
jq -n --arg url "$URL" --arg bucket "$BUCKET" --arg user_id "$USER_ID" --arg other_id "$ROLE_ID:bob@example.com" \
  --arg rclone /usr/bin/rclone --argjson session "$session" '{$url, $rclone, $bucket, $user_id, $other_id,
    access_key_id: $session.Credentials.AccessKeyId, secret_access_key: $session.Credentials.SecretAccessKey,
    session_token: $session.Credentials.SessionToken}' > "$WORK/rgw.json"
# `checks VARIABLE`: the tests that this variable switches on.
checks() {
  (cd "$ROOT" && env "$1=$WORK/rgw.json" cargo test --quiet --workspace --locked --test rgw -- --nocapture \
    >"$WORK/cargo.log" 2>&1 </dev/null) || fail "tests/rgw.rs: $(tail -n 60 "$WORK/cargo.log")"
  grep -o '  ok: .*' "$WORK/cargo.log" || fail "nothing was checked: $(<"$WORK/cargo.log")"
}
checks SECURECART_RGW
expect 0 owner s3api put-bucket-versioning --bucket "$BUCKET" --versioning-configuration Status=Enabled
allow_folder folder-with-options
checks SECURECART_RGW_VERSIONS

expect 0 owner s3 cp "s3://$BUCKET/$ROLE_ID:bob@example.com/secret" -
same "$OUT" "bob's" "bob's object, in the end"

# The gateway's own access log.
tail -n +"$((mark + 1))" "$D/log/client.rgw.log" | grep -o '"[A-Z]* /[^"]*"' > "$WORK/requests" || true
[ "$(wc -l < "$WORK/requests")" -ge 10 ] || fail "the log of RGW holds no requests"
! grep -E "^\"HEAD /$BUCKET/?( |\?)" "$WORK/requests" || fail "HeadBucket was sent"
! grep -E '^"GET /( |\?)' "$WORK/requests" || fail "ListBuckets was sent"
! grep -E "^\"GET /$BUCKET/?\?" "$WORK/requests" | grep -vE "prefix=$ROLE_ID(:|%3A)[a-z]+(@|%40)example.com(/|%2F)" ||
  fail "a list without the folder was sent"
ok "never HeadBucket, ListBuckets, or a list without the folder ($(wc -l < "$WORK/requests") requests)"
