#!/bin/bash
# Python's TLS in front of the sandbox, with a certificate of our own authority: refused until somebody trusts it, by
# AWS_CA_BUNDLE or by the operating system's trust store; and never with a name that isn't the certificate's.
. "$(dirname "$0")/lib.sh"

needs_debian python3 openssl jq curl
build
isolate
start_sandbox --auto-approve alice@example.com

openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=authority -keyout "$WORK/ca.key" -out "$WORK/ca.pem" 2>/dev/null
openssl req -newkey rsa:2048 -nodes -subj /CN=localhost -keyout "$WORK/tls.key" -out "$WORK/tls.csr" 2>/dev/null
openssl x509 -req -in "$WORK/tls.csr" -CA "$WORK/ca.pem" -CAkey "$WORK/ca.key" -CAcreateserial -days 2 \
  -extfile <(echo subjectAltName=DNS:localhost) -out "$WORK/tls.pem" 2>/dev/null

cat > "$WORK/front.py" <<'PY'
import asyncio, ssl, sys
key, certificate, backend = sys.argv[1], sys.argv[2], int(sys.argv[3])
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(certificate, key)

async def pump(reader, writer):
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    except (ConnectionError, ssl.SSLError):
        pass
    finally:
        writer.close()

async def serve(reader, writer):
    to_reader, to_writer = await asyncio.open_connection("127.0.0.1", backend)
    await asyncio.gather(pump(reader, to_writer), pump(to_reader, writer))

async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()

asyncio.run(main())
PY
/usr/bin/python3 "$WORK/front.py" "$WORK/tls.key" "$WORK/tls.pem" "${URL##*:}" > "$WORK/port" 2>"$WORK/front.log" &
STARTED+=($!)
until_true 10 "the TLS front is ready" test -s "$WORK/port"
PORT=$(cat "$WORK/port")

export SECURECART_CONFIG=$WORK/config.toml SECURECART_STATE_DIR=$WORK/state
export SECURECART_KEYCHAIN=file SECURECART_PASSPHRASE=$TEST_IDENTITY
profile() {
  cat > "$SECURECART_CONFIG" <<TOML
[profile.docs]
method = "sso"
start_url = "$START_URL"
sso_region = "$REGION"
account_id = "$DOCS_ACCOUNT"
role_name = "$DOCS_ROLE"
bucket = "$BUCKET"
endpoint_url = "https://$1:$PORT"
TOML
  chmod 600 "$SECURECART_CONFIG"
}

profile localhost
expect 6 securecart login
[[ $ERR == *"authority that this machine doesn't trust"* && $ERR == *AWS_CA_BUNDLE* ]] || fail "an unknown authority: $ERR"
ok "an unknown authority is refused, and the hint names AWS_CA_BUNDLE"

AWS_CA_BUNDLE=$WORK/ca.pem expect 0 securecart login
echo hello > "$WORK/a.txt"
AWS_CA_BUNDLE=$WORK/ca.pem expect 0 securecart put "$WORK/a.txt" tls/
AWS_CA_BUNDLE=$WORK/ca.pem expect 0 securecart get tls/a.txt -
[ "$OUT" = hello ] || fail "what came back: $OUT"
ok "with AWS_CA_BUNDLE, OIDC, portal, STS and S3 are reached over TLS"

SSL_CERT_FILE=$WORK/ca.pem expect 0 securecart whoami
ok "an authority in the operating system's trust store is trusted"

profile 127.0.0.1
AWS_CA_BUNDLE=$WORK/ca.pem expect 6 securecart login --force
[[ $ERR == *"for another name"* ]] || fail "a certificate for another name: $ERR"
ok "a certificate for another name is refused"
