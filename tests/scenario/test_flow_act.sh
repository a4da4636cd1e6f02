# What leaves, and when: approval, a person's own words, doubt and what ends it, pause, ceilings,
# removal and edit, a mode that says nothing.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/flow.sh"
MODE=approve puppet_workspace 'limits { contact_gap = "3s", hour = 100000 }' \
    "connection \"quiet\" { channel = \"puppet\", url = \"folder://$W/quiet\", every = \"1s\", mode = \"observe\", allow = { \"$W/quiet\" } }" \
    "connection \"auto\" { channel = \"puppet\", url = \"folder://$W/auto\", every = \"1s\", mode = \"auto\", allow = { \"$W/auto\" } }"
mkdir -p "$W/quiet" "$W/auto"
policy <<'LUA'
local t = sori.policy "test"
t:rule "in private" { when = { kind = "message" }, act = { private_reply "ok" } }
t:rule "parts" { when = { on = "said", words = { "두 군데" } }, act = { reply "ok", private_reply "ok" } }
t:rule "slots" { when = { on = "said", words = { "두 마디" } }, act = { reply { "ok", slot = 1 }, reply { "ok", slot = 12 } } }
t:rule "tap" { when = { on = "said", words = { "좋아" } }, act = { like(), hold "read it" } }
t:rule "all" { when = { on = { "said", "edited" }, kind = "comment" }, act = { reply "ok" } }
return t
LUA
start
state() { db "SELECT group_concat(state, ' ') FROM (SELECT a.state FROM action a JOIN interaction i ON i.id = a.interaction WHERE i.native = '$1' ORDER BY a.id)"; }
is() { [ "$(state "$1")" = "$2" ]; }
text_to() { grep -l "\"to\": \"$1\"" "$W"/*/reply-*.json 2>/dev/null | xargs -r cat; }
put() { cat > "$W/$1/.$2"; mv "$W/$1/.$2" "$W/$1/$2.item"; }

# ---- approve, reject, edit, a person's own words
put inbox a <<'I'
id=ap1|author=a1|text=늦어요 하나
id=ap2|author=a2|text=늦어요 둘
id=ap3|author=a3|text=늦어요 셋
id=ap4|author=a4|text=늦어요 넷
I
for i in ap1 ap2 ap3 ap4; do wait_for 20 "$i waits" is $i 0; done
sori approve "$(id_of ap1)" || fail approve
sori approve "$(id_of ap2)" --edit "고쳐 쓴 답입니다" || fail "approve --edit"
sori reject "$(id_of ap3)" || fail reject
sori reply "$(id_of ap4)" "사람이 씁니다" || fail reply
wait_for 20 "approved leaves" is ap1 4
wait_for 20 "edited leaves" is ap2 4
text_to ap2 | grep -q "고쳐 쓴 답입니다" || fail "the edited words did not leave"
expect "rejected" 9 "$(state ap3)"
wait_for 20 "the reply leaves, what waited is withdrawn" is ap4 "9 4"
text_to ap4 | grep -q "사람이 씁니다" || fail "the person's words did not leave"
expect "one answer to ap4" 1 "$(text_to ap4 | wc -l)"
sori reply "$(id_of ap4)" "한 마디 더" || fail "a second reply"
wait_for 20 "the next slot" is ap4 "9 4 4"
stored "slots of ap4" "0 1" "SELECT group_concat(slot, ' ') FROM (SELECT slot FROM action WHERE interaction = $(id_of ap4) AND state = 4 ORDER BY slot)"
code=0; sori approve "$(id_of ap3)" >/dev/null 2>&1 || code=$?
expect "approve of what does not wait" 1 "$code"

# ---- several wait: each has a name, and no other name lets one go
put inbox a2 <<'I'
id=parts|author=parts|text=두 군데 답할 말
id=slots|author=slots|text=두 마디 답할 말
I
wait_for 20 "both parts wait" is parts "0 0"
wait_for 20 "both slots wait" is slots "0 0"
n=$(id_of parts) m=$(id_of slots)
told() { # CODE WHAT COMMAND…: it is refused with this code, and says this
    local code=0 want=$1 what=$2
    shift 2
    sori "$@" >"$T/told" 2>&1 || code=$?
    [ $code = "$want" ] && grep -qE -- "$what" "$T/told" || { cat "$T/told"; fail "sori $* ends with $code"; }
}
sori inbox >"$T/inbox"
for i in "$n" "$n.private_reply" "$m.1" "$m.12"; do grep -q "^$i " "$T/inbox" || { cat "$T/inbox"; fail "the inbox does not show $i"; }; done
told 2 "say which: $n.reply, $n.private_reply$" approve "$n"
told 2 "say which: $m.reply.1, $m.reply.12$" approve "$m"
for i in "$m.13" "$m.11" "$m.01 x" "$m.like" "$m.reply" "$m.reply.2"; do
    # shellcheck disable=SC2086
    code=0; sori approve $i >/dev/null 2>&1 || code=$?
    [ $code != 0 ] || fail "approve $i lets something go"
done
sori show "$n.private_reply" >/dev/null || fail "show of the name in the inbox"
sori approve "$m.12" --edit "열두째" >/dev/null || fail "approve ID.SLOT"
wait_for 20 "the one that was named" is slots "0 4"
text_to slots | grep -q 열두째 || fail "other words left: $(text_to slots)"
sori approve "$n.private_reply" >/dev/null || fail "approve ID.ACTION"
wait_for 20 "the private one; the public one goes on waiting" is parts "0 4"
sori approve "$n" >/dev/null || fail "approve the one that is left"
wait_for 20 "both were said" is parts "4 4"
told 2 "what should be said instead" approve "$m" --edit ""
told 2 "what should be said instead" approve "$m" --edit "  "
told 2 "what should be said" reply "$m" "$(printf '\343\200\200')"
told 2 "what should be noted" note "$m" " "
cp949=$(printf '\261\271')
told 2 "no UTF-8" reply "$m" "$cp949"
told 2 "no UTF-8" approve "$m" --edit "$cp949"
told 2 "no UTF-8" assign "$m" "$cp949" --json
expect "blank words let nothing go" "0 4" "$(state slots)"
sori reject "$m" >/dev/null || fail reject

# ---- a tap in doubt: that it stands answers nobody
echo never > "$W/inbox/act"
put inbox a3 <<'I'
id=tap1|author=tap1|text=좋아 그런데 언제 오나요
I
wait_for 20 "the tap is in doubt" is tap1 5
told 1 "outcome unknown" like "$(id_of tap1)"
rm "$W/inbox/act"
sori resolve "$(id_of tap1)" --sent >/dev/null || fail "resolve of a tap"
expect "taken as sent" 4 "$(state tap1)"
sori inbox >"$T/inbox"; grep -q "^$(id_of tap1) .* answer " "$T/inbox" || { cat "$T/inbox"; fail "who waits for an answer is not in the inbox"; }

# ---- doubt: written, no answer known: reconcile finds it; never written: absent, sent again
echo lost > "$W/inbox/act"
put inbox b <<'I'
id=lost1|author=b1|text=잃어버린 답
I
wait_for 20 "lost1 waits" is lost1 0
sori approve "$(id_of lost1)" || fail approve
wait_for 30 "found by reconcile" is lost1 4
sori why "$(id_of lost1)" > "$T/why"; grep -qi unknown "$T/why" && grep -q reconcile "$T/why" || { cat "$T/why"; fail "why tells nothing of the doubt"; }
echo never > "$W/inbox/act"
put inbox c <<'I'
id=never1|author=c1|text=쓰지 못한 답
id=priv1|kind=message|author=c2|text=비밀 문의
id=priv2|kind=message|author=c3|text=비밀 문의 둘
I
for i in never1 priv1 priv2; do wait_for 20 "$i waits" is $i 0; sori approve "$(id_of $i)" >/dev/null || fail "approve $i"; done
for i in priv1 priv2; do wait_for 20 "$i is in doubt" is $i 5; done
sori inbox > "$T/inbox"; grep -qw "$(id_of priv1)" "$T/inbox" || { cat "$T/inbox"; fail "what is in doubt is not in the inbox"; }
rm "$W/inbox/act"
wait_for 30 "sent again after absent" is never1 4
expect "answers to never1" 1 "$(text_to never1 | wc -l)"
sori resolve "$(id_of priv1)" --sent || fail "resolve --sent"
sori resolve "$(id_of priv2)" --not-sent || fail "resolve --not-sent"
wait_for 20 "taken as sent" is priv1 4
wait_for 20 "sent again" is priv2 4
expect "answers to priv1" 0 "$(text_to priv1 | wc -l)"
expect "answers to priv2" 1 "$(text_to priv2 | wc -l)"
# a person says "not sent" while the connector is about to find it: it was sent, and goes out once
echo lost > "$W/inbox/act"; touch "$W/inbox/reconcile" "$W/inbox/hold"
put inbox c2 <<'I'
id=race1|author=c4|text=찾는 중인 답
I
wait_for 20 "race1 waits" is race1 0
sori approve "$(id_of race1)" >/dev/null || fail approve
wait_for 20 "race1 is in doubt" is race1 5
rm "$W/inbox/act"
wait_for 20 "it is looked for" lingers 1
sori resolve "$(id_of race1)" --not-sent || fail "resolve --not-sent while it is looked for"
rm "$W/inbox/reconcile" "$W/inbox/hold"
wait_for 20 "what was found counts" is race1 4
stored "times that race1 was sent" 1 "SELECT attempt FROM action WHERE interaction = $(id_of race1)"
# the lane dies after the writing request left
echo crash > "$W/inbox/act"
put inbox d <<'I'
id=crash1|author=d1|text=죽는 답
I
wait_for 20 "crash1 waits" is crash1 0
sori approve "$(id_of crash1)" >/dev/null || fail approve
wait_for 30 "found after the crash" is crash1 4
rm "$W/inbox/act"
expect "answers to crash1" 1 "$(text_to crash1 | wc -l)"
# refused by the platform: a person hears of it
echo refuse > "$W/inbox/act"
put inbox d2 <<'I'
id=ref1|author=d2|text=거절되는 답
I
wait_for 20 "ref1 waits" is ref1 0
sori approve "$(id_of ref1)" >/dev/null || fail approve
wait_for 20 "refused" is ref1 6
rm "$W/inbox/act"
sori reply "$(id_of ref1)" "다시 답합니다" >/dev/null || fail "reply after a refusal"
wait_for 20 "a person's reply after a refusal" is ref1 "6 4"

# ---- removed, edited
put inbox e <<'I'
id=gone1|author=e1|text=지워질 글|version=1
id=edit1|author=e2|text=고쳐질 글|version=1
id=edit2|author=e3|text=고쳐질 글 둘|version=1
I
for i in gone1 edit1 edit2; do wait_for 20 "$i waits" is $i 0; done
sori pause >/dev/null || fail pause
sori reply "$(id_of edit2)" "사람의 답은 남습니다" >/dev/null || fail reply
wait_for 10 "ready" is edit2 "9 1"
put inbox e <<'I'
id=gone1|event=removed|version=2
id=edit1|author=e2|text=고쳐진 글입니다|version=2
id=edit2|author=e3|text=고쳐진 글입니다 둘|version=2
I
wait_for 20 "moot" is gone1 8
wait_for 20 "stale, and decided anew" is edit1 "7 0"
stored "revision of the new one" 2 "SELECT max(rev) FROM action WHERE interaction = $(id_of edit1)"
wait_for 20 "the edit is decided" equals 1 "SELECT count(*) FROM decision d JOIN journal j USING (seq) WHERE j.interaction = $(id_of edit2) AND j.kind = 2"
expect "the person's words stay" "9 1" "$(state edit2)"
sori resume >/dev/null || fail resume
wait_for 20 "the person's words leave" is edit2 "9 4"

# ---- given to the connector, and not sent yet: a person, a removal and an edit are in time
echo late > "$W/auto/act"
late() { # late ID: its reply is in the connector's hands
    touch "$W/auto/hold"
    put auto "$1" <<< "id=$1|author=$1|text=아직 나가지 않은 답|version=1"
    wait_for 20 "$1 is leased" is "$1" 2
}
late late1
sori reply "$(id_of late1)" "사람이 먼저 씁니다" >/dev/null || fail "reply to what is leased"
rm "$W/auto/hold"
wait_for 20 "only the person's words leave" is late1 "9 4"
expect "what late1 heard" 1 "$(text_to late1 | grep -c '사람이 먼저')"
expect "answers to late1" 1 "$(text_to late1 | wc -l)"
late late2
put auto late2 <<< "id=late2|event=removed|version=2"
wait_for 20 "moot" is late2 8
rm "$W/auto/hold"
late late3
put auto late3 <<< "id=late3|author=late3|text=고쳐 쓴 글|version=2"
stale() { [[ "$(state late3)" = "7 "* ]]; }
wait_for 20 "stale" stale
rm "$W/auto/act" "$W/auto/hold"
wait_for 20 "the new words are answered" is late3 "7 4"
expect "answers to late2 and late3" "0 1" "$(text_to late2 | wc -l) $(text_to late3 | wc -l)"
stored "sent once, for the new words" 1 "SELECT attempt FROM action WHERE interaction = $(id_of late3) AND state = 4"
stored "cases that a dropped reply opened" 0 "SELECT count(*) FROM kase WHERE reason LIKE '%refused%leased%'"
expect "it is as it was" 8 "$(state late2)"

# ---- mode observe says nothing
put quiet q <<'I'
id=quiet1|author=q1|text=늦어요
I
wait_for 20 "quiet1 is decided" equals 1 "SELECT count(*) FROM decision d JOIN journal j USING (seq) JOIN interaction i ON i.id = j.interaction WHERE i.native = 'quiet1'"
expect "actions of an observed connection" "" "$(state quiet1)"

# ---- two words of one person: the second reply is delayed by the ceiling, not lost
put auto f <<'I'
id=two1|author=f1|text=첫 번째 글
id=two2|author=f1|text=두 번째 글
I
wait_for 20 "the first leaves" is two1 4
first=$(db "SELECT sent_at FROM action WHERE interaction = $(id_of two1)")
wait_for 20 "the second leaves as well" is two2 4
gap=$(($(db "SELECT sent_at FROM action WHERE interaction = $(id_of two2)") - first))
[ $gap -ge 2900 ] || fail "two replies to one contact within $gap ms"
echo "ok: the second after $gap ms"

# ---- pause stops everything within a second, resume goes on
sori pause >/dev/null || fail pause
put auto g <<'I'
id=pause1|author=g1|text=멈춘 동안
I
wait_for 20 "pause1 is decided" is pause1 1
before=$(ls "$W"/*/ | grep -c reply-)
sleep 2
expect "nothing leaves while paused" "$before" "$(ls "$W"/*/ | grep -c reply-)"
expect "it is ready" 1 "$(state pause1)"
# of two people who answer meanwhile the second is told what becomes of the first one's words
sori reply "$(id_of ap3)" "먼저 쓴 답" >"$T/told" || fail "reply while paused"
grep -q withdrawn "$T/told" && { cat "$T/told"; fail "nothing was withdrawn"; }
sori reply "$(id_of ap3)" "나중에 쓴 답" >"$T/told" || fail "a second reply while paused"
grep -q "that of .* had not left and is withdrawn" "$T/told" || { cat "$T/told"; fail "the second does not hear of the first"; }
sori resume >/dev/null || fail resume
wait_for 20 "it leaves" is pause1 4
wait_for 20 "the later words alone" is ap3 "9 9 4"
stored "stuck" 0 "SELECT count(*) FROM action WHERE state IN (1, 2, 3, 5)"
sori check --store || fail "check --store"
