#!/bin/bash
# A real SimpleSAMLphp as the provider: password, wrong password, several roles, silent renewal, expiry, through its forms
# and in Chromium. The sandbox plays STS and verifies what it signs.
. "$(dirname "$0")/lib.sh"
needs_debian simplesamlphp php-cli php-xml php-mbstring php-curl php-intl openssl python3 curl jq procps \
  chromium chromium-driver
needs_pypi selenium
build
isolate
. "$HERE/browser_lib.sh"
. "$HERE/saml_lib.sh"
start_sandbox

port=$(free_port)
d=$WORK/idp
TWO=alice TWO_PASSWORD=alicepw CODE=carol CODE_PASSWORD=carolpw NONE=bob NONE_PASSWORD=bobpw
SECRET='' FIELDS=username,password,
APP="http://127.0.0.1:$port/saml2/idp/SSOService.php?spentityid=urn:amazon:webservices"

mkdir -p "$d"/{config,metadata,cert,log,data,tmp}
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=idp -keyout "$d/cert/idp.pem" -out "$d/cert/idp.crt" 2>/dev/null
cat > "$d/config/config.php" <<PHP
<?php
\$d = '$d/';
\$config = ['baseurlpath' => 'http://127.0.0.1:$port/', 'certdir' => \$d.'cert/', 'loggingdir' => \$d.'log/',
'datadir' => \$d.'data/', 'tempdir' => \$d.'tmp', 'metadatadir' => \$d.'metadata/', 'technicalcontact_name' => 'x',
'technicalcontact_email' => 'na@example.org', 'timezone' => 'UTC', 'secretsalt' => '$(openssl rand -hex 16)',
'auth.adminpassword' => '$(openssl rand -hex 8)', 'admin.protectindexpage' => false, 'admin.protectmetadata' => false,
'logging.handler' => 'file', 'logging.level' => 5, 'logging.logfile' => 'ssp.log', 'enable.saml20-idp' => true,
'enable.http_post' => true, 'session.cookie.secure' => false, 'session.cookie.samesite' => null,
'session.phpsession.cookiename' => 'SimpleSAML', 'session.phpsession.savepath' => \$d.'tmp',
'session.phpsession.httponly' => true, 'session.cookie.name' => 'SimpleSAMLSessionID', 'session.duration' => 28800,
'session.datastore.timeout' => 14400, 'session.state.timeout' => 3600,
'session.authtoken.cookiename' => 'SimpleSAMLAuthToken', 'session.cookie.lifetime' => 0, 'session.cookie.path' => '/',
'session.cookie.domain' => null, 'module.enable' => ['exampleauth' => true, 'core' => true, 'saml' => true],
'store.type' => 'phpsession', 'metadata.sources' => [['type' => 'flatfile']], 'language.default' => 'en',
'language.available' => ['en'], 'theme.use' => 'default', 'production' => false, 'showerrors' => true,
'errorreporting' => false, 'authproc.idp' => [], 'assertion.encryption' => false];
PHP
echo "<?php \$config = ['adminlist' => []];" > "$d/config/acl.php"
cat > "$d/config/authsources.php" <<PHP
<?php
\$config = ['admin' => ['core:AdminPassword'], 'example-userpass' => ['exampleauth:UserPass',
 'alice:alicepw' => ['uid' => ['alice'], '$ROLE_ATTRIBUTE' => ['$DEV_ROLE', '$READ_ROLE', 'Default'],
   '$SESSION_ATTRIBUTE' => ['alice@example.com']],
 'carol:carolpw' => ['uid' => ['carol'], '$ROLE_ATTRIBUTE' => ['$DEV_ROLE'], '$SESSION_ATTRIBUTE' => ['carol@example.com']],
 'bob:bobpw' => ['uid' => ['bob']]]];
PHP
cat > "$d/metadata/saml20-idp-hosted.php" <<PHP
<?php
\$metadata['http://127.0.0.1:$port/idp'] = ['host' => '__DEFAULT__', 'privatekey' => 'idp.pem', 'certificate' => 'idp.crt',
'auth' => 'example-userpass', 'attributes.NameFormat' => 'urn:oasis:names:tc:SAML:2.0:attrname-format:uri',
'saml20.sign.response' => true, 'saml20.sign.assertion' => true];
PHP
cat > "$d/metadata/saml20-sp-remote.php" <<PHP
<?php
\$metadata['urn:amazon:webservices'] = ['AssertionConsumerService' => '$AUDIENCE',
'NameIDFormat' => 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent', 'simplesaml.nameidattribute' => 'uid',
'saml20.sign.assertion' => true, 'validate.authnrequest' => false];
PHP
SIMPLESAMLPHP_CONFIG_DIR=$d/config php -d error_reporting=22519 -S "127.0.0.1:$port" -t /usr/share/simplesamlphp/www \
  >"$d/log/php.log" 2>&1 </dev/null &
STARTED+=($!)
until_true 20 "the provider answers" curl -sS -o /dev/null "http://127.0.0.1:$port/"
federate "http://127.0.0.1:$port/idp" "$(openssl x509 -in "$d/cert/idp.crt" -outform DER | base64 -w0)"

session_ends() { find "$d/tmp" -name 'sess_*' -delete; }
tries() { grep -c ' POST ' "$d/log/php.log" || true; }

configure_people
echo "SimpleSAMLphp $(dpkg-query -W -f '${Version}' simplesamlphp)"
checks_of_forms
checks_of_browser
