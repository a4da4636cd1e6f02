# An address that somebody else has when Sori begins (a predecessor that is just ending, say) is
# listened on as soon as it is free, for webhooks and for metrics; the trouble is told once.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/flow.sh"
command -v curl >/dev/null || { echo "SKIPPED: curl is not installed"; exit 77; }
command -v python3 >/dev/null || { echo "SKIPPED: python3 is not installed"; exit 77; }
GATE=$(free_port) METRICS=$GATE
until [ "$METRICS" != "$GATE" ]; do METRICS=$(free_port); done
cat > "$T/taken.py" <<'PY'
import socket, sys, time
held = []
for port in sys.argv[1:]:
    held.append(socket.socket())
    held[-1].setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    held[-1].bind(("127.0.0.1", int(port)))
    held[-1].listen(1)
print("held", flush=True)
time.sleep(600)
PY
python3 "$T/taken.py" "$GATE" "$METRICS" > "$T/taken" & TAKEN=$!
disown # stop_all waits for what is ours alone
also_stop() { kill -9 "$TAKEN" 2>/dev/null; }
wait_for 10 "the ports are taken" grep -q held "$T/taken"
hello_workspace "gate { listen = \"127.0.0.1:$GATE\" }" "metrics { listen = \"127.0.0.1:$METRICS\" }"
sed -i /^classifier/d "$W/sori.lua"
policy_all 'tag "seen"'
start
told() { [ "$(grep -c "127.0.0.1:$1: cannot be listened on" "$T/log")" = 1 ]; }
wait_for 20 "the gate's trouble is told" told "$GATE"
wait_for 20 "that of metrics as well" told "$METRICS"
sleep 5 # it is tried again meanwhile
expect "told once" 2 "$(grep -c 'cannot be listened on' "$T/log")"
say one "그동안에도 듣습니다"
wait_for 20 "everything else goes on" decided 1
kill -9 "$TAKEN"
# Whatever it says to a path that is nobody's: it answers.
wait_for 20 "the gate listens" curl -s -m 2 -o /dev/null "http://127.0.0.1:$GATE/"
wait_for 20 "and metrics" curl -s -f -m 2 -o /dev/null "http://127.0.0.1:$METRICS/healthz"
both() { [ "$(grep -c 'it is listened on now' "$T/log")" = 2 ]; }
wait_for 10 "told of both" both
expect "restarts" 0 "$(grep -c ' ended ' "$T/log")"
