#!/bin/bash
# The AWS CLI v2 of Debian: signs in to the sandbox by itself, and uses securecart as its `credential_process`.
. "$(dirname "$0")/lib.sh"
needs_debian awscli curl jq python3
[[ $(/usr/bin/aws --version 2>&1) == aws-cli/2.* ]] || skip "/usr/bin/aws is not version 2"
build
isolate
start_sandbox
aws() { /usr/bin/aws --no-cli-pager "$@"; }

echo "$(aws --version | cut -d ' ' -f 1): its own sign-in"
/usr/bin/python3 "$HERE/awscli-endpoints.py" "$WORK/data" "$URL"
export AWS_DATA_PATH=$WORK/data
mkdir .aws
cat > .aws/config <<CONF
# written by hand
[profile own]
sso_start_url = $START_URL
sso_region = $REGION
sso_account_id = $DOCS_ACCOUNT
sso_role_name = $DOCS_ROLE
region = $REGION
CONF
cp .aws/config "$WORK/by-hand"
code_shown() { grep -oE '^[A-Z0-9]{4}-[A-Z0-9]{4}$' "$WORK/own.log"; }
/usr/bin/aws sso login --no-browser --profile own >"$WORK/own.log" 2>&1 </dev/null &
own=$!
until_true 30 "aws sso login shows a code" code_shown
control POST approve "{\"user_code\":\"$(code_shown)\",\"person\":\"bob@example.com\"}" >/dev/null
wait "$own" || fail "aws sso login: $(<"$WORK/own.log")"
contains "$(<"$WORK/own.log")" "Successfully logged into Start URL" "aws sso login"
expect 0 aws sts get-caller-identity --profile own --endpoint-url "$URL"
contains "$(jq -r .Arn <<<"$OUT")" bob@example.com "who signed in"
expect 0 aws configure export-credentials --profile own
contains "$(jq -r .AccessKeyId <<<"$OUT")" ASIA "the key is a temporary one"
control POST objects "{\"key\":\"$(folder_of bob@example.com)x\",\"body\":\"bobs\"}" >/dev/null
expect 0 aws s3 ls "s3://$BUCKET/$(folder_of bob@example.com)" --profile own --endpoint-url "$URL"
expect 0 aws sso logout --profile own
ok "aws sso login with a device code, its credentials, and aws sso logout"

echo "aws: through the credential_process entry that securecart wrote"
configure_docs --keychain file
same "$(head -c "$(stat -c %s "$WORK/by-hand")" .aws/config | cmp - "$WORK/by-hand" && echo untouched)" untouched "the rest of ~/.aws/config"
export SECURECART_PASSPHRASE=$TEST_IDENTITY
expect 255 aws sts get-caller-identity --profile docs --endpoint-url "$URL"
contains "$ERR" 'securecart login --profile docs' "before anybody signed in, the CLI passes the advice on"
login_as alice@example.com
unset AWS_DATA_PATH
expect 0 aws sts get-caller-identity --profile docs --endpoint-url "$URL"
folder=$(folder_of alice@example.com)
same "$(jq -r .UserId <<<"$OUT")/" "$folder" "whose folder it is"
ok "aws sts get-caller-identity"

s3() { aws s3 "$@" --profile docs --endpoint-url "$URL"; }
echo "hello" > hello.txt
head -c 20000000 /dev/urandom > large.bin
expect 0 s3 cp hello.txt "s3://$BUCKET/${folder}notes/hello.txt"
expect 0 s3 cp large.bin "s3://$BUCKET/${folder}large.bin"
expect 0 s3 ls --recursive "s3://$BUCKET/$folder"
contains "$OUT" "${folder}notes/hello.txt" "what was uploaded is listed"
expect 0 s3 cp "s3://$BUCKET/${folder}large.bin" back.bin
cmp large.bin back.bin
expect 0 securecart get large.bin back2.bin
cmp large.bin back2.bin
expect 0 s3 rm "s3://$BUCKET/${folder}large.bin"
expect 0 securecart ls -r
same "$(wc -l <<<"$OUT")" 1 "objects left: $OUT"
ok "aws s3 cp up and down (20 MB in parts), ls, rm, and securecart sees the same"

for refused in "cp hello.txt s3://$BUCKET/$(folder_of bob@example.com)hello.txt" "ls s3://$BUCKET/" \
  "cp s3://$BUCKET/$(folder_of bob@example.com)x y" "rm s3://$BUCKET/top"; do
  # One word each.
  code=0
  # shellcheck disable=SC2086
  s3 $refused >"$WORK/out" 2>&1 </dev/null || code=$?
  [ "$code" != 0 ] || fail "aws s3 $refused was not refused"
  grep -qE 'AccessDenied|Forbidden' "$WORK/out" || fail "aws s3 $refused: $(<"$WORK/out")"
done
ok "other people's folders, and the whole bucket, are refused"

# Credentials that live for 20 s, and a copy that takes longer: one request at a time, each of them slow.
/usr/bin/aws configure set s3.max_concurrent_requests 1 --profile docs
mkdir slowly
for n in $(seq 30); do echo "$n" > "slowly/$n"; done
short_lifetime 20
login_as alice@example.com --force
control POST reset-counters >/dev/null
control POST faults '{"service":"s3","operation":"PutObject","effect":"latency","ms":1000}' >/dev/null
expect 0 s3 cp --recursive slowly "s3://$BUCKET/${folder}slowly/"
control DELETE faults >/dev/null
usual_lifetime
same "$(state '[.calls[] | select(.operation == "PutObject" and .status == 200)] | length')" 30 "objects stored"
[ "$(state .role_credentials)" -ge 2 ] || fail "the credentials did not expire midway"
ok "a copy that outlives its credentials goes on ($(state .role_credentials) renewals)"
