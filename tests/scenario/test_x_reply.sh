# Replies on X: what is said is there once, whatever becomes of the answer to the request; who did
# not summon us is known before anything is decided; 140 syllables go out whole, 141 do not.
# killed too
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/flow.sh"
. "$(dirname "$0")/x.sh"
fake_x --own_lag 8000 # X lists what we said a little later
x_workspace 'receive = { "mentions" }'
policy <<'LUA'
local t = sori.policy "test"
t:rule "long" { when = { words = { "길게" } }, act = { reply "long" } }
t:rule "longer" { when = { words = { "더길다" } }, act = { reply "longer" } }
t:rule "all" { when = { on = { "said", "edited" } }, act = { reply "ok" } }
return t
LUA
syllables() { printf '가%.0s' $(seq "$1"); }
for l in ko en; do
    printf -- '---\nabout: test\n---\n%s\n' "$(syllables 140)" > "$W/policy/replies/long.$l.md"
    printf -- '---\nabout: test\n---\n%s\n' "$(syllables 141)" > "$W/policy/replies/longer.$l.md"
done
start

# ---- one mention, one reply
a=$(says 101 "@ongyeol 배송이 언제 되나요 & <문의>")
wait_for 30 "the mention is answered" is "$a" 4
expect "answers" 1 "$(answered "$a")"
stored "kind" 4 "SELECT kind FROM interaction WHERE native = '$a'"
stored "its text" "@ongyeol 배송이 언제 되나요 & <문의>" "SELECT j.text FROM journal j JOIN interaction i ON i.said = j.seq WHERE i.native = '$a'"

# Was in doubt: its story says so, though it may be out of it by now. Among kills it may have got around it.
in_doubt() {
    equals 1 "SELECT count(*) > 0 FROM journal j JOIN interaction i ON i.id = j.interaction WHERE i.native = '$1' AND j.kind = 10 AND j.text LIKE 'unknown:%'" ||
        { [ -n "${CHAOS:-}" ] && is "$1" 4; }
}
# ---- answers to the request that never come: done, done with 503 said, and not done
fake fail method=POST path=/2/tweets cut=after >/dev/null
b=$(says 102 "@ongyeol 답이 사라집니다")
wait_for 30 "in doubt" in_doubt "$b"
fake fail method=POST path=/2/tweets cut=before >/dev/null
c=$(says 103 "@ongyeol 답이 가지 않습니다")
wait_for 30 "in doubt as well" in_doubt "$c"
fake fail method=POST path=/2/tweets error=unavailable >/dev/null
d=$(says 104 "@ongyeol 503 입니다")
wait_for 30 "in doubt by a 503" in_doubt "$d"

# ---- meanwhile: length
e=$(says 105 "@ongyeol 길게 답해 주세요")
wait_for 30 "140 syllables leave" is "$e" 4
expect "parts of 140 syllables" 1 "$(answered "$e")"
answers "$e" | grep -qE "\"raw\": ?\"$(syllables 140)\"" || fail "the 140 syllables are not whole"
# Requests of so many syllables; what was in doubt may be sent once more at any time. The fake searches
# its record, where a body is a string in JSON: its closing quote stands behind a backslash.
asked_to_say() { curl -fsS --noproxy '*' -G "$X/_fake/requests" -d method=POST -d path=/2/tweets -d count=1 --data-urlencode "match=\"$(syllables "$1")\\\""; }
[ "$(asked_to_say 140)" -ge 1 ] || fail "the search for so many syllables is blind"
g=$(says 106 "@ongyeol 더길다 답해 주세요")
too_long() { sori why "$(id_of "$g")" | grep -q "weighs 282, 280 are allowed"; }
wait_for 30 "141 syllables are a draft, and why tells the weight" too_long
sori reply "$(id_of "$g")" "$(syllables 141)" >"$T/said" || fail "a person's reply is not taken: $(cat "$T/said")"
refused() { [[ "$(state "$g")" =~ ^9( 6)+$ ]]; } # the draft is withdrawn; under kills a command may be given twice
wait_for 30 "141 syllables of a person are refused" refused
expect "requests for 141 syllables" 0 "$(asked_to_say 141)"

# ---- not summoned: no attempt, and the link for a person
own=$(says $US "저희 새 조명입니다" quiet=1)
h=$(says 107 "저도 궁금해요" reply_to="$own")
wait_for 30 "recorded" equals 1 "SELECT count(*) FROM interaction WHERE native = '$h' AND state = 1"
wait_for 30 "decided" equals 1 "SELECT count(*) FROM decision d JOIN journal j USING (seq) JOIN interaction i ON i.id = j.interaction WHERE i.native = '$h'"
sleep 2
expect "answers to who did not summon us" 0 "$(answered "$h")"
expect "X never had to refuse" 0 "$(audit "reply without a summons")"
sori show "$(id_of "$h")" | grep -q "intent/post?in_reply_to=$h" || fail "show has no link for a person: $(sori show "$(id_of "$h")")"

# ---- what was in doubt is found, or sent
wait_for 60 "found by reconcile" is "$b" 4
wait_for 60 "sent again" is "$c" 4
wait_for 60 "sent again after the 503" is "$d" 4
peace
for i in "$b" "$c" "$d"; do expect "answers to $i" 1 "$(answered "$i")"; done
expect "the same words were never tried twice" 0 "$(audit "duplicate content")"
sori why "$(id_of "$b")" | grep -q "found by reconcile" || fail "why does not tell how it was found"
expect "wrong signatures" 0 "$(fake audit | grep -c refused)"
sori check --store || fail "check --store"
