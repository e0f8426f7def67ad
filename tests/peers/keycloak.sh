#!/bin/bash
# A real Keycloak as the provider: password, wrong password, one-time code, several roles, silent renewal, expiry,
# through its forms and in Chromium. The sandbox plays STS and verifies what it signs.
#
# Its distribution comes from Maven Central, through Maven; nothing is kept.
. "$(dirname "$0")/lib.sh"
VERSION=25.0.6
needs_debian openjdk-17-jre-headless maven unzip openssl python3 curl jq procps chromium chromium-driver
needs_pypi selenium
build
# Before the environment is left behind: Maven goes through the machine's proxy, if there is one.
fetched=$WORK/maven
timeout 400 mvn -q -B org.apache.maven.plugins:maven-dependency-plugin:3.6.0:copy -Dmaven.repo.local="$fetched" \
  -Dartifact="org.keycloak:keycloak-quarkus-dist:$VERSION:zip" -DoutputDirectory="$WORK" >"$WORK/maven.log" 2>&1 </dev/null ||
  skip "Maven Central can't be reached: $(grep -m 1 ERROR "$WORK/maven.log" | head -c 200)"
unzip -q "$WORK/keycloak-quarkus-dist-$VERSION.zip" -d "$WORK"
rm -rf "$fetched" "$WORK"/*.zip
isolate
. "$HERE/browser_lib.sh"
. "$HERE/saml_lib.sh"
start_sandbox

port=$(free_port)
base=http://127.0.0.1:$port
TWO=alice TWO_PASSWORD=alicepw CODE=bob CODE_PASSWORD=bobpw NONE=carol NONE_PASSWORD=carolpw
# Keycloak takes the secret's bytes; an app is given them as base32.
raw=only-for-this-test-1
SECRET=$(printf %s "$raw" | base32) WRONG_CODE=again FIELDS=username,password,otp
APP=$base/realms/staff/protocol/saml/clients/aws

mkdir -p "$WORK/keycloak-$VERSION/data/import"
jq -n --arg acs "$AUDIENCE" --arg role "$ROLE_ATTRIBUTE" --arg session "$SESSION_ATTRIBUTE" --arg raw "$raw" \
  --arg dev "$DEV_ROLE" --arg read "$READ_ROLE" '
  def mapper(name; kind; config): {name: name, protocol: "saml", protocolMapper: kind, config: config};
  def user(name; roles; more): {username: name, enabled: true, email: (name + "@example.com"), emailVerified: true,
    firstName: name, lastName: "Example", clientRoles: {"urn:amazon:webservices": roles},
    credentials: ([{type: "password", value: (name + "pw")}] + more)};
  {realm: "staff", enabled: true, sslRequired: "none", otpPolicyCodeReusable: true, bruteForceProtected: false,
   roles: {client: {"urn:amazon:webservices": [{name: $dev}, {name: $read}, {name: "Default"}]}},
   clients: [{clientId: "urn:amazon:webservices", protocol: "saml", enabled: true, fullScopeAllowed: true,
     redirectUris: [$acs], adminUrl: $acs, frontchannelLogout: true, defaultClientScopes: [],
     attributes: {"saml_idp_initiated_sso_url_name": "aws", "saml.assertion.signature": "true",
       "saml.server.signature": "true", "saml.client.signature": "false", "saml.authnstatement": "true",
       "saml.force.post.binding": "true", "saml_name_id_format": "username", "saml_force_name_id_format": "true",
       "saml_assertion_consumer_url_post": $acs, "saml.signature.algorithm": "RSA_SHA256"},
     protocolMappers: [
       mapper("roles"; "saml-role-list-mapper"; {"attribute.name": $role, "single": "false",
         "attribute.nameformat": "URI Reference"}),
       mapper("session"; "saml-user-property-mapper"; {"user.attribute": "email", "attribute.name": $session,
         "attribute.nameformat": "URI Reference"})]}],
   users: [user("alice"; [$dev, $read, "Default"]; []), user("carol"; ["Default"]; []),
     user("bob"; [$dev]; [{type: "otp", userLabel: "phone", secretData: ({value: $raw} | tojson),
       credentialData: ({subType: "totp", digits: 6, counter: 0, period: 30, algorithm: "HmacSHA1"} | tojson)}])]}' \
  > "$WORK/keycloak-$VERSION/data/import/staff.json"
cd "$WORK/keycloak-$VERSION"
started=$SECONDS
KEYCLOAK_ADMIN=admin KEYCLOAK_ADMIN_PASSWORD=only-for-this-test JAVA_OPTS_APPEND="-XX:TieredStopAtLevel=1" \
  bin/kc.sh start-dev --import-realm --http-host=127.0.0.1 --http-port="$port" --cache=local \
  --features-disabled=impersonation,kerberos >"$WORK/keycloak.log" 2>&1 </dev/null &
STARTED+=($!)
cd "$HOME"
ready() { curl -fsS -o "$WORK/descriptor.xml" "$base/realms/staff/protocol/saml/descriptor"; }
# Twenty seconds on a machine that has nothing else to do.
deadline=$((SECONDS + 300))
until ready 2>/dev/null; do
  [ "$SECONDS" -lt "$deadline" ] && kill -0 "${STARTED[-1]}" 2>/dev/null || fail "Keycloak: $(tail -n 5 "$WORK/keycloak.log")"
  sleep 0.5
done
certificate=$(python3 -c 'import re, sys; print(re.search(r"X509Certificate>([^<]+)<", sys.stdin.read())[1])' \
  < "$WORK/descriptor.xml")
federate "$base/realms/staff" "$certificate"

session_ends() {
  local token
  token=$(curl -fsS "$base/realms/master/protocol/openid-connect/token" -d grant_type=password -d client_id=admin-cli \
    -d username=admin -d password=only-for-this-test | jq -r .access_token)
  curl -fsS -o /dev/null -X POST -H "Authorization: Bearer $token" "$base/admin/realms/staff/logout-all"
}
# Its log tells of failures only.
tries() { grep -c 'LOGIN_ERROR' "$WORK/keycloak.log" || true; }

configure_people
echo "Keycloak $VERSION, ready after $((SECONDS - started)) s"
checks_of_forms
checks_of_browser
