# The same post by stream, by webhook and by poll is one interaction with one reply, and an edit of
# it, which has an id of its own at X, is an edit; in both spellings of X's answers.
# killed too
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/flow.sh"
. "$(dirname "$0")/x.sh"
free_gate
fake_x ${CHAOS:+--tries 6 --connections 9} --public "https://sori.example=http://$GATE"
x_workspace 'receive = { "mentions", "search", "stream", "activity" }, watch = { "온결", "조명 lang:ko" }, webhook = "https://sori.example/in/x"' \
    "gate { listen = \"$GATE\" }"
policy <<'LUA'
local t = sori.policy "test"
t:rule "mention" { when = { kind = "mention", on = { "said" } }, act = { reply "ok" } }
return t
LUA
heard() { equals 1 "SELECT count(*) FROM interaction WHERE native = '$1' AND state = 1"; }
newest_text() { [ "$(db "SELECT j.text FROM journal j JOIN interaction i ON i.id = j.interaction WHERE i.native = '$1' AND j.kind IN (1, 2) ORDER BY j.seq DESC LIMIT 1")" = "$2" ]; }
open_streams() { [ "$(fake streams name=posts)" -ge "$1" ]; }
subscribed() { [ "$(asked method=POST path=/2/activity/subscriptions status=200)" -ge 9 ]; }
start
wait_for 40 "the stream is open" open_streams 1
wait_for 40 "nine events are subscribed to" subscribed

n=
for spelling in tweet post; do
    n=x$n
    fake set spelling=$spelling >/dev/null
    a=$(says "51${#n}" "@ongyeol 온결 조명 세 길로 옵니다 $spelling") || fail "say"
    wait_for 30 "heard and answered" is "$a" 4
    b=$(says 502 "온결 소파가 왔어요 $spelling")
    wait_for 20 "heard" heard "$b"
    b2=$(fake edit id="$b" text="온결 소파가 드디어 왔어요 $spelling")
    [ "$b" != "$b2" ] || fail "the fake gave the edit no id of its own"
    wait_for 30 "the edit is seen" newest_text "$b" "온결 소파가 드디어 왔어요 $spelling"
    own=$(says $US "온결 새 소식 $spelling")
    q=$(says 503 "온결 것 좋네요 $spelling" quote_of="$own")
    r=$(says 504 "" repost_of="$own")
    fake like id="$own" author=505 >/dev/null
    wait_for 30 "the quote is heard" heard "$q"
    counted() { equals "$2" "SELECT coalesce(sum(t.n), 0) FROM tally t JOIN interaction i ON i.id = t.target WHERE i.native = '$own' AND t.class = '$1'"; }
    wait_for 30 "the repost is counted" counted share 1
    wait_for 30 "the like is counted" counted like 1
    # Polls have passed over all of it since.
    polls=$(asked path=/2/tweets/search/recent)
    polled() { [ "$(asked path=/2/tweets/search/recent)" -gt $((polls + 3)) ]; }
    wait_for 30 "it was polled" polled
    stored "interactions ($spelling)" 1 "SELECT count(*) FROM interaction WHERE native = '$a'"
    expect "answers ($spelling)" 1 "$(answered "$a")"
    stored "interactions of an edited post ($spelling)" 1 "SELECT count(*) FROM interaction WHERE native IN ('$b', '$b2')"
    stored "edits ($spelling)" 1 "SELECT count(*) FROM journal j JOIN interaction i ON i.id = j.interaction WHERE i.native = '$b' AND j.kind = 2"
    expect "kind of a quote, specific ($spelling)" "3 2" "$(db -separator ' ' "SELECT kind, share FROM interaction WHERE native = '$q'")"
    stored "a repost is counted, and is no interaction ($spelling)" 0 "SELECT count(*) FROM interaction WHERE native = '$r'"
    counted share 1 && counted like 1 || fail "counted more than once: $(db "SELECT class, n FROM tally")"
    [ "$(fake deliveries | grep -o "$a" | wc -l)" -ge 1 ] || fail "nothing came by webhook"
done
peace
stored "entries that nothing could be made of" 0 "SELECT count(*) FROM decision WHERE status = 5"
sori check --store || fail "check --store"
