# kill -9 of everything at random moments around the sending, ROUNDS times: each interaction is
# answered exactly once, and no action is lost or stuck between two states.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/flow.sh"
MODE=auto
ROUNDS=${ROUNDS:-20} SEED=${SEED:-$RANDOM}
RANDOM=$SEED
echo "seed $SEED, $ROUNDS rounds"
puppet_workspace 'limits { contact_gap = "0s", hour = 100000 }'
policy_all 'reply "ok"'
start
N=0
for round in $(seq "$ROUNDS"); do
    # In every other round an answer stays on its way for seconds after the channel has it.
    rm -f "$W/inbox/act"
    [ $((round % 2)) = 1 ] || echo slow > "$W/inbox/act"
    [ "$round" != 2 ] || touch "$W/inbox/hold"
    for _ in 1 2; do N=$((N + 1)); echo "id=k$N|author=k$N|text=문의합니다 $N"; done > "$T/new"
    items "k$round" < "$T/new"
    # from the moment of the file to a little after the sending
    sleep "$((RANDOM % 2)).$((RANDOM % 900 + 100))"
    # and once surely between the sending and its outcome
    [ "$round" != 2 ] || wait_for 20 "one is on its way" lingers 1
    stop_all
    rm -f "$W/inbox/hold"
    start
done
rm -f "$W/inbox/act"
wait_for 60 "all are decided" decided "$N"
wait_for 60 "all are done" equals "$N" "SELECT count(*) FROM action WHERE state = 4"
stored "actions" "$N" "SELECT count(*) FROM action"
expect "reply files" "$N" "$(replies)"
expect "answered interactions" "$N" "$(cat "$W"/inbox/reply-*.json | grep -o '"to": "[^"]*"' | sort -u | wc -l)"
stored "done without a time of sending" 0 "SELECT count(*) FROM action WHERE NOT sent_at > 0"
[ "$ROUNDS" -lt 10 ] || [ "$(db "SELECT count(*) FROM journal WHERE kind = 10 AND text LIKE 'unknown:%'")" -gt 0 ] || fail "no kill ever fell between sending and outcome: the test shows too little"
echo "  in doubt at a start: $(db "SELECT count(*) FROM journal WHERE kind = 10 AND text LIKE 'unknown:%'"), sent again: $(db "SELECT count(*) FROM journal WHERE kind = 10 AND text LIKE 'absent:%'")"
sori check --store || fail "check --store"
