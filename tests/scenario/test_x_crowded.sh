# After kill -9 of everything X still counts the old connection: "too many connections" is waited
# out, X is not asked again and again, what was said meanwhile is read by search, and rules that X
# refuses are said by name while the others listen.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/flow.sh"
. "$(dirname "$0")/x.sh"
fake_x --rules_max 2
x_workspace 'receive = { "stream" }, watch = { "온결", "is:reply", "조명", "소파" }'
opened() { [ "$(audit "streams opened")" -ge "$1" ]; }
heard() { equals 1 "SELECT count(*) FROM interaction WHERE native = '$1' AND state = 1"; }
crowded() { [ "$(audit "too many connections")" -ge 1 ]; }
start
wait_for 40 "the stream is open" opened 1
expect "rules that X took" 2 "$(curl -fsS --noproxy '*' -H 'Authorization: Bearer fake-bearer' "$X/2/tweets/search/stream/rules" | grep -o '"value"' | wc -l)"
grep -q 'rule "is:reply"' "$T/log" || fail "the log does not name the rule that X refused"
grep -q 'rule "소파"' "$T/log" || fail "the log does not name the rule that was one too many"
a=$(says 701 "온결 켜져 있을 때")
wait_for 10 "heard" heard "$a"
stop_all
b=$(says 702 "온결 꺼진 동안")
start
at=$SECONDS
wait_for 30 "X finds it crowded" crowded
wait_for 90 "what was missed is read by search" heard "$b"
wait_for 120 "connected once the old one is gone" opened 2
echo "ok: connected after $((SECONDS - at)) s"
[ "$(audit "too many connections")" -le 3 ] || fail "X was asked $(audit "too many connections") times while crowded"
c=$(says 703 "온결 다시 켜진 뒤")
wait_for 10 "lines flow" heard "$c"
expect "interactions" 3 "$(db "SELECT count(*) FROM interaction WHERE native IN ('$a', '$b', '$c')")"
expect "rules at X are not sent twice" 1 "$(asked method=POST path=/2/tweets/search/stream/rules)"
sori check --store || fail "check --store"
