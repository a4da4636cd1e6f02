# The process that answers questions is ended by kill -9: whoever asks the next one is told what is live,
# or that it is not there yet; never of a workspace in which nothing runs.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/flow.sh"
hello_workspace
policy_all 'tag "seen"'
start
say one "안녕하세요"
wait_for 20 "decided" decided 1
answers() { sori status --json > "$T/status" 2>/dev/null; }
for round in 1 2 3; do
    old=$(pid_of reader)
    kill -9 "$old"
    end=$((SECONDS + 30 * ${SLOW:-1}))
    until answers; do [ $SECONDS -lt $end ] || fail "no reader comes again"; done # at once: its first words count
    expect "round $round: what the first answer of the next one says" "1 True shop 1" "$(python3 -c '
import json, sys
s = json.load(sys.stdin)
print(s["generation"], s["ready"], " ".join(c["name"] for c in s["connections"]), s["counts"]["decisions"])' < "$T/status")"
    [ "$(pid_of reader)" != "$old" ] || fail "it is the same process"
done
