#!/bin/bash
# Signs in with a real SimpleSAMLphp: password, wrong password, several roles, silent renewal by cookie, session expiry.
#
# usage: simplesamlphp.sh [BINARY SANDBOX]     the debug builds of this checkout when absent
#
# The sandbox plays STS: it knows that provider by its certificate and verifies what it signs.
# Debian: simplesamlphp php-cli php-xml php-mbstring php-curl php-intl, installed when they are missing and this is root;
# skipped, with the reason, where that can't be done. Everything listens on 127.0.0.1 and ends with this script.
set -euo pipefail
cd "$(dirname "$0")/../.."
target=${CARGO_TARGET_DIR:-target}/debug
binary=$(realpath "${1:-$target/securecart}") sandbox=$(realpath "${2:-$target/securecart-sandbox}")

skip() { echo "skipped: simplesamlphp: $1"; exit 0; }
if ! [ -d /usr/share/simplesamlphp/www ] || ! command -v php > /dev/null; then
  command -v apt-get > /dev/null || skip "no Debian packages here"
  [ "$(id -u)" = 0 ] || skip "its packages are missing, and only root can install them"
  apt-get install -y --no-install-recommends simplesamlphp php-cli php-xml php-mbstring php-curl php-intl \
    > /dev/null 2>&1 || skip "its packages can't be installed"
fi
for tool in curl openssl python3; do command -v $tool > /dev/null || skip "$tool is missing"; done

dir=$(mktemp -d)
pids=()
finish() {
  for pid in "${pids[@]}"; do kill "$pid" 2> /dev/null || true; done
  exec 9>&- || true
  rm -rf "$dir"
}
trap finish EXIT
fail() { echo "FAILED: $1"; cat "$dir/out" "$dir/err" 2> /dev/null; exit 1; }
free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

attributes=https://aws.amazon.com/SAML/Attributes
dev=arn:aws:iam::123456789012:role/dev,arn:aws:iam::123456789012:saml-provider/idp
# The provider first, as some do.
read_only=arn:aws:iam::210987654321:saml-provider/idp,arn:aws:iam::210987654321:role/ReadOnly

# start_provider NAME SESSION_SECONDS: its port is in $port, its pid in the list.
start_provider() {
  local d=$dir/$1
  port=$(free_port)
  mkdir -p "$d"/{config,metadata,cert,log,data,tmp}
  openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=idp -keyout "$d/cert/idp.pem" -out "$d/cert/idp.crt" 2> /dev/null
  cat > "$d/config/config.php" << PHP
<?php
\$d = '$d/';
\$config = ['baseurlpath' => 'http://127.0.0.1:$port/', 'certdir' => \$d.'cert/', 'loggingdir' => \$d.'log/',
'datadir' => \$d.'data/', 'tempdir' => \$d.'tmp', 'metadatadir' => \$d.'metadata/', 'technicalcontact_name' => 'x',
'technicalcontact_email' => 'na@example.org', 'timezone' => 'UTC', 'secretsalt' => '$(openssl rand -hex 16)',
'auth.adminpassword' => '$(openssl rand -hex 8)', 'admin.protectindexpage' => false, 'admin.protectmetadata' => false,
'logging.handler' => 'file', 'logging.level' => 5, 'logging.logfile' => 'ssp.log', 'enable.saml20-idp' => true,
'enable.http_post' => true, 'session.cookie.secure' => false, 'session.cookie.samesite' => null,
'session.phpsession.cookiename' => 'SimpleSAML', 'session.phpsession.savepath' => \$d.'tmp',
'session.phpsession.httponly' => true, 'session.cookie.name' => 'SimpleSAMLSessionID', 'session.duration' => $2,
'session.datastore.timeout' => 14400, 'session.state.timeout' => 3600,
'session.authtoken.cookiename' => 'SimpleSAMLAuthToken', 'session.cookie.lifetime' => 0, 'session.cookie.path' => '/',
'session.cookie.domain' => null, 'module.enable' => ['exampleauth' => true, 'core' => true, 'saml' => true],
'store.type' => 'phpsession', 'metadata.sources' => [['type' => 'flatfile']], 'language.default' => 'en',
'language.available' => ['en'], 'theme.use' => 'default', 'production' => false, 'showerrors' => true,
'errorreporting' => false, 'authproc.idp' => [], 'assertion.encryption' => false];
PHP
  echo "<?php \$config = ['adminlist' => []];" > "$d/config/acl.php"
  cat > "$d/config/authsources.php" << PHP
<?php
\$config = ['admin' => ['core:AdminPassword'], 'example-userpass' => ['exampleauth:UserPass',
 'alice:alicepw' => ['uid' => ['alice'], '$attributes/Role' => ['$dev', '$read_only', 'Default'],
   '$attributes/RoleSessionName' => ['alice@example.com'], '$attributes/SessionDuration' => ['3600']],
 'carol:carolpw' => ['uid' => ['carol'], '$attributes/Role' => ['$dev'],
   '$attributes/RoleSessionName' => ['carol@example.com']],
 'bob:bobpw' => ['uid' => ['bob']]]];
PHP
  cat > "$d/metadata/saml20-idp-hosted.php" << PHP
<?php
\$metadata['http://127.0.0.1:$port/idp'] = ['host' => '__DEFAULT__', 'privatekey' => 'idp.pem', 'certificate' => 'idp.crt',
'auth' => 'example-userpass', 'attributes.NameFormat' => 'urn:oasis:names:tc:SAML:2.0:attrname-format:uri',
'saml20.sign.response' => true, 'saml20.sign.assertion' => true];
PHP
  cat > "$d/metadata/saml20-sp-remote.php" << PHP
<?php
\$metadata['urn:amazon:webservices'] = ['AssertionConsumerService' => 'https://signin.aws.amazon.com/saml',
'NameIDFormat' => 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent', 'simplesaml.nameidattribute' => 'uid',
'saml20.sign.assertion' => true, 'validate.authnrequest' => false];
PHP
  SIMPLESAMLPHP_CONFIG_DIR="$d/config" php -d error_reporting=22519 -S "127.0.0.1:$port" -t /usr/share/simplesamlphp/www \
    > "$d/log/php.log" 2>&1 &
  pids+=($!)
  for _ in $(seq 100); do curl -s -o /dev/null "http://127.0.0.1:$port/" && break; sleep 0.1; done
  local certificate
  certificate=$(openssl x509 -in "$d/cert/idp.crt" -outform DER | base64 -w0)
  for account in 123456789012 210987654321; do
    control saml-providers "{\"arn\":\"arn:aws:iam::$account:saml-provider/idp\",\"issuer\":\"http://127.0.0.1:$port/idp\",\"certificate\":\"$certificate\"}"
  done
}

control() { curl -sf -o /dev/null -X POST "$sts/_sandbox/$1" -d "$2" || fail "the sandbox refused $1"; }

# The sandbox ends when this pipe closes.
mkfifo "$dir/alive"
"$sandbox" --until-stdin-closes < "$dir/alive" > "$dir/ready" &
pids+=($!)
exec 9> "$dir/alive"
for _ in $(seq 100); do [ -s "$dir/ready" ] && break; sleep 0.05; done
sts=$(python3 -c 'import json, sys; print(json.load(sys.stdin)["url"])' < "$dir/ready")
for role in 123456789012:dev 210987654321:ReadOnly; do
  account=${role%:*} name=${role#*:}
  trust="{\\\"Version\\\":\\\"2012-10-17\\\",\\\"Statement\\\":[{\\\"Effect\\\":\\\"Allow\\\",\\\"Principal\\\":{\\\"Federated\\\":\\\"arn:aws:iam::$account:saml-provider/idp\\\"},\\\"Action\\\":\\\"sts:AssumeRoleWithSAML\\\",\\\"Condition\\\":{\\\"StringEquals\\\":{\\\"SAML:aud\\\":\\\"https://signin.aws.amazon.com/saml\\\"}}}]}"
  policy="{\\\"Version\\\":\\\"2012-10-17\\\",\\\"Statement\\\":[]}"
  control roles "{\"account\":\"$account\",\"name\":\"$name\",\"trust\":\"$trust\",\"policy\":\"$policy\"}"
done

profile() { # NAME USER MORE
  printf '[profile.%s]\nmethod = "saml"\nurl = "%s"\nusername = "%s"\nregion = "eu-central-1"\nendpoint_url = "%s"\n%s\n' \
    "$1" "http://127.0.0.1:$port/saml2/idp/SSOService.php?spentityid=urn:amazon:webservices" "$2" "$sts" "$3"
}
run() { # WANTED_EXIT PASSWORD ARGS…
  local wanted=$1 password=$2 got=0
  shift 2
  printf '%s\n' "$password" | env -i HOME="$dir" PATH="$PATH" TZ=UTC SECURECART_CONFIG="$dir/config.toml" \
    SECURECART_STATE_DIR="$dir/state" SECURECART_KEYCHAIN=file SECURECART_PASSPHRASE=only-for-this-test \
    "$binary" "$@" > "$dir/out" 2> "$dir/err" || got=$?
  [ "$got" = "$wanted" ] || fail "\`$*\` ended with $got, not $wanted"
}
told() { grep -qF -- "$1" "$dir/err" "$dir/out" || fail "nobody was told: $1"; }
posts() { grep -c ' POST ' "$dir/$1/log/php.log" || true; }

start_provider long 28800
{ profile dev alice 'account_id = "123456789012"'
  profile readonly alice 'role_arn = "arn:aws:iam::210987654321:role/ReadOnly"'
  profile any alice ''
  profile bob bob ''
  profile carol carol 'session_duration = "15m"'; } > "$dir/config.toml"

run 5 wrong login --profile dev --password-fd 0
told "did not accept the user name and password"
[ "$(posts long)" = 1 ] || fail "a wrong password was sent $(posts long) times"
echo "ok: a wrong password is sent once and has a message of its own"

run 0 alicepw login --profile dev --password-fd 0
told "alice@example.com"; told "123456789012"
[ "$(posts long)" = 2 ] || fail "a password was sent more than once"
echo "ok: a password gives credentials of a role, and STS believes the provider's signature"

run 0 "" credential-process --profile readonly
told '"Version":1'
[ "$(posts long)" = 2 ] || fail "a second profile of the provider asked again"
echo "ok: one sign-in serves another profile, silently, with the provider's ARN first"

run 2 "" login --profile any
told "123456789012  dev"; told "210987654321  ReadOnly"
echo "ok: several roles are a list, and junk is none of them"

run 0 carolpw login --profile carol --password-fd 0
before=$(posts long)
# Credentials of 15 minutes are always due: each call renews.
run 0 "" credential-process --profile carol; first=$(cat "$dir/out")
run 0 "" credential-process --profile carol
[ "$first" != "$(cat "$dir/out")" ] || fail "the credentials were not renewed"
[ "$(posts long)" = "$before" ] || fail "a silent renewal sent a form"
echo "ok: cookies renew silently"

run 5 bobpw login --profile bob --password-fd 0
told "offers you no AWS role"
echo "ok: somebody without roles is told so"

start_provider short 3
{ profile dev alice 'account_id = "123456789012"'
  profile other alice 'role_arn = "arn:aws:iam::123456789012:role/dev"'; } > "$dir/config.toml"
run 0 alicepw login --profile dev --password-fd 0
sleep 4
run 4 "" credential-process --profile other
[ ! -s "$dir/out" ] || fail "something was printed"
told "securecart login --profile other"
echo "ok: when the provider's session has ended, exit 4 and nothing on stdout"
