#!/bin/bash
# A certified OpenID Connect provider, and an STS and S3 that aren't ours: people sign in with a code and in a browser,
# Ceph's RGW verifies their ID tokens and holds them to their folder, and a tampered token gets nothing.
. "$(dirname "$0")/lib.sh"
command -v node >/dev/null && command -v npm >/dev/null || needs_debian nodejs npm
needs_debian openssl
. "$HERE/ceph.bash"

# 8.8.1 is the last that runs on the Node.js of Debian 12.
mkdir -p "$WORK/npm"
cp "$HERE"/oidc-*.mjs "$WORK/npm"
(cd "$WORK/npm" && npm install --no-audit --no-fund --silent oidc-provider@8.8.1 >"$WORK/npm.log" 2>&1 </dev/null) ||
  skip "npm could not install oidc-provider: $(tail -n 1 "$WORK/npm.log")"
build
isolate

openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=oidc -keyout "$WORK/oidc.key" -out "$WORK/oidc.crt" 2>/dev/null
PORT=$(free_port) PROVIDER_LOG=$WORK/provider.log
ISSUER=http://127.0.0.1:$PORT
node "$WORK/npm/oidc-provider.mjs" "$WORK" "$PORT" >"$PROVIDER_LOG" 2>&1 </dev/null &
STARTED+=($!)
until_true 20 "the provider answers" curl -sf -o /dev/null "$ISSUER/.well-known/openid-configuration"
ok "oidc-provider on $ISSUER"
start_ceph 1G
STS=http://127.0.0.1:$((STS_PORT = $(free_port)))
node "$WORK/npm/oidc-sts.mjs" "$STS_PORT" "$URL" >"$WORK/sts.log" 2>&1 </dev/null &
STARTED+=($!)
until_true 20 "the way to its STS is open" curl -s -o /dev/null "$STS"

# The company's account: its provider, known by the certificate of its key, and a role that trusts it for our client.
ACCOUNT=333333333333
company() {
  AWS_ACCESS_KEY_ID=company AWS_SECRET_ACCESS_KEY=companysecret \
    /usr/bin/aws --no-cli-pager --region us-east-1 --endpoint-url "$URL" "$@"
}
expect 0 radosgw-admin user create --tenant="$ACCOUNT" --uid=company --display-name=company --access-key=company \
  --secret-key=companysecret --caps='roles=*;oidc-provider=*;user-policy=*'
THUMBPRINT=$(openssl x509 -in "$WORK/oidc.crt" -noout -fingerprint -sha1 | cut -d = -f 2 | tr -d :)
expect 0 company iam create-open-id-connect-provider --url "$ISSUER" --client-id-list securecart --thumbprint-list "$THUMBPRINT"
BARE=${ISSUER#http://}
trust=$(jq -nc --arg arn "arn:aws:iam::$ACCOUNT:oidc-provider/$BARE" --arg key "$BARE:app_id" \
  '{Version: "2012-10-17", Statement: [{Effect: "Allow", Principal: {Federated: [$arn]},
    Action: ["sts:AssumeRoleWithWebIdentity"], Condition: {StringEquals: {($key): "securecart"}}}]}')
expect 0 radosgw-admin role create --tenant="$ACCOUNT" --role-name=CompanyDocs --assume-role-policy-doc="$trust"
ROLE_ID=$(jq -r .RoleId <<<"$OUT")
ROLE_ARN=arn:aws:iam::$ACCOUNT:role/CompanyDocs
BUCKET=securecart-user-docs
expect 0 company s3api create-bucket --bucket "$BUCKET"
# RGW knows no policy variables, and takes no `:` in a resource: `?` stands for it there.
USER_ID=$ROLE_ID:alice@example.com
policy=$(tr -d '\n ' < "$ROOT/tests/sandbox/policies/folder.json" |
  sed "s|docs/\${aws:userid}|docs/${USER_ID/:/?}|g; s|\${aws:userid}|$USER_ID|g" | jq -c .)
expect 0 radosgw-admin role-policy put --tenant="$ACCOUNT" --role-name=CompanyDocs --policy-name=folder --policy-doc="$policy"
ok "a role that trusts the provider, and alice's folder in its policy"

expect 0 securecart configure --profile docs --issuer "$ISSUER" --client-id securecart --role-arn "$ROLE_ARN" \
  --region us-east-1 --endpoint-url "$URL" --bucket "$BUCKET" --keychain file --session-duration 15m
cat >> "$HOME/.config/securecart/config.toml" <<TOML
request_checksum_calculation = "when_required"
endpoint_url_sts = "$STS"
# This one gives a browser no refresh token otherwise.
prompt = "consent"
TOML
export SECURECART_PASSPHRASE=$TEST_IDENTITY
grants() { grep -c "\"event\":\"grant.success\",\"grant\":\"$1\"" "$PROVIDER_LOG" || true; }

# With a code, as over SSH.
securecart login --device-code >"$WORK/login.out" 2>"$WORK/login.log" </dev/null &
login=$!
until_true 20 "login shows a code" grep -qE '^ *[A-Z]{4}-[A-Z]{4} *$' "$WORK/login.log"
code=$(grep -oE '[A-Z]{4}-[A-Z]{4}' "$WORK/login.log" | head -n 1)
page=$(grep -oE 'http://127[^ ]*' "$WORK/login.log" | head -n 1)
expect 0 node "$WORK/npm/oidc-person.mjs" "$page" alice@example.com "$code"
wait "$login" || fail "login: $(<"$WORK/login.log")"
contains "$(<"$WORK/login.log")" "s3://$BUCKET/$USER_ID/" "the folder"
same "$(grants urn:ietf:params:oauth:grant-type:device_code)" 1 "device grants"
ok "login with a device code: the folder is named after the token's subject"

echo "quarterly figures" > report.txt
expect 0 securecart put report.txt 2026/
expect 0 securecart ls -r
contains "$OUT" "2026/report.txt" "the listing"
expect 0 securecart get 2026/report.txt -
same "$OUT" "quarterly figures" "what came back"
expect 0 company s3 cp report.txt "s3://$BUCKET/$ROLE_ID:bob@example.com/secret"
eval "$(securecart env --shell bash)"
as_alice() { /usr/bin/aws --no-cli-pager --endpoint-url "$URL" "$@"; }
denied() {
  ! as_alice --debug "$@" >"$WORK/out" 2>&1 </dev/null || fail "aws $* was not refused"
  grep -qE 'HTTP/1.1" 403 ' "$WORK/out" || fail "aws $*: $(tail -n 5 "$WORK/out")"
}
expect 0 as_alice s3api head-object --bucket "$BUCKET" --key "$USER_ID/2026/report.txt"
denied s3api get-object --bucket "$BUCKET" --key "$ROLE_ID:bob@example.com/secret" got
denied s3api list-objects-v2 --bucket "$BUCKET"
eval "$(securecart env --shell bash --unset)"
ok "the files are in alice's folder, and RGW refuses her everything else"

# The ID token ends, and the refresh token brings another: each is good for one use, however many ask.
before=$(grants refresh_token)
sleep 6
for _ in 1 2 3 4; do
  securecart credential-process >>"$WORK/many" 2>>"$WORK/many.err" </dev/null &
  many+=($!)
done
for one in "${many[@]}"; do wait "$one" || fail "credential-process: $(<"$WORK/many.err")"; done
same "$(jq -s length "$WORK/many")" 4 "documents"
[ "$(grants refresh_token)" -gt "$before" ] || fail "no refresh token was used"
! grep -q '"event":"grant.error"' "$PROVIDER_LOG" || fail "the provider refused: $(grep grant.error "$PROVIDER_LOG")"
ok "silent renewal by rotating refresh tokens, with four callers at once"

# In a browser, with PKCE.
printf '#!/bin/sh\nexec node "%s" "$1" alice@example.com >"%s" 2>&1\n' "$WORK/npm/oidc-person.mjs" "$WORK/browser.log" > browser
chmod +x browser
expect 0 env BROWSER="$PWD/browser" securecart login --force
contains "$ERR" "Your browser has been opened" "the browser"
same "$(grants authorization_code)" 1 "authorization codes"
expect 0 securecart get 2026/report.txt -
before=$(grants refresh_token)
sleep 6
expect 0 securecart credential-process
[ "$(grants refresh_token)" -gt "$before" ] || fail "the browser's sign-in brought no refresh token"
ok "login in a browser: authorization code with PKCE, renewed silently"

# A job: a token in a file. The provider's key signs it here, and RGW asks the provider for the key's other half.
mint() {
  node - "$WORK/oidc.key" "$ISSUER" "$1" <<'JS'
const [key, iss, sub] = process.argv.slice(2);
const crypto = require('node:crypto');
const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
const now = Math.floor(Date.now() / 1000);
const signed = `${part({ alg: 'RS256', typ: 'JWT', kid: 'k1' })}.${part({ iss, sub, aud: 'securecart', iat: now, exp: now + 300 })}`;
const signature = crypto.sign('sha256', signed, require('node:fs').readFileSync(key)).toString('base64url');
process.stdout.write(`${signed}.${signature}`);
JS
}
job() {
  env -u SECURECART_PASSPHRASE HOME=/nonexistent SECURECART_ROLE_ARN="$ROLE_ARN" SECURECART_TOKEN_FILE="$WORK/token" \
    SECURECART_BUCKET="$BUCKET" SECURECART_REGION=us-east-1 AWS_ENDPOINT_URL="$URL" AWS_ENDPOINT_URL_STS="$STS" \
    AWS_REQUEST_CHECKSUM_CALCULATION=when_required securecart "$@"
}
mint alice@example.com > "$WORK/token"
mkdir -p build && echo page > build/index.html
expect 0 job put -r build/ reports/
expect 0 job get reports/index.html -
same "$OUT" page "what the job uploaded"
IFS=. read -r header _ signature < "$WORK/token" || true
forged=$(mint bob@example.com)
IFS=. read -r _ claims _ <<<"$forged"
printf '%s.%s.%s' "$header" "$claims" "$signature" > "$WORK/token"
expect 5 job whoami
contains "$ERR" "AccessDenied" "what RGW says of a tampered token"
printf '%s.%s.' "$(printf '{"alg":"none","typ":"JWT","kid":"k1"}' | base64 -w 0 | tr -d =)" "$claims" > "$WORK/token"
code=0
job whoami >"$WORK/out" 2>"$WORK/err" </dev/null || code=$?
[ "$code" != 0 ] || fail "an unsigned token was taken"
ok "a job with nothing but variables; a tampered and an unsigned token get nothing"

expect 0 securecart logout
contains "$(<"$PROVIDER_LOG")" '"event":"grant.revoked"' "the provider's log"
expect 4 securecart credential-process
ok "logout revokes the session at the provider"
