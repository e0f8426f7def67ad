# What the peers share that have somebody type into the browser of `securecart login --browser`. Source it after lib.sh.

export SECURECART_BROWSER_FLAGS="--headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage --remote-debugging-port=0"
# Chromium's temporary files are looked for here.
mkdir -p "$WORK/tmp"
export TMPDIR=$WORK/tmp PYTHONDONTWRITEBYTECODE=1

# Starts a login with a browser in the background: $LOGIN_PID.
begin_login() {
  find "$WORK/state" -name DevToolsActivePort -delete 2>/dev/null || true
  securecart login "$@" >"$WORK/login.log" 2>&1 </dev/null &
  LOGIN_PID=$!
  STARTED+=("$LOGIN_PID")
}

# `person STEP…` types into its window; see browser_person.py. $PAGE is what it prints.
person() {
  port_told() { PORT_FILE=$(find "$WORK/state" -name DevToolsActivePort -size +0 2>/dev/null); [ -n "$PORT_FILE" ]; }
  until port_told; do
    kill -0 "$LOGIN_PID" 2>/dev/null || fail "login ended before its browser: $(<"$WORK/login.log")"
    sleep 0.1
  done
  PAGE=$("$PYTHON" "$HERE/browser_person.py" "$PORT_FILE" "$@" 2>"$WORK/person.log") ||
    fail "the person: $(tail -n 20 "$WORK/person.log")
--- login
$(<"$WORK/login.log")"
}

# `login_ends CODE` waits for it; $LOGIN is what it said.
login_ends() {
  local code=0
  wait "$LOGIN_PID" || code=$?
  LOGIN=$(<"$WORK/login.log")
  same "$code" "$1" "how login ended: $LOGIN"
}

no_browser_runs() {
  until_true 10 "the browser has ended" eval '! pgrep -f "user-data-dir=$WORK/state"'
}
