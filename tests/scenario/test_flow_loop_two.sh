# Two Soris whose replies are each other's voices: after one word of a person they answer each other
# only as often as the ceilings of both allow, over kill -9 of either; what waits says so.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/flow.sh"
. "$(dirname "$0")/loop.sh"
ONE=$T/one TWO=$T/two
KEEPERS=
for W in "$ONE" "$TWO"; do
    MODE=auto puppet_workspace 'limits { contact_gap = "3s", hour = 9 }'
    policy <<'LUA'
local t = sori.policy "test"
t:rule "all" { when = { on = "said" }, act = { reply "ok" } }
return t
LUA
done
begin_one() {
    W=$1
    KEEPER=
    start
    KEEPERS="$KEEPERS $KEEPER"
    disown $KEEPER # stop_all waits for one alone
}
end_all() {
    local k
    for k in $KEEPERS; do kill_tree "$k"; done
    KEEPERS=
    KEEPER=
}
also_stop() { end_all; [ -z "${ANSWERS:-}" ] || kill $ANSWERS 2>/dev/null; }
begin_one "$ONE"
begin_one "$TWO"
begin_answers "$ONE/inbox" "$TWO/inbox" one
begin_answers "$TWO/inbox" "$ONE/inbox" two
W=$ONE
echo 'id=first|author=guest|text=안녕하세요' | items first
both() { ls "$ONE"/inbox/reply-* "$TWO"/inbox/reply-* 2>/dev/null | wc -l; }
some() { [ "$(both)" -ge 7 ]; }
begun=$SECONDS
wait_for 40 "they answer each other" some
within "$ONE" 3000 9
within "$TWO" 3000 9
n=$(both) took=$((SECONDS - begun + 1))
[ "$n" -le $((2 * (took / 3 + 2))) ] || fail "$n replies of both in $took s"
end_all
echo "-- killed and begun again, and until the hour is full"
begin_one "$ONE"
begin_one "$TWO"
full() { [ "$(sqlite3 -readonly "$1/data/sori.db" "SELECT count(*) FROM action WHERE state = 4")" = 9 ]; }
wait_for 90 "one of them has no more words this hour" eval 'full "$ONE" || full "$TWO"'
sleep 6
within "$ONE" 3000 9
within "$TWO" 3000 9
full "$ONE" && W=$ONE || W=$TWO
wait_for 10 "what would go on waits for its turn" equals 1 "SELECT count(*) FROM action WHERE state = 1 AND reason LIKE 'waits for its turn: 9 replies an hour on shop%' AND due > (SELECT max(at) FROM journal) + 1800000"
for W in "$ONE" "$TWO"; do
    stored "each voice has its reply, sent or waiting" 0 "SELECT count(*) FROM interaction i WHERE i.origin = 0 AND NOT EXISTS (SELECT 1 FROM action a WHERE a.interaction = i.id)"
    sori check --store || fail "check --store"
done
