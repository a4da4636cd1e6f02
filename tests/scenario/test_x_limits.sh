# X says 429: what it is about waits until X said that it may go on, and is not asked for before;
# everything else goes on: other lists, other actions, other connections. Spent credits are a
# quota, not a failure.
# killed too
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/flow.sh"
. "$(dirname "$0")/x.sh"
fake_x --window 900
x_workspace 'receive = { "mentions", "search" }, watch = { "온결 조명" }' \
    "connection \"shop\" { channel = \"hello\", url = \"folder://$W/inbox\", every = \"1s\", mode = \"auto\", allow = { \"$W/inbox\" } }"
policy <<'LUA'
local t = sori.policy "test"
t:rule "all" { when = { kind = { "mention", "comment" } }, act = { reply "ok" } }
return t
LUA
start
now() { date +%s; }
a=$(says 301 "@ongyeol 하나")
wait_for 30 "answered before any limit" is "$a" 4

# ---- posting is limited: replies wait, reading and the other connection go on
reset=$(($(now) + (${CHAOS:-0} ? 35 : 100)))
fake fail method=POST path=/2/tweets times=0 status=429 body='{"title":"Too Many Requests","status":429,"type":"about:blank"}' \
    header="x-rate-limit-limit: 100
x-rate-limit-remaining: 0
x-rate-limit-reset: $reset" >/dev/null
b=$(says 302 "@ongyeol 둘")
alive() { sori status >/dev/null; }
met() { [ "$(asked method=POST path=/2/tweets status=429)" -ge 1 ]; }
wait_for 30 "the reply met the limit" met
kept() { equals 1 "SELECT count(*) FROM cursor WHERE lane = 6 AND instr(value, CAST('$1' AS BLOB))"; } # the store knows it
calm wait_for 30 "X's answer is on disk" kept posts
# Whoever met it is killed, and the core: the limit is remembered all the same.
for i in connector core; do
    calm kill -9 $(pid_of $i)
    calm sleep 1
    wait_for 30 "the core answers" alive
done
c=$(says 303 "@ongyeol 셋")
wait_for 30 "reading goes on" equals 1 "SELECT count(*) FROM interaction WHERE native = '$c'"
say other "다른 곳은 어때요"
wait_for 30 "the other connection speaks" is other 4

# ---- reading mentions is limited: the search goes on
fake fail path='/2/users/*/mentions' error=rate >/dev/null
limited() { [ "$(asked path='/2/users/*/mentions' status=429)" -ge 1 ]; }
wait_for 30 "mentions met the limit" limited
calm wait_for 30 "X's answer is on disk" kept mentions
calm kill -9 $(pid_of core)
wait_for 30 "the core answers" alive
sleep 2
calm expect "429 of mentions" 1 "$(asked path='/2/users/*/mentions' status=429)"
before=$(asked path='/2/users/*/mentions')
d=$(says 304 "온결 조명 예뻐요")
wait_for 30 "the search goes on" equals 1 "SELECT count(*) FROM interaction WHERE native = '$d'"
e=$(says 305 "@ongyeol 넷")
calm expect "mentions are left alone" "$before" "$(asked path='/2/users/*/mentions')"
echo "  $((reset - $(now))) s before the reset"
calm [ "$(now)" -lt $((reset - 15)) ] || fail "the machine is too slow for this test"
until [ "$(now)" -ge $((reset - 2)) ]; do sleep 0.2; done
# Once, though the process that acts had nothing to do for more than a minute, or was killed. A kill
# between X's answer and the commit may cost one.
[ "$(asked method=POST path=/2/tweets status=429)" -le $((1 + ${CHAOS:-0})) ] || fail "X was asked again and again: $(asked method=POST path=/2/tweets status=429) times"
curl -fsS --noproxy '*' -X DELETE "$X/_fake/fail" >/dev/null
for i in "$b" "$c"; do wait_for 60 "$i is answered after the reset" is "$i" 4; done
wait_for 60 "mentions are read again" is "$e" 4
peace
for i in "$a" "$b" "$c" "$e"; do expect "answers to $i" 1 "$(answered "$i")"; done

# ---- credits are used up: held, said, and not failed
fake set spent=1 >/dev/null
f=$(says 306 "온결 조명 비싸요")
wait_for 30 "status names the quota" sh -c "'$SORI' status -w '$W' | grep -qi 'credits'"
stored "the connection is not broken" 0 "SELECT count(*) FROM action WHERE state = 6"
fake set spent=0 >/dev/null
"$SORI" connection check x -w "$W" >/dev/null || fail "connection check: $("$SORI" connection check x -w "$W")"
wait_for 20 "a look finds that there are credits again" equals 1 "SELECT count(*) FROM interaction WHERE native = '$f'"
sori check --store || fail "check --store"
