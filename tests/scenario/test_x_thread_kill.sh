# A long reply on X is a thread. kill -9 of everything, again and again while threads are posted:
# each part is there exactly once, in order, each below the one before it.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/flow.sh"
. "$(dirname "$0")/x.sh"
ROUNDS=${ROUNDS:-4} SEED=${SEED:-$RANDOM}
RANDOM=$SEED
echo "seed $SEED, $ROUNDS rounds"
fake_x --own_lag 8000 # X lists what we said a little later
x_workspace 'receive = { "mentions" }, long_reply = "split"'
policy_all 'reply "long"' mention
# Three parts: about 420 syllables, sentences that differ.
text=$(for i in $(seq 30); do printf '%d번째 안내 말씀을 드립니다 고맙습니다. ' "$i"; done)
for l in ko en; do printf -- '---\nabout: test\n---\n%s\n' "$text" > "$W/policy/replies/long.$l.md"; done
start
# The answer to each part stays on its way, so that kills fall between parts.
fake fail method=POST path=/2/tweets times=0 wait=400 >/dev/null
posts=()
for round in $(seq "$ROUNDS"); do
    before=$(asked method=POST path=/2/tweets)
    begun() { [ "$(asked method=POST path=/2/tweets)" -gt "$before" ]; }
    for i in 1 2; do posts+=("$(says "2$round$i" "@ongyeol 자세히 알려 주세요 $round-$i")"); done
    wait_for 30 "a part of it is asked for" begun
    sleep "0.$((RANDOM % 900 + 100))"
    stop_all
    start
done
curl -fsS --noproxy "*" -X DELETE "$X/_fake/fail" >/dev/null
for p in "${posts[@]}"; do wait_for 150 "$p is answered" is "$p" 4; done
parts=
for p in "${posts[@]}"; do
    n=0 above=$p
    while :; do
        expect_one=$(answered "$above")
        [ "$expect_one" -le 1 ] || fail "$expect_one answers below part $n of $p"
        [ "$expect_one" = 1 ] || break
        n=$((n + 1))
        above=$(answers "$above" | grep -o '"id":"[0-9]*"' | tail -1 | grep -o '[0-9]*')
    done
    [ -n "$parts" ] || parts=$n
    [ "$n" -ge 3 ] || fail "$p has $n parts only"
    expect "parts below $p" "$parts" "$n"
done
expect "posts of ours in all" "$((parts * ${#posts[@]}))" "$(curl -fsS --noproxy '*' "$X/_fake/posts?author=$US" | tr '{' '\n' | grep -c '"raw"')"
expect "X never had to refuse the same words" 0 "$(audit "duplicate content")"
echo "  in doubt at a start: $(db "SELECT count(*) FROM journal WHERE kind = 10 AND text LIKE 'unknown:%'"), sent again: $(db "SELECT count(*) FROM journal WHERE kind = 10 AND text LIKE 'absent:%'")"
[ "$(db "SELECT count(*) FROM journal WHERE kind = 10 AND text LIKE 'unknown:%'")" -gt 0 ] || fail "no kill ever fell into a thread: the test shows too little"
sori check --store || fail "check --store"
