# What people do on a channel with their own hands: like, unlike, hide, delete, edit, reply
# --private; each once, with a name, and refused in words where the channel or the interaction does
# not allow it. And what a policy says of long replies, on its way to the connector.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/flow.sh"
MODE=approve puppet_workspace 'limits { contact_gap = "1s", hour = 100000 }'
policy <<'LUA'
local t = sori.policy "test"
t:rule "long" { when = { words = "길게" }, act = { reply { "ok", long = "split" } } }
return t
LUA
start
items a <<'I'
id=h1|author=a1|text=감사합니다
id=h2|author=a2|text=길게 말해 주세요
id=h4|author=a4|text=길게 말하세요|why=hide, like: it is not ours; reply: it came from a file; ask there
I
wait_for 20 "all are there" equals 3 "SELECT count(*) FROM interaction WHERE native IN ('h1', 'h2', 'h4')"
wait_for 20 "the long one waits" equals 1 "SELECT count(*) FROM action WHERE state = 0"
ID=$(id_of h1) LONG=$(id_of h2)
# what reached the channel for h1: how often, verb and by whom
made() { cat "$W"/inbox/reply-*.json | grep -E '"to": "(h1|'"$OURS"')"' | grep -o '"verb": [0-9]*, "by": [0-9]*' | sort | uniq -c | awk '{print $1 "x" $3 $5}' | tr -d , | xargs; }
says() { # says CODE TEXT COMMAND…
    local code=$1 text=$2 said got
    shift 2
    said=$(sori "$@" 2>&1); got=$?
    [ $got = "$code" ] && [[ "$said" == *"$text"* ]] || fail "$*: $got, expected $code and '$text': $said"
    echo "ok: $* ($code, $text)"
}
says 1 "does not let us hide: it is not ours" hide "$(id_of h4)"
stored "why the policy's reply was not made" "the channel does not let us reply: it came from a file; ask there" \
    "SELECT k.reason FROM kase k JOIN author a ON a.contact = k.contact WHERE a.native = 'a4'"
says 0 "like is on its way" like "$ID"
wait_for 20 "the like left" sh -c "ls $W/inbox/reply-*.json"
wait_for 20 "the like is done" equals 1 "SELECT count(*) FROM action WHERE interaction = $ID AND verb = 3 AND native IS NOT NULL"
says 1 "like was done already" like "$ID"
says 0 "unlike is on its way" unlike "$ID"
wait_for 20 "the unlike is done" equals 1 "SELECT count(*) FROM action WHERE interaction = $ID AND verb = 8 AND native IS NOT NULL"
says 0 "like is on its way" like "$ID"
wait_for 20 "the second like is done" equals 2 "SELECT count(*) FROM action WHERE interaction = $ID AND verb = 3 AND native IS NOT NULL"
says 1 "does not let us hide: no reason given" hide "$ID"
says 1 "no such thing as \"delete\"" delete "$ID"
says 1 "no reply of ours that could be edited" edit "$ID" 다시 씁니다
says 0 "your private reply is on its way" reply "$ID" --private 따로 말씀드립니다
says 0 "your reply is on its way" reply "$ID" 고맙습니다
wait_for 20 "both replies are done" equals 2 "SELECT count(*) FROM action WHERE interaction = $ID AND verb IN (1, 2) AND native IS NOT NULL"
OURS=$(db "SELECT native FROM action WHERE interaction = $ID AND verb = 1")
says 0 "new text of your reply" edit "$ID" 정말 고맙습니다
wait_for 20 "the edit is done" equals 1 "SELECT count(*) FROM action WHERE interaction = $ID AND verb = 9 AND native IS NOT NULL"
grep -q "\"to\": \"$OURS\", \"text\": \"정말 고맙습니다\", \"verb\": 9, \"by\": 1" "$W"/inbox/reply-*.json || fail "the edit is not about our reply: $(cat "$W"/inbox/reply-*.json)"
expect "what reached the channel, verb and who" "1x11 1x21 2x31 1x81 1x91" "$(made)"
stored "hands with a name" "$(id -un)" "SELECT DISTINCT actor FROM action WHERE interaction = $ID"
# While nothing leaves, the opposite withdraws what waits.
sori pause >/dev/null
says 0 "unlike is on its way as soon as" unlike "$ID"
says 1 "unlike is on its way already" unlike "$ID"
says 0 "unlike did not leave yet and is withdrawn; like stands" like "$ID"
stored "the unlike is withdrawn" 1 "SELECT count(*) FROM action WHERE interaction = $ID AND verb = 8 AND reason = 'a person wanted the opposite'"
sori resume >/dev/null

# ---- a tap does not let a case sleep for ever
items z <<'I'
id=h3|author=a3|text=나중에 다시 볼 글
I
wait_for 20 "h3 is there" equals 1 "SELECT count(*) FROM interaction WHERE native = 'h3' AND said IS NOT NULL"
begun=$(date +%s%3N)
says 0 "asleep for 3s" snooze "$(id_of h3)" 3s
says 0 "like is on its way" like "$(id_of h3)"
case_of() { db "SELECT k.state FROM kase k JOIN contact p ON p.id = k.contact JOIN author a ON a.contact = p.id WHERE a.native = '$1'"; }
state=$(case_of a3)
[ "$state" = 2 ] || [ "$(date +%s%3N)" -ge $((begun + 3000)) ] || fail "the tap has woken it: $state"
wakes() { [ "$(case_of a3)" = 0 ]; }
wait_for 20 "it wakes" wakes

# ---- long replies
says 0 "split where it is too long" why "$LONG"
says 0 "approved" approve "$LONG" --edit "아주 긴 답입니다"
wait_for 20 "it is said" sh -c "grep -q '\"to\": \"h2\"' $W/inbox/reply-*.json"
grep -q '"text": "아주 긴 답입니다", "verb": 1, "by": [0-9], "long": "split"' "$W"/inbox/reply-*.json || fail "the policy's wish was lost: $(cat "$W"/inbox/reply-*.json)"
echo "ok: what the policy said of long replies reaches the connector, after an edit too"
policy <<'LUA'
local t = sori.policy "test"
t:rule "long" { when = { words = "길게" }, act = { reply { "ok", long = "spilt" } } }
return t
LUA
says 3 'did you mean '"'split'" reload
says 3 'rules/test.lua:2' reload
