#!/bin/bash
# A real LemonLDAP::NG as the provider: password, wrong password, one-time code, several roles, silent renewal, expiry,
# through its forms and in Chromium. The sandbox plays STS and verifies what it signs.
. "$(dirname "$0")/lib.sh"
needs_debian liblemonldap-ng-portal-perl lemonldap-ng liblasso-perl starman libconvert-base32-perl libdigest-hmac-perl \
  libio-string-perl libunicode-string-perl libxml-simple-perl openssl python3 curl jq procps chromium chromium-driver
needs_pypi selenium
build
isolate
. "$HERE/browser_lib.sh"
. "$HERE/saml_lib.sh"
start_sandbox

port=$(free_port)
idp=$WORK/idp
mkdir -p "$idp"/{conf,sessions/lock,psessions/lock,lib/GD}
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=idp -keyout "$idp/key.pem" -out "$idp/idp.crt" 2>/dev/null
TWO=dwho TWO_PASSWORD=dwho CODE=rtyler CODE_PASSWORD=rtyler NONE=msmith NONE_PASSWORD=msmith
SECRET=JBSWY3DPEHPK3PXP WRONG_CODE=ends FIELDS=user,password,code
APP="http://127.0.0.1:$port/saml/singleSignOn?IDPInitiated=1&spConfKey=aws"

cat > "$idp/aws.xml" <<XML
<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="urn:amazon:webservices">
<SPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol" WantAssertionsSigned="true">
<NameIDFormat>urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress</NameIDFormat>
<AssertionConsumerService index="1" isDefault="true" Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
 Location="$AUDIENCE"/></SPSSODescriptor></EntityDescriptor>
XML
# Its demonstration users, with what AWS needs as macros: expressions over the session.
device="[{\"type\":\"TOTP\",\"name\":\"phone\",\"_secret\":\"$SECRET\",\"epoch\":1700000000}]"
uri=urn:oasis:names:tc:SAML:2.0:attrname-format:uri
# Browsers take cookies with SameSite=None over https only.
jq -n --arg portal "http://127.0.0.1:$port/" --arg dir "$idp" \
  --rawfile key "$idp/key.pem" --rawfile certificate "$idp/idp.crt" --rawfile aws "$idp/aws.xml" \
  --arg devices "\$uid eq '$CODE' ? '$device' : undef" --arg name "\$uid . '@example.com'" \
  --arg roles "\$uid eq '$NONE' ? 'Default' : \$uid eq '$TWO' ? '$DEV_ROLE; $READ_ROLE; Default' : '$DEV_ROLE'" \
  --arg role "1;$ROLE_ATTRIBUTE;$uri;" --arg session "1;$SESSION_ATTRIBUTE;$uri;" '
  def store(name): {Directory: ($dir + name), LockDirectory: ($dir + name + "/lock")};
  {cfgNum: 1, cfgAuthor: "test", cfgDate: 1, portal: $portal, domain: "127.0.0.1", securedCookie: 0, key: "0123456789abcdef",
   authentication: "Demo", userDB: "Same", passwordDB: "Null", registerDB: "Null", whatToTrace: "uid",
   demoExportedVars: {uid: "uid", cn: "cn"}, macros: {"_2fDevices": $devices, awsRole: $roles, awsName: $name},
   issuerDBSAMLActivation: 1, samlServicePrivateKeySig: $key, samlServicePublicKeySig: $certificate,
   samlServiceUseCertificateInResponse: 1, samlServiceSignatureMethod: "RSA_SHA256", samlEntityID: ($portal + "saml/metadata"),
   samlSPMetaDataXML: {aws: {samlSPMetaDataXML: $aws}},
   samlSPMetaDataOptions: {aws: {samlSPMetaDataOptionsEnableIDPInitiatedURL: 1, samlSPMetaDataOptionsNameIDFormat: "email",
     samlSPMetaDataOptionsSignSSOMessage: 1, samlSPMetaDataOptionsCheckSSOMessageSignature: 0,
     samlSPMetaDataOptionsNotOnOrAfterTimeout: 300}},
   samlSPMetaDataExportedAttributes: {aws: {awsRole: $role, awsName: $session}},
   globalStorage: "Apache::Session::File", globalStorageOptions: store("/sessions"),
   persistentStorage: "Apache::Session::File", persistentStorageOptions: store("/psessions"),
   localSessionStorage: "", localSessionStorageOptions: {}, timeout: 3600, totp2fActivation: 1, requireToken: 1,
   sameSite: "Lax", handlerInternalCache: 1, portalDisplayResetPassword: 0, portalDisplayRegister: 0, locationRules: {}, exportedHeaders: {}}' > "$idp/conf/lmConf-1.json"
cat > "$idp/lemonldap-ng.ini" <<INI
[all]
logLevel = notice
[configuration]
type = File
dirName = $idp/conf
[portal]
staticPrefix = /static
templateDir = /usr/share/lemonldap-ng/portal/templates
languages = en
INI
# It loads what draws captchas even where none are shown, and that wants a graphics library.
echo 'package GD::SecurityImage; 1;' > "$idp/lib/GD/SecurityImage.pm"
cat > "$idp/app.psgi" <<'PSGI'
use Plack::Builder;
use Lemonldap::NG::Portal::Main;
builder {
  enable "Static", path => sub { s{^/static/}{/} }, root => "/usr/share/lemonldap-ng/portal/htdocs/static";
  Lemonldap::NG::Portal::Main->run({});
};
PSGI
PERL5LIB=$idp/lib LLNG_DEFAULTCONFFILE=$idp/lemonldap-ng.ini starman --listen "127.0.0.1:$port" --workers 2 \
  --access-log "$idp/access.log" "$idp/app.psgi" >"$idp/log" 2>&1 </dev/null &
STARTED+=($!)
until_true 30 "the provider answers" curl -fsS -o /dev/null "http://127.0.0.1:$port/"
federate "http://127.0.0.1:$port/saml/metadata" "$(openssl x509 -in "$idp/idp.crt" -outform DER | base64 -w0)"

# Its processes remember a session for a second.
session_ends() { find "$idp/sessions" -maxdepth 1 -type f -delete; sleep 2; }
tries() { grep -c '"POST ' "$idp/access.log" || true; }

configure_people
echo "LemonLDAP::NG $(dpkg-query -W -f '${Version}' lemonldap-ng)"
checks_of_forms
checks_of_browser
