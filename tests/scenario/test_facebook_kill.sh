# kill -9 of any process at random moments around the sending to Facebook, answers lost now and then,
# webhooks repeated: each comment is one interaction and has exactly one reply.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/flow.sh"
. "$(dirname "$0")/graph.sh"
ROUNDS=${ROUNDS:-16} SEED=${SEED:-$RANDOM}
RANDOM=$SEED
echo "seed $SEED, $ROUNDS rounds"
graph_start
page_workspace 'limits { contact_gap = "0s", hour = 100000 }'
policy <<'LUA'
local t = sori.policy "test"
t:rule "all" { when = { kind = "comment" }, act = { reply "ok" } }
return t
LUA
fake post message=가을맞이 >/dev/null
start
hooked
ids=()
for round in $(seq "$ROUNDS"); do
    case $((round == 1 ? 0 : RANDOM % 4)) in # once surely
    0) fake fail method=POST 'path=*/comments' cut=after >/dev/null ;;
    1) fake fail method=POST 'path=*/comments' wait=1500 >/dev/null ;; # done there, the answer is late
    2) fake fail method=POST 'path=*/comments' error=2 >/dev/null ;;
    esac
    for _ in 1 2; do ids+=("$(comment "문의합니다 ${#ids[@]}" "손님 ${#ids[@]}")"); done
    sleep "0.$((RANDOM % 9))"
    victims=(core gate net policy everything 'connector')
    victim=${victims[RANDOM % ${#victims[@]}]}
    if [ "$victim" = everything ]; then
        stop_all
        start
    else
        for p in $(pid_of "$victim"); do kill -9 "$p" 2>/dev/null; done
        sleep "0.$((RANDOM % 5))"
    fi
done
N=${#ids[@]}
curl -fsS -X DELETE "$G/fail" >/dev/null
kill -0 "$KEEPER" 2>/dev/null || start
wait_for 40 "all are heard" equals "$N" "SELECT count(*) FROM interaction i JOIN journal j ON j.seq = i.said WHERE j.text LIKE '문의합니다%'"
wait_for 60 "all are done" equals "$N" "SELECT count(*) FROM action WHERE state = 4"
for id in "${ids[@]}"; do
    [ "$(answers "$id")" = 1 ] || fail "$(answers "$id") replies to $id: $("$SORI" why "$(id_of "$id")" -w "$W")"
done
echo "ok: one reply to each of $N comments"
expect "replies that stand" "$N" "$(said)"
stored "actions" "$N" "SELECT count(*) FROM action"
echo "  sent: $(asked -d method=POST --data-urlencode 'path=*/comments'), in doubt: $(db "SELECT count(*) FROM journal WHERE kind = 10 AND text LIKE 'unknown:%'")"
[ "$(db "SELECT count(*) FROM journal WHERE kind = 10 AND text LIKE 'unknown:%'")" -gt 0 ] || fail "no answer was ever lost: the test shows too little"
sori check --store || fail "check --store"
