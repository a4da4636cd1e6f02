# The send gate on the real programs: what fails a check waits for a person with its name, who sees
# it in the inbox and may let it go all the same; what only the core knows is asked when a reply is
# made and again when it leaves.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/flow.sh"
MODE=auto puppet_workspace 'limits { contact_gap = "0s" }'
gap() { sed -i "s/contact_gap = \"[^\"]*\"/contact_gap = \"$1\"/" "$W/sori.lua"; sori reload >/dev/null || fail "reload"; }
now=$(date +%s)
at() { date -u -d "@$((now + $1))" +%Y-%m-%dT%H:%M:%SZ; }
policy <<'LUA'
local t = sori.policy "test"
t:rule "word" { when = { kind = "comment", words = "단어" }, act = { reply "quote" } }
t:rule "same" { when = { kind = "comment", words = "같은" }, act = { reply { "same", goal = "inform" } } }
t:rule "fact" { when = { kind = "comment", words = "소문" }, direction = "correct_facts", act = { reply { "same", goal = "inform" } } }
t:rule "glad" { when = { kind = "comment", words = "좋아요" }, act = { reply { "same", goal = "thank" } } }
t:rule "clock" { when = { kind = "comment", words = "빨리" }, act = { reply { "clock" }, assign "support", clock "4s" } }
t:rule "again" { when = { on = "edited", words = "몰래" }, act = { private_reply { "private", slot = 1 } } }
t:rule "private" { when = { words = "비밀" }, act = { private_reply "private" } }
t:rule "holding" { when = { on = { "due_soon", "overdue" } }, act = {} }
t:rule "window" { when = { words = "창문" }, act = { private_reply "window" } }
t:rule "mended" { when = { words = "고쳤" }, act = { private_reply "mended" } }
t:rule "public" { when = { words = "광장" }, act = { reply "public" } }
t:rule "long" { when = { words = "길게" }, act = { reply "long" } }
t:rule "rest" { when = {}, act = { reply { "rest", goal = "inform" } } }
return t
LUA
for l in ko en; do
    for n in same clock private window mended public rest; do printf -- '---\nabout: %s\n---\n%s 답장\n' $n $n > "$W/policy/replies/$n.$l.md"; done
    printf -- '---\nslot text: text, at most 60\n---\n"{text}"라고 하셨네요.\n' > "$W/policy/replies/quote.$l.md"
    { printf -- '---\nabout: long\n---\n'; printf '가%.0s' $(seq 2001); echo; } > "$W/policy/replies/long.$l.md"
done
cat > "$W/policy/init.lua" <<LUA
sori.guide {
  banned = { ko = { "바보" }, en = { "fool" } },
  same_text = { people = 2, within = "1h" },
  freeze = { { from = "$(at -60)", to = "$(at 3600)", why = "추모 기간" } },
}
return { "rules/test" }
LUA
start
state() { db "SELECT a.state FROM action a JOIN interaction i ON i.id = a.interaction WHERE i.native = '$1' ORDER BY a.id DESC LIMIT 1"; }
is() { [ "$(state "$1")" = "$2" ]; }
# held NATIVE CHECK: its newest action waits, and says why
held() {
    sori show "$(id_of "$1")" --json | python3 -c '
import json, sys
a = json.load(sys.stdin)["actions"][-1]
sys.exit(not (a["state"] == "waiting" and sys.argv[1] in [c["check"] for c in a["checks"]] and all(c["why"] for c in a["checks"])))' "$2"
}
tell() { echo "id=$1|author=${3:-u$1}|text=$2${4:+|$4}" | items "$1"; }

echo "-- tone: a banned word; the inbox names the check, a person lets it go although"
tell tone "이 단어 바보"
wait_for 20 "a banned word waits" held tone tone
sori inbox | grep -q '✗ tone: 이 단어' || fail "the inbox does not name the check: $(sori inbox)"
sori inbox --json | grep -q '"checks":\[{"check":"tone","why":"\\"바보\\" is a banned word"}\]' || fail "inbox --json: $(sori inbox --json)"
sori why "$(id_of tone)" | grep -q '✗ tone: "바보" is a banned word' || fail "why"
expect "all ten in why" 10 "$(sori why "$(id_of tone)" | grep -cE '^    [✓✗] (origin|goal|sources|personal|tone|side|timing|influence|channel|one_voice): ')"
expect "ten in why --json" 10 "$(sori why "$(id_of tone)" --json | python3 -c 'import json,sys; print(len(json.load(sys.stdin)["decisions"][0]["checks"][0]["checks"]))')"
expect "the answer" "$(id_of tone): approved, although: tone; it is on its way" "$(sori approve "$(id_of tone)")"
wait_for 20 "it leaves" is tone 4
sori show "$(id_of tone)" | grep -q 'approve by .*, although: tone' || fail "history: $(sori show "$(id_of tone)")"
sori show "$(id_of tone)" | grep -q 'although    ✗ tone' || fail "what left is held no more: $(sori show "$(id_of tone)")"

tell e1 "이 단어 바보" # is edited later
echo "-- sources, timing"
tell fact "소문이에요"
wait_for 20 "a correction without a source waits" held fact sources
tell glad "좋아요"
wait_for 20 "a cheerful reply waits in a freeze" held glad timing

echo "-- personal: the same words to the third person"
tell s1 "같은 말"; wait_for 20 "the first" is s1 4
tell s2 "같은 말"; wait_for 20 "the second" is s2 4
tell s3 "같은 말"; wait_for 20 "the third waits" held s3 personal
stop_all; start
tell s4 "같은 말"; wait_for 20 "counted again after kill -9" held s4 personal

echo "-- channel: a private reply once, a window, a length"
tell p1 "비밀이에요"; wait_for 20 "the private one" is p1 4
echo "id=p1|author=up1|text=비밀 몰래 고침|version=2" | items p1
wait_for 20 "the second waits" held p1 channel
tell long "길게"; wait_for 20 "too long waits" held long channel
echo refuse > "$W/inbox/act"
tell rf "창문"
wait_for 20 "what the connector would not even try is a draft" held rf channel
rm "$W/inbox/act"
sori approve "$(id_of rf)" >/dev/null || fail approve
wait_for 20 "a person lets it go" is rf 4
echo retry > "$W/inbox/act"
tell w1 "창문" w1 "window=4000"
tell w2 "광장" w2 "window=4000"
wait_for 40 "a window that closed before it left" held w1 channel

echo "-- timing: the clock ran out before it left"
tell c1 "빨리"
wait_for 40 "late" held c1 timing
shown() { sori inbox | grep -q "^ *$(id_of c1) "; }
wait_for 5 "its case is in the inbox" shown
rm "$W/inbox/act"
wait_for 60 "a public reply does not mind the window of private ones" is w2 4

echo "-- a window counts from the words that it was told with, not from the first ones"
old() { equals 1 "SELECT heard_at < unixepoch() * 1000 - 16000 FROM interaction WHERE native = 'e1'"; }
wait_for 20 "it is older than the window of its edit" old
tell e1 "말을 고쳤어요" "" "version=2|window=15000"
wait_for 20 "an answer to the edit leaves" is e1 4

echo "-- one_voice: a person's case, a person's answer"
tell o1 "안녕하세요" kim
wait_for 20 "answered by rule" is o1 4
sori assign "$(id_of o1)" 민지 >/dev/null || fail assign
tell o2 "하나 더" kim
wait_for 20 "a person has the case" held o2 one_voice
gap 10m
tell h1 "여보세요" lee
wait_for 20 "answered by rule" is h1 4
gap 0s
sori reply "$(id_of h1)" "제가 도울게요" >/dev/null || fail reply
wait_for 20 "answered by hand" equals 2 "SELECT count(*) FROM action a JOIN interaction i ON i.id = a.interaction WHERE i.native = 'h1' AND a.state = 4"
gap 10m
tell h2 "고마워요" lee
wait_for 20 "a person is speaking with them" held h2 one_voice
sori show "$(id_of h2)" | grep -q 'a person answered .* ago' || fail "why: $(sori show "$(id_of h2)")"
expect "nothing else left" "$(db "SELECT count(*) FROM action WHERE state = 4")" "$(replies)"
sori check --store || fail "check --store"
