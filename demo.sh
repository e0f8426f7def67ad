#!/bin/bash
# The whole product in a minute: builds it, starts the sandbox (a local stand-in for AWS), and runs the real binary.
#
# Nothing outside a temporary directory is touched. It fails when any command ends otherwise than it should.
# Needs Rust, a C compiler, bash, coreutils and sed.
set -euo pipefail
cd "$(dirname "$0")"

[ -n "${SECURECART_BIN_DIR:-}" ] || cargo build --workspace --locked --bins
bin=$(cd "${SECURECART_BIN_DIR:-${CARGO_TARGET_DIR:-target}/debug}" && pwd)

# A home of its own, and nothing of the caller's environment.
work=$(mktemp -d "${TMPDIR:-/tmp}/securecart-demo.XXXXXX")
for name in $(compgen -e); do
  case $name in PATH | TERM) ;; *) unset "$name" ;; esac
done
export HOME=$work/home PATH=$bin:$PATH TZ=UTC LANG=C.UTF-8
mkdir -p "$HOME"
cd "$HOME"

# The sandbox stops when the descriptor closes, however this script ends.
exec {sandbox_input}> >(exec securecart-sandbox --until-stdin-closes --auto-approve alice@example.com >"$work/ready")
sandbox=$!
trap 'kill "$sandbox" 2>/dev/null || true; rm -rf "$work"' EXIT
for _ in $(seq 100); do [ -s "$work/ready" ] && break; sleep 0.1; done
field() { sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p" "$work/ready"; }
url=$(field url) start_url=$(field start_url) region=$(field region) bucket=$(field bucket)
[ -n "$url" ] || { echo "the sandbox did not start" >&2; exit 1; }

# Where nobody is at a desktop, the encrypted files are the keychain; this is their key. Never use this one.
export SECURECART_KEYCHAIN=file
export SECURECART_PASSPHRASE=AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX

say() { printf '\n# %s\n' "$*"; }

# Shows a command and its output, and holds its exit code to what it should be. Secrets are masked on the way.
show() {
  local wanted=$1 code=0 word line='$'
  shift
  for word in "$@"; do
    [[ $word =~ ^[A-Za-z0-9_./:=@+-]+$ ]] || word="'$word'"
    line+=" $word"
  done
  echo "$line"
  "$@" 2>&1 </dev/null |
    sed -E 's/("(SecretAccessKey|SessionToken)": *")([^"]{4})[^"]*/\1\3…/g' || code=${PIPESTATUS[0]}
  [ "$code" = "$wanted" ] || { echo "demo.sh: exit $code rather than $wanted" >&2; exit 1; }
}

say "One profile, once: it also writes the entry that AWS tools read in ~/.aws/config"
show 0 securecart configure --profile docs --start-url "$start_url" --sso-region "$region" --region "$region" \
  --account-id 333333333333 --role-name DocsUser --bucket "$bucket" --endpoint-url "$url" --set-default
show 0 cat .aws/config

say "Sign in (the sandbox approves the code by itself, as alice)"
show 0 securecart login
show 0 securecart whoami

say "What every AWS tool gets through that entry (secrets masked here)"
show 0 securecart credential-process --profile docs

say "Alice's own folder of the shared bucket"
mkdir -p site/images
echo "quarterly numbers" > report.txt
echo "<h1>hello</h1>" > site/index.html
head -c 100000 /dev/zero > site/images/logo.png
show 0 securecart put report.txt 2026/
show 0 securecart put -r site www
show 0 securecart ls -r
show 0 securecart get 2026/report.txt back.txt
show 0 cmp report.txt back.txt
show 0 securecart rm -r www --yes
show 0 securecart ls

say "Nothing outside it can be named, whatever is typed: refused before any request"
show 5 securecart get ../AROAEXAMPLE:bob@example.com/salaries.txt
show 5 securecart put report.txt /report.txt

say "Sign out: nothing is left to hand out"
show 0 securecart status
show 0 securecart logout
show 4 securecart credential-process --profile docs

printf '\nThe demo ran as it should.\n'
