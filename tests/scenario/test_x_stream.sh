# The filtered stream of X alone: lines are whole though their bytes are cut anywhere, 20 s of quiet
# are fine and a minute of silence is not, X's goodbye leads to another connection, and what was
# said meanwhile is read by search.
# killed too
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/flow.sh"
. "$(dirname "$0")/x.sh"
fake_x ${CHAOS:+--connections 9}
x_workspace 'receive = { "stream" }, watch = { "온결" }'
opened() { [ "$(audit "streams opened")" -ge "$1" ]; }
heard() { equals 1 "SELECT count(*) FROM interaction WHERE native = '$1' AND state = 1"; }
beat() { fake streams name=posts beat="$1" >/dev/null; }
start
# What falls between two streams is read by search when that lists it: half a minute later, in parts
# of half a minute.
wait_for 40 "the stream is open" opened 1
expect "rules at X" 1 "$(curl -fsS --noproxy '*' -H 'Authorization: Bearer fake-bearer' "$X/2/tweets/search/stream/rules" | grep -o '"value"' | wc -l)"
a=$(says 601 "온결 조명 예뻐요")
wait_for 40 "a line" heard "$a"

# ---- bytes are cut inside a syllable, twice
post() { printf '{"data":{"id":"%s","text":"%s","author_id":"503","created_at":"%s","edit_history_tweet_ids":["%s"]},"includes":{"users":[{"id":"503","name":"손님","username":"g503"}]},"matching_rules":[{"id":"1","tag":"x"}]}\r\n' "$1" "$2" "$(date -u +%Y-%m-%dT%H:%M:%S.000Z)" "$1"; }
raw() { curl -fsS --noproxy '*' -X POST "$X/_fake/streams?name=posts" -H 'content-type: application/octet-stream' --data-binary @- >/dev/null; }
c=$((a + 4194304000))
post "$c" "온결 글자가 잘렸어요" > "$T/line"
bytes=$(wc -c < "$T/line") cut=$(($(grep -abo '글자' "$T/line" | head -1 | cut -d: -f1) + 1))
in_pieces() {
    head -c $cut "$T/line" | raw
    sleep 1
    head -c $((cut + 1)) "$T/line" | tail -c 1 | raw
    sleep 1
    tail -c $((bytes - cut - 1)) "$T/line" | raw
}
in_pieces
[ -z "${CHAOS:-}" ] || for _ in $(seq 20); do heard "$c" || in_pieces; done # no search finds this one
wait_for 10 "a line in three pieces" heard "$c"
stored "its text" "온결 글자가 잘렸어요" "SELECT j.text FROM journal j JOIN interaction i ON i.said = j.seq WHERE i.native = '$c'"
searched=$(asked path=/2/tweets/search/recent)

# ---- quiet is fine: X says nothing but a keep-alive every 20 s
calm sleep 44
calm expect "connections after 44 s with keep-alives alone" 1 "$(audit "streams opened")"
b=$(says 602 "온결 아직 듣고 있나요")
wait_for 40 "a line after the quiet" heard "$b"

# ---- silence is not: what is said meanwhile is read by search
fake set connections=2 >/dev/null # X has seen that the old one is gone
beat 0
at=$SECONDS
d=$(says 603 "온결 조용한 동안의 말" quiet=1)
wait_for 60 "connected again after silence" opened 2
calm echo "ok: connected again after $((SECONDS - at)) s of silence"
calm [ $((SECONDS - at)) -ge 20 ] || fail "silence of $((SECONDS - at)) s is none"
beat 20000
e=$(says 604 "온결 다시 이어졌나요")
wait_for 40 "lines flow again" heard "$e"
wait_for 60 "what was missed is read by search" heard "$d"
calm [ "$(asked path=/2/tweets/search/recent)" -gt "$searched" ] || fail "it was not the search that found it"

# ---- X says goodbye
fake goodbye x=1 >/dev/null
wait_for 30 "connected again after a disconnect" opened 3
g=$(says 605 "온결 작별 뒤")
wait_for 40 "lines flow again" heard "$g"
peace
stored "interactions" 6 "SELECT count(*) FROM interaction WHERE native IN ('$a','$b','$c','$d','$e','$g')"
sori status | grep -q "x .*ok\|x .*ready\|x .*live" || sori status
sori check --store || fail "check --store"
