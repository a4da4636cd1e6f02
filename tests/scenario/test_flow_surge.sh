# Windows of topics as facts: a topic that surges is seen by the very next word about it, by no other
# topic's, and after a restart as well. What others answered is known when the policy looks again, and
# a promise to look again is void once the person has written.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/flow.sh"
puppet_workspace 'limits { contact_gap = "0s" }'
policy <<'LUA'
local t = sori.policy "test"
t:label { ["topic.delivery"] = { "배송", "택배" }, ["topic.refund"] = { "환불" } }
t:rule "someone answered" { when = { on = "follow_up", answers = { at_least = 1 } }, act = { tag "community" } }
t:rule "nobody answered" { when = { on = "follow_up" }, act = { tag "alone" } }
t:rule "wait" { direction = "wait", when = { words = "누가" }, act = { follow_up "15s" } }
t:rule "wait a little" { direction = "wait", when = { words = "아무나" }, act = { follow_up "1s" } }
t:rule "out of the usual" { direction = "escalate", when = { surge = { ["topic.*"] = { at_least = 4, times = 3 } } }, act = { hold "too many" } }
t:rule "surge" { direction = "hold_for_approval", when = { surge = { ["topic.*"] = { at_least = 3 } } }, act = { hold "many" } }
t:rule "sad" { direction = "apologise", when = { tone = "negative" }, act = { tag "sad" } }
t:rule "rest" { when = {}, act = {} }
return t
LUA
start
rule_of() { db "SELECT d.rule FROM decision d JOIN journal j USING (seq) JOIN interaction i ON i.id = j.interaction WHERE i.native = '$1' AND j.kind = 1"; }
hear() { # FILE ID TEXT: one more word, decided
    items "$1" <<I
id=$2|author=$2|text=$3
I
    wait_for 20 "$2 is decided" equals 1 "SELECT count(*) FROM decision d JOIN journal j USING (seq) JOIN interaction i ON i.id = j.interaction WHERE i.native = '$2'"
}
for i in 1 2 3; do hear a "d$i" "배송이 너무 늦어요. 정말 최악이에요"; done
hear b r1 "환불이 너무 늦어요. 정말 실망입니다"
expect "before it surges" "sad sad sad sad" "$(rule_of d1) $(rule_of d2) $(rule_of d3) $(rule_of r1)"
hear c d4 "택배가 사라졌어요. 정말 최악이에요"
expect "the next word about it" surge "$(rule_of d4)"
hear d r2 "환불이 안 돼요. 정말 최악입니다 실망이에요"
expect "another topic" sad "$(rule_of r2)"
hear e n1 "직원이 불친절하고 최악이에요. 정말 실망입니다"
expect "no topic" sad "$(rule_of n1)"
sori why "$(id_of d4)" > "$T/why" || fail why
grep -q "saw topic.delivery: 3 in the last hour, what is usual is known after 24 hours" "$T/why" || { cat "$T/why"; fail "why does not show the figures"; }
grep -q "label topic.delivery: \"택배\" is in the text" "$T/why" || { cat "$T/why"; fail "why does not show the label"; }
sori why "$(id_of d4)" --json > "$T/why.json" || fail "why --json"
for part in '"direction": *"hold_for_approval"' '"topic.delivery": *{' '"hour": *3'; do
    grep -qE "$part" "$T/why.json" || { cat "$T/why.json"; fail "why --json lacks $part"; }
done
sori show "$(id_of d4)" --json | grep -qE '"direction": *"hold_for_approval"' || fail "show lacks the direction"
sori inbox --json | grep -qE '"direction": *"hold_for_approval"' || fail "inbox lacks the direction"
echo "ok: why, show and inbox tell"

# ---- counted again after everything was killed, two days after the first word
stop_all
edit_db "UPDATE journal SET at = at - 2 * 86400000 WHERE seq = 1"
start
hear f d5 "배송이 또 늦어요. 정말 최악이에요"
expect "after a restart" "out of the usual" "$(rule_of d5)"
sori why "$(id_of d5)" > "$T/why" || fail why
grep -q "saw topic.delivery: 4 in the last hour, usually 0.0" "$T/why" || { cat "$T/why"; fail "it was not counted again"; }
hear f r3 "환불이 또 너무 늦어요. 정말 실망입니다"
expect "another topic after a restart" sad "$(rule_of r3)"

# ---- looked at again: somebody answered, nobody did, the person wrote again, the person was answered
items g <<'I'
id=q1|author=q1|text=누가 아시나요
id=q2|author=q2|text=누가 아시나요
id=q3|author=q3|text=누가 아시나요
I
# They have fifteen seconds: an answer that comes later is not known, rightly.
wait_for 10 "three wait" equals 3 "SELECT count(*) FROM timer WHERE kind = 8"
items h <<'I'
id=h1|author=helper|parent=q1|text=앱에서 하시면 돼요
id=h2|author=q2|parent=q2|text=저요
id=m3|author=q3|text=아 됐어요
I
tagged() { equals 1 "SELECT count(*) FROM tag t JOIN interaction i ON i.id = t.interaction WHERE i.native = '$1' AND t.name = '$2'"; }
wait_for 30 "what others answered is known" tagged q1 community
wait_for 20 "no timer is left" equals 0 "SELECT count(*) FROM timer WHERE kind = 8"
entries() { db "SELECT count(*) FROM journal j JOIN interaction i ON i.id = j.interaction WHERE i.native IN ($1) AND j.kind = 8"; }
expect "a promise is void when the person writes again" 0 "$(entries "'q3', 'm3', 'q2', 'h2'")"
items k <<'I'
id=q4|author=q4|text=아무나 아시나요
I
wait_for 20 "nobody answered" tagged q4 alone
sori check --store || fail "check --store"
