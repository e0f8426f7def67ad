#!/bin/bash
# boto3 and the AWS CLI v2 inside `exec` and `exec --serve`, across expiries; and with an exported Identity Center token.
. "$(dirname "$0")/lib.sh"
needs_debian awscli curl jq python3
[[ $(/usr/bin/aws --version 2>&1) == aws-cli/2.* ]] || skip "/usr/bin/aws is not version 2"
needs_pypi boto3
build
isolate
start_sandbox
configure_docs --keychain file
export SECURECART_PASSPHRASE=$TEST_IDENTITY
login_as alice@example.com
folder=$(folder_of alice@example.com)
aws() { /usr/bin/aws --no-cli-pager --endpoint-url "$URL" "$@"; }
inside() { expect 0 securecart exec "$@"; }

echo "$(/usr/bin/aws --version | cut -d ' ' -f 1) and boto3 $("$PYTHON" -c 'import boto3; print(boto3.__version__)') inside exec"
# What the shell has is another identity, and must not win.
export AWS_PROFILE=nobody AWS_ACCESS_KEY_ID=AKIAWRONG AWS_SECRET_ACCESS_KEY=wrong AWS_SESSION_TOKEN=wrong AWS_REGION=us-east-1
identity='import boto3; print(boto3.client("sts").get_caller_identity()["UserId"])'
for mode in "" --serve; do
  # shellcheck disable=SC2086
  inside $mode -- /usr/bin/aws --no-cli-pager --endpoint-url "$URL" sts get-caller-identity
  same "$(jq -r .UserId <<<"$OUT")/" "$folder" "the AWS CLI inside exec $mode"
  # shellcheck disable=SC2086
  inside $mode -- "$PYTHON" -c "$identity"
  same "$OUT/" "$folder" "boto3 inside exec $mode"
  ok "exec $mode: both are the caller, whatever the environment said before"
done
unset AWS_PROFILE AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_REGION

printf '[default]\naws_access_key_id = AKIAWRONG\naws_secret_access_key = wrong\n' > .aws/credentials
inside --serve -- "$PYTHON" -c "$identity"
same "$OUT/" "$folder" "boto3 inside exec --serve beside a default profile with keys"
contains "$ERR" "is hidden from the command" "what is said of it"
rm .aws/credentials
ok "exec --serve: a default profile with other keys doesn't win"

eval "$(securecart env --shell bash)"
expect 0 /usr/bin/aws --no-cli-pager --endpoint-url "$URL" sts get-caller-identity
same "$(jq -r .UserId <<<"$OUT")/" "$folder" "the AWS CLI after env"
eval "$(securecart env --shell bash --unset)"
same "$(env | grep -c ^AWS_ || true)" 0 "variables left after env --unset"
ok "env: the AWS CLI takes what a shell took"

# On a terminal, Ctrl-C reaches the command once; Ctrl-Z stops both, and `fg` goes on.
cat > "$WORK/terminal.py" <<'PY'
import os, pty, time

command = 'n=0; trap "n=\\$((n+1))" INT; echo ready; sleep 1; sleep 1; echo "interrupts: $n"; exit 7'
shell = 'securecart exec --serve -- bash -c "$1"; echo "status $?"; fg; echo "code $?"; echo the end'
pid, terminal = pty.fork()
if pid == 0:
    os.execvp("bash", ["bash", "-mc", shell, "bash", command])
seen = b""


def until(text):
    global seen
    deadline = time.monotonic() + 20
    while text not in seen:
        assert time.monotonic() < deadline, seen
        try:
            seen += os.read(terminal, 1000)
        except OSError:
            raise SystemExit(f"the terminal closed after {seen}")


until(b"ready")
time.sleep(0.3)
os.write(terminal, b"\x03")
time.sleep(0.3)
os.write(terminal, b"\x1a")
until(b"status 148")
until(b"the end")
assert b"interrupts: 1" in seen and b"code 7" in seen, seen
PY
expect 0 "$PYTHON" "$WORK/terminal.py"
ok "exec --serve on a terminal: Ctrl-C arrives once, and job control is the shell's"

# Credentials that live for 12 s, and a program that runs for 30.
cat > "$WORK/long.py" <<'PY'
import sys, time
import boto3

bucket, folder = sys.argv[1:]
session = boto3.Session()
s3 = session.client("s3")
keys = set()
for number in range(30):
    s3.put_object(Bucket=bucket, Key=f"{folder}long/{number}", Body=b"x")
    keys.add(session.get_credentials().get_frozen_credentials().access_key)
    time.sleep(1)
print(len(keys))
PY
short_lifetime 12
login_as alice@example.com --force
inside --serve -- "$PYTHON" "$WORK/long.py" "$BUCKET" "$folder"
[ "$OUT" -ge 2 ] || fail "the credentials did not expire midway: $OUT key(s)"
ok "boto3 inside exec --serve goes on for 30 s with credentials of 12 s ($OUT keys)"

mkdir slowly
for n in $(seq 20); do echo "$n" > "slowly/$n"; done
/usr/bin/aws configure set default.s3.max_concurrent_requests 1
login_as alice@example.com --force
control POST reset-counters >/dev/null
control POST faults '{"service":"s3","operation":"PutObject","effect":"latency","ms":1000}' >/dev/null
inside --serve -- /usr/bin/aws --endpoint-url "$URL" s3 cp --recursive slowly "s3://$BUCKET/${folder}slowly/"
control DELETE faults >/dev/null
usual_lifetime
same "$(state '[.calls[] | select(.operation == "PutObject" and .status == 200)] | length')" 20 "objects stored"
[ "$(state .role_credentials)" -ge 2 ] || fail "the credentials did not expire midway"
ok "the AWS CLI inside exec --serve: a copy that outlives its credentials goes on ($(state .role_credentials) renewals)"

echo "aws: with the access token that login exported"
/usr/bin/python3 "$HERE/awscli-endpoints.py" "$WORK/data" "$URL"
export AWS_DATA_PATH=$WORK/data
cat >> .aws/config <<CONF

[sso-session corp]
sso_start_url = $START_URL
sso_region = $REGION

[profile session]
sso_session = corp
sso_account_id = $DOCS_ACCOUNT
sso_role_name = $DOCS_ROLE
region = $REGION

[profile legacy]
sso_start_url = $START_URL
sso_region = $REGION
sso_account_id = $DOCS_ACCOUNT
sso_role_name = $DOCS_ROLE
region = $REGION
CONF
expect 255 aws sts get-caller-identity --profile session
login_as alice@example.com --force --export-sso-token
for profile in session legacy; do
  expect 0 aws sts get-caller-identity --profile "$profile"
  same "$(jq -r .UserId <<<"$OUT")/" "$folder" "profile $profile"
done
ok "an sso-session and a profile with a start URL take it"
