#!/bin/bash
# A chain of roles and MFA, seen by the AWS CLI v2 of Debian and by boto3: as users of securecart's credential_process, and
# doing the same by themselves, which shows that the sandbox's STS is what they know.
. "$(dirname "$0")/lib.sh"
needs_debian awscli curl jq
needs_pypi boto3
build
isolate
start_sandbox
configure_docs --keychain file
export SECURECART_PASSPHRASE=$TEST_IDENTITY
FOLDER_ROLE=$(jq -c . "$ROOT/tests/sandbox/policies/ci.json")
aws() { command /usr/bin/aws --no-cli-pager --region "$REGION" --endpoint-url "$URL" "$@"; }

# `trusted ROLE STATEMENT`: a role in Production that this statement's principal may assume.
trusted() {
  control POST roles "$(jq -nc --arg name "$1" --arg policy "$FOLDER_ROLE" --argjson statement "$2" '{
    account: "333333333333", name: $name, policy: $policy, max_session_secs: 43200,
    trust: ({Version: "2012-10-17", Statement: [$statement]} | tojson)}')" >/dev/null
}
login_as alice@example.com
SOURCE=$(securecart whoami --json | jq -r '.arn | capture("assumed-role/(?<role>[^/]*)/") | .role')
SOURCE=arn:aws:iam::333333333333:role/aws-reserved/sso.amazonaws.com/$REGION/$SOURCE
statement() {
  jq -nc --arg source "$1" --argjson condition "$2" '{Effect: "Allow", Principal: {AWS: $source},
    Action: ["sts:AssumeRole", "sts:TagSession"], Condition: $condition}'
}
trusted Docs "$(statement "$SOURCE" '{"StringEquals": {"sts:ExternalId": "agreed", "aws:RequestTag/team": "docs"}}')"
cat >> "$HOME/.config/securecart/config.toml" <<TOML

[profile.chained]
source = "docs"
role_arn = "arn:aws:iam::333333333333:role/Docs"
external_id = "agreed"
tags = { team = "docs" }
bucket = "$BUCKET"
endpoint_url = "$URL"
keychain = "file"
TOML
cat >> "$HOME/.aws/config" <<INI

[profile chained]
credential_process = securecart credential-process --profile chained
region = $REGION
INI
expect 0 aws sts get-caller-identity --profile chained
contains "$OUT" "assumed-role/Docs/alice@example.com" "the AWS CLI's identity"
USER_ID=$(jq -r .UserId <<<"$OUT")
echo "alice's" > f
expect 0 aws s3 cp f "s3://$BUCKET/$USER_ID/f" --profile chained
expect 0 securecart get f - --profile chained
same "$OUT" "alice's" "what the AWS CLI put"
! aws s3 cp f "s3://$BUCKET/$(folder_of bob@example.com)f" --profile chained >/dev/null 2>&1 || fail "bob's folder is open"
ok "the AWS CLI uses the chain's folder, and no other"

# Across an expiry, as a long job would: credentials of 6 s.
short_lifetime 6
expect 0 securecart login --profile chained
"$PYTHON" - "$URL" "$BUCKET" "$USER_ID" <<'PY' || fail "boto3 across an expiry"
import sys, time, boto3
url, bucket, user_id = sys.argv[1:]
s3 = boto3.Session(profile_name="chained").client("s3", endpoint_url=url)
end = time.time() + 14
while time.time() < end:
    assert s3.get_object(Bucket=bucket, Key=f"{user_id}/f")["Body"].read() == b"alice's\n"
    time.sleep(1)
PY
usual_lifetime
ok "boto3 goes on across expiries of both hops"

# The same by the AWS CLI's own means, from our first hop.
expect 0 aws sts assume-role --profile docs --role-arn arn:aws:iam::333333333333:role/Docs --role-session-name alice \
  --external-id agreed --tags Key=team,Value=docs
expect 254 aws sts assume-role --profile docs --role-arn arn:aws:iam::333333333333:role/Docs --role-session-name alice \
  --external-id wrong --tags Key=team,Value=docs
contains "$ERR" AccessDenied "the CLI's refusal"
expect 254 aws sts assume-role --profile docs --role-arn arn:aws:iam::333333333333:role/Docs --role-session-name alice \
  --external-id agreed --tags Key=team,Value=docs --duration-seconds 3601
contains "$ERR" ValidationError "an hour and a second"
ok "the AWS CLI assumes the role and is refused for the same reasons"

# An IAM user with a device.
export AWS_ACCESS_KEY_ID=AKIASANDBOXDANAUSER1 AWS_SECRET_ACCESS_KEY=sandbox/dana/user/secret/key/0123456789a
shown() { control GET "mfa?user=dana" | jq -r .code; }
SERIAL=$(control GET "mfa?user=dana" | jq -r .serial)
CODE=$(shown)
expect 0 aws sts get-session-token --serial-number "$SERIAL" --token-code "$CODE"
expect 254 aws sts get-session-token --serial-number "$SERIAL" --token-code "$CODE"
contains "$ERR" "MultiFactorAuthentication failed" "a code that was used"
control POST clock '{"advance_secs":60}' >/dev/null
cat >> "$HOME/.config/securecart/config.toml" <<TOML

[profile.dana]
method = "aws"
credential_source = "Environment"
mfa_serial = "$SERIAL"
mfa_command = ["sh", "-c", "curl -s '$URL/_sandbox/mfa?user=dana' | jq -r .code"]
region = "$REGION"
bucket = "$BUCKET"
endpoint_url = "$URL"
keychain = "file"
TOML
expect 0 securecart put f --profile dana
unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY
same "$(calls sts:GetSessionToken)" 3 "sessions"
ok "a session with MFA for the AWS CLI, and one for securecart from mfa_command"
