# A freeze that is declared after a reply was decided reaches it all the same: what waits for its turn
# is looked at by the policy that is live when the turn comes. A cheerful one waits for a person then,
# another one leaves, until all are frozen.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/flow.sh"
MODE=auto puppet_workspace 'limits { contact_gap = "1h" }'
gap() { sed -i "s/contact_gap = \"[^\"]*\"/contact_gap = \"$1\"/" "$W/sori.lua"; }
policy <<'LUA'
local t = sori.policy "test"
t:rule "glad" { when = { words = "좋아요" }, act = { reply { "ok", goal = "thank" } } }
t:rule "fact" { when = { words = "언제" }, act = { reply { "ok", goal = "inform" } } }
return t
LUA
start
tell() { echo "id=$1|author=$2|text=$3" | items "$1"; }
# is NATIVE STATE [REASON]: its newest action
is() {
    equals 1 "SELECT count(*) FROM action a JOIN interaction i ON i.id = a.interaction WHERE i.native = '$1' AND a.state = $2 AND a.reason GLOB '${3:-}*' AND a.id = (SELECT max(id) FROM action WHERE interaction = i.id)"
}
now=$(date +%s)
at() { date -u -d "@$((now + $1))" +%Y-%m-%dT%H:%M:%SZ; }
# frozen WHAT GAP: the days are declared while others wait
frozen() {
    cat > "$W/policy/init.lua" <<LUA
sori.guide { freeze = { { from = "$(at -60)", to = "$(at 3600)", why = "추모 기간"$1 } } }
return { "rules/test" }
LUA
    gap "$2"
    sori reload || fail "a reload with a freeze"
}

for who in a b c; do
    tell "${who}1" "$who" "정말 좋아요"
    wait_for 20 "the first of $who is answered" is "${who}1" 4
done
tell a2 a "오늘도 좋아요"; tell b2 b "언제 와요?"; tell c2 c "그건 언제 해요?"
for one in a2 b2 c2; do wait_for 20 "$one waits for its turn" is $one 1 'waits for its turn'; done

frozen '' 0s
wait_for 20 "the cheerful one waits for a person" is a2 0
sori show "$(id_of a2)" --json | grep -q '추모 기간' || fail "the account does not say why a2 waits"
wait_for 20 "an answer to a question leaves" is b2 4
wait_for 20 "and so does the other" is c2 4

gap 1h; sori reload || fail "a reload"
tell c3 c "언제인지 다시요?"
wait_for 20 "c3 waits for its turn" is c3 1 'waits for its turn'
frozen ', what = "all"' 0s
wait_for 20 "where all are frozen it waits for a person" is c3 0
stored "nobody spoke in it" 0 "SELECT count(*) FROM action a JOIN interaction i ON i.id = a.interaction WHERE i.native IN ('a2', 'c3') AND a.sent_at > 0"
