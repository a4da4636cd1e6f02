# What a channel said and nobody understood stands in status: each kind once, with how often and since
# when, as data too; it holds nothing up, and a stranger's words in it are only words.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/flow.sh"
command -v python3 >/dev/null || { echo "SKIPPED: python3 is not installed"; exit 77; }
hello_workspace
policy_all 'tag "seen"'
start
say one "안녕하세요"
wait_for 20 "decided" decided 1
sori status > "$T/said" || fail status
grep -qi 'not understood' "$T/said" && fail "nothing was rejected, and status says: $(cat "$T/said")"
printf '{"text": "누구의 말도 아니에요"}\n' > "$W/inbox/.nobody"
mv "$W/inbox/.nobody" "$W/inbox/nobody.json"
counted() { sori status --json | python3 -c '
import json, sys
s = json.load(sys.stdin)
rows = s["rejected"]
assert len(rows) < 2 and s["rejected_days"] == 7, rows
sys.exit(not rows or (rows[0]["connection"], rows[0]["why"]) != ("shop", "it has no \"id\", a string") or rows[0]["count"] < 1 or "T" not in rows[0]["last"])'; }
wait_for 20 "status counts it" counted
sori status > "$T/said" || fail status
grep -q 'heard in the last 7 days and not understood' "$T/said" && grep -qE '^[0-9]+ +[^ ].* ago +shop +it has no "id", a string' "$T/said" ||
    fail "status does not tell it: $(cat "$T/said")"
say two "다음 사람이에요"
wait_for 20 "the next one is decided" decided 2
