#!/bin/bash
# boto3 from PyPI through the `credential_process` entry that securecart wrote.
. "$(dirname "$0")/lib.sh"
needs_debian curl jq
needs_pypi boto3
build
isolate
echo "boto3 $("$PYTHON" -c 'import boto3; print(boto3.__version__)')"
start_sandbox
configure_docs --keychain file
export SECURECART_PASSPHRASE=$TEST_IDENTITY
login_as alice@example.com
checks() {
  "$PYTHON" "$HERE/boto3_checks.py" "$URL" "$BUCKET" "$(folder_of alice@example.com)" "$(folder_of bob@example.com)" "$@" ||
    fail "boto3_checks.py $*"
}
control POST objects "{\"key\":\"$(folder_of bob@example.com)secret\",\"body\":\"bob's\"}" >/dev/null
checks once
# Credentials that live for 6 s.
short_lifetime 6
login_as alice@example.com --force
checks long 15
usual_lifetime
