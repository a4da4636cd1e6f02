# kill -9 of everything at random moments around the sending, ROUNDS times: each interaction is
# answered exactly once, and no action is lost or stuck between two states.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/flow.sh"
ROUNDS=${ROUNDS:-20} SEED=${SEED:-$RANDOM}
RANDOM=$SEED
echo "seed $SEED, $ROUNDS rounds"
hello_workspace 'limits { contact_gap = "0s", hour = 100000 }'
policy <<'LUA'
local t = sori.policy "test"
t:rule "all" { when = { kind = "comment" }, act = { reply "ok" } }
return t
LUA
start
N=0
for round in $(seq "$ROUNDS"); do
    for _ in 1 2 3; do N=$((N + 1)); say "k$N" "문의합니다 $N"; done
    # from the moment of the file to a little after the sending
    sleep "$((RANDOM % 2)).$((RANDOM % 900 + 100))"
    stop_all
    start
done
wait_for 60 "all are decided" decided "$N"
wait_for 60 "all are done" equals "$N" "SELECT count(*) FROM action WHERE state = 4"
expect "actions" "$N" "$(db "SELECT count(*) FROM action")"
expect "reply files" "$N" "$(replies)"
expect "answered interactions" "$N" "$(cat "$W"/inbox/reply-*.json | grep -o '"to": "[^"]*"' | sort -u | wc -l)"
expect "done without a time of sending" 0 "$(db "SELECT count(*) FROM action WHERE NOT sent_at > 0")"
echo "  in doubt at a start: $(db "SELECT count(*) FROM journal WHERE kind = 10 AND text LIKE 'unknown:%'"), sent again: $(db "SELECT count(*) FROM journal WHERE kind = 10 AND text LIKE 'absent:%'")"
sori check --store || fail "check --store"
