# What a real SAML provider must let us do, whatever its make. Source it after lib.sh.
#
# A script starts its provider, with three people, tells the sandbox of it, and runs `checks_of_forms` and
# `checks_of_browser`.
#   $APP     the address that starts the AWS application
#   $TWO     a person with two roles, beside junk; the password is $TWO_PASSWORD
#   $CODE    a person with one role and an authenticator app: $CODE_PASSWORD, $SECRET (base32; empty without an app)
#   $NONE    a person without a role: $NONE_PASSWORD
#   session_ends   a function that ends every session at the provider
#   tries    a function that prints how many passwords it was sent, or nothing where it can't tell
#   $WRONG_CODE    `again` when its page asks for another code after a wrong one, `ends` when one begins anew
#   $FIELDS  the names of the fields for name, password and code on its pages, for the browser
# Everybody's session name is NAME@example.com.

ROLE_ATTRIBUTE=https://aws.amazon.com/SAML/Attributes/Role
SESSION_ATTRIBUTE=https://aws.amazon.com/SAML/Attributes/RoleSessionName
AUDIENCE=https://signin.aws.amazon.com/saml
DEV_ROLE=arn:aws:iam::123456789012:role/dev,arn:aws:iam::123456789012:saml-provider/idp
# The provider first, as some do.
READ_ROLE=arn:aws:iam::210987654321:saml-provider/idp,arn:aws:iam::210987654321:role/ReadOnly

free_port() {
  python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# `federate ISSUER CERTIFICATE`: the sandbox's IAM knows the provider, and two roles trust it.
federate() {
  local role account trust policy='{"Version":"2012-10-17","Statement":[]}'
  for role in 123456789012:dev 210987654321:ReadOnly; do
    account=${role%:*}
    control POST saml-providers "$(jq -n --arg arn "arn:aws:iam::$account:saml-provider/idp" --arg issuer "$1" \
      --arg certificate "$2" '$ARGS.named')" >/dev/null
    trust=$(jq -nc --arg arn "arn:aws:iam::$account:saml-provider/idp" --arg audience "$AUDIENCE" \
      '{Version: "2012-10-17", Statement: [{Effect: "Allow", Principal: {Federated: $arn},
        Action: "sts:AssumeRoleWithSAML", Condition: {StringEquals: {"SAML:aud": $audience}}}]}')
    control POST roles "$(jq -n --arg account "$account" --arg name "${role#*:}" --arg trust "$trust" \
      --arg policy "$policy" '$ARGS.named')" >/dev/null
  done
}

# `profile NAME METHOD USER MORE`
profile() {
  printf '[profile.%s]\nmethod = "%s"\nurl = "%s"\nusername = "%s"\nregion = "eu-central-1"\nendpoint_url = "%s"\n%s\n' \
    "$1" "$2" "$APP" "$3" "$URL" "$4"
}

configure_people() {
  export SECURECART_KEYCHAIN=file SECURECART_PASSPHRASE=$TEST_IDENTITY SECURECART_STATE_DIR=$WORK/state
  export SECURECART_CONFIG=$WORK/config.toml
  {
    profile dev saml "$TWO" 'account_id = "123456789012"'
    profile read saml "$TWO" 'role_arn = "arn:aws:iam::210987654321:role/ReadOnly"'
    profile any saml "$TWO" ''
    profile code saml "$CODE" 'session_duration = "15m"'
    profile none saml "$NONE" ''
    profile browser browser browser 'account_id = "123456789012"
session_duration = "15m"'
    profile late saml "$TWO" 'role_arn = "arn:aws:iam::123456789012:role/dev"'
    profile another browser browser 'role_arn = "arn:aws:iam::123456789012:role/dev"'
  } > "$SECURECART_CONFIG"
}

# `with_password CODE PASSWORD ARG…` runs securecart with the password on descriptor 9.
with_password() {
  local wanted=$1 password=$2 started
  shift 2
  started=$(date +%s%3N)
  expect "$wanted" securecart "$@" --password-fd 9 9<<<"$password"
  TOOK=$(($(date +%s%3N) - started))
}

# `with_code CODE WORDS=ANSWER…` signs in on a terminal; $SHOWN is what it showed.
with_code() {
  local wanted=$1 code=0
  shift
  SHOWN=$("$PYTHON" "$HERE/terminal.py" "$@" -- securecart login --profile code --password-fd 9 9<<<"$CODE_PASSWORD") ||
    code=$?
  same "$code" "$wanted" "how login ended: $SHOWN"
}

checks_of_forms() {
  local before first
  before=$(tries)
  with_password 5 wrong login --profile dev
  contains "$ERR" "did not accept the user name and password" "a wrong password"
  [ -z "$before" ] || same "$(tries)" "$((before + 1))" "passwords sent"
  ok "a wrong password is sent once, and has a message of its own"

  with_password 0 "$TWO_PASSWORD" login --profile dev
  contains "$ERR" "$TWO@example.com" "who signed in"
  contains "$ERR" 123456789012 "the account"
  ok "a password gives a role's credentials, and STS believes the provider's signature ($TOOK ms)"

  before=$(tries)
  expect 0 securecart credential-process --profile read
  contains "$OUT" '"Version":1' "credentials"
  expect 2 securecart login --profile any
  contains "$ERR" "123456789012  dev" "the list"
  contains "$ERR" "210987654321  ReadOnly" "the list"
  [ "$(grep -c 'dev\|ReadOnly\|Default' <<<"$ERR")" = 2 ] || fail "junk is in the list: $ERR"
  same "$(tries)" "$before" "passwords sent"
  ok "one sign-in serves another profile, with the provider's ARN first; several roles are a list without junk"

  with_password 5 "$NONE_PASSWORD" login --profile none
  contains "$ERR" "offers you no AWS role" "somebody without a role"
  ok "somebody without a role is told so"

  if [ -z "$SECRET" ]; then
    with_password 0 "$CODE_PASSWORD" login --profile code
  else
    if [ "$WRONG_CODE" = again ]; then
      with_code 0 "ode=000000" "ode=totp:$SECRET"
    else
      with_code 5 "ode=000000"
      contains "$SHOWN" "did not accept the code" "a wrong code"
      with_code 0 "ode=totp:$SECRET"
    fi
    contains "$SHOWN" "$CODE@example.com" "who signed in"
    ok "a wrong one-time code is told of; a right one signs in"
  fi

  # Credentials of 15 minutes are always due: each call renews.
  before=$(tries)
  first=$(securecart credential-process --profile code)
  [ "$first" != "$(securecart credential-process --profile code)" ] || fail "the credentials were not renewed"
  same "$(tries)" "$before" "passwords sent"
  ok "cookies renew silently"

  session_ends
  # What is fresh or still valid is handed out anyway: of this profile there is nothing.
  expect 4 securecart credential-process --profile late
  same "$OUT" "" "what is printed"
  contains "$ERR" "securecart login --profile late" "what to do"
  ok "when the provider's session has ended: exit 4, and nothing is printed"
}

checks_of_browser() {
  local name password code first
  IFS=, read -r name password code <<<"$FIELDS"
  begin_login --profile browser
  person "$name=$TWO,$password=wrong" "$name=$TWO,$password=$TWO_PASSWORD"
  login_ends 0
  contains "$LOGIN" "$TWO@example.com" "who signed in"
  no_browser_runs
  ok "in Chromium: a wrong password is the provider's business, a right one signs in"

  first=$(securecart credential-process --profile browser)
  [ "$first" != "$(securecart credential-process --profile browser)" ] || fail "the credentials were not renewed"
  SECURECART_BROWSER_PATH=/nonexistent expect 0 securecart login --profile browser
  ok "its cookies renew silently, without Chromium"

  # A one-time code is good once, and the last one may be of this half minute.
  [ -z "$SECRET" ] || sleep $((31 - $(date +%s) % 30))
  begin_login --profile browser --force
  person "$name=$CODE,$password=$CODE_PASSWORD" ${SECRET:+"$code=totp:$SECRET"}
  login_ends 0
  contains "$LOGIN" "$CODE@example.com" "who signed in"
  ok "in Chromium: somebody else with --force${SECRET:+, and a one-time code}"

  session_ends
  expect 4 securecart credential-process --profile another
  begin_login --profile browser
  person "$name=$TWO,$password=$TWO_PASSWORD"
  login_ends 0
  ok "when the provider's session has ended: exit 4, and login asks in Chromium again"
}
