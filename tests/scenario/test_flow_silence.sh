# A channel that uses to speak every half hour and has been silent for hours is told of: in the log
# once, in status, in `connection check` and its exit code, and in /metrics; a channel without a
# habit is not; and when it speaks again all of that ends.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/flow.sh"
command -v python3 >/dev/null || { echo "SKIPPED: python3 is not installed"; exit 77; }
hello_workspace "connection \"new\" { channel = \"hello\", url = \"folder://$W/inbox2\", every = \"1s\", allow = { \"$W/inbox2\" } }"
mkdir -p "$W/inbox2"
start
say 1 "배송이 늦어요"
printf '{"id": "n1", "text": "안녕하세요", "author": {"id": "n", "name": "n"}}\n' > "$W/inbox2/n1.json"
wait_for 20 "both are heard" decided 2
habit() { equals 2 "SELECT count(*) FROM cursor WHERE name = 'habit'"; }
wait_for 30 "when they were heard is kept" habit
told() { grep -c 'nothing was heard for' "$T/log"; }
expect "silences told of at first" 0 "$(told)"
"$SORI" connection check -w "$W" >/dev/null || fail "it is not well"

# ---- six days with a word every half hour, then five hours of silence: as the store has it
stop_all
python3 - "$W/data/sori.db" <<'PY'
import sqlite3, sys, time
db = sqlite3.connect(sys.argv[1], timeout=30)
now = int(time.time() * 1000)
shop = db.execute("SELECT id FROM connection WHERE name = 'shop'").fetchone()[0]
line = " ".join(str(n) for n in [now - 5 * 3600000, now // 86400000] + [30 * 60000] * 7)
assert db.execute("UPDATE cursor SET value = ? WHERE name = 'habit' AND connection = ?", (line.encode(), shop)).rowcount == 1
db.commit()
PY
start
spoken() { [ "$(told)" = 1 ]; }
wait_for 30 "it is told of in the log" spoken
grep -q 'warn  shop: nothing was heard for 30[0-9] minutes; its longest silence of the last days was 30' "$T/log" || fail "$(grep 'nothing was heard' "$T/log")"
silent() { sori status | grep -q 'silent for longer than it uses to be'; }
wait_for 10 "status says it" silent
sori status > "$T/status"
grep -q 'silent  *longer than it uses to be: its longest of the last days was 30m' "$T/status" || fail "status does not say by how much: $(cat "$T/status")"
expect "connections that are told of" 1 "$(grep -c 'silent for longer' "$T/status")"
sori status --json | grep -o '"silent_habit_ms":[0-9]*' > "$T/habit"
expect "the habit for programs" '"silent_habit_ms":1800000' "$(cat "$T/habit")"
"$SORI" connection check shop -w "$W" > "$T/check" && fail "check finds it well: $(cat "$T/check")"
grep -q 'something is missing' "$T/check" && grep -q 'longer than it uses to be' "$T/check" || fail "$(cat "$T/check")"
"$SORI" connection check new -w "$W" > /dev/null || fail "the one without a habit is not well"
sleep 3
expect "silences told of" 1 "$(told)"

# ---- it speaks again
say 2 "고마워요"
back() { grep -q 'shop: speaks again' "$T/log"; }
wait_for 20 "its voice is told of" back
quiet() { ! sori status | grep -q 'longer than it uses to be'; }
wait_for 20 "status is calm again" quiet
"$SORI" connection check -w "$W" > /dev/null || fail "check is not well again"
echo "ok: silence is told once, and its end"
