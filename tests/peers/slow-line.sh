#!/bin/bash
# A line of 2.5 Mbit/s, shaped by the kernel in a network of its own: everything on its way at once takes longer than S3 may
# take for an answer, and nothing is given up for it.
. "$(dirname "$0")/lib.sh"
needs_debian curl diffutils iproute2 jq util-linux
build
if [ -z "${INSIDE:-}" ]; then
  unshare --net true 2>/dev/null || skip "no network of its own"
  code=0
  INSIDE=1 unshare --net bash "$0" || code=$?
  exit "$code"
fi
ip link set lo up mtu 1500
shape() { tc qdisc add dev lo root tbf rate 2500kbit burst 32kb latency 500ms; }
shape 2>"$WORK/tc.log" || skip "the kernel doesn't shape: $(tail -n 1 "$WORK/tc.log")"
tc qdisc del dev lo root
isolate
start_sandbox
configure_docs --keychain file
export SECURECART_PASSPHRASE=$TEST_IDENTITY
login_as alice@example.com

mkdir tree
head -c 20M /dev/urandom > tree/large
for n in $(seq 16); do head -c 512K /dev/urandom > "tree/small-$n"; done
shape
start=$SECONDS
expect 0 securecart put -r tree .
took=$((SECONDS - start))
tc qdisc del dev lo root
[ "$took" -gt 60 ] || fail "the line was not slow: $took s"
sent=$(control GET state | jq -c '[.requests["s3:PutObject"], .requests["s3:UploadPart"]]')
same "$sent" "[16,3]" "files and parts that were sent"
expect 0 securecart get -r tree/ back/
expect 0 diff -r tree back
ok "28 MiB went up in $took s, each once, and came back the same"
