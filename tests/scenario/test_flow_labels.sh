# A model may have 64 labels, and the last one counts as the first: a rule that asks for it is found,
# and why shows its score.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/flow.sh"
[ -f "$BUILD/zoo/score_liar.so" ] || { echo "SKIPPED: $BUILD/zoo/score_liar.so is not built"; exit 77; }
MODE=observe hello_workspace
mkdir -p "$W/models" "$W/plugins"
cp "$BUILD/zoo/score_liar.so" "$W/plugins/"
echo anything > "$W/models/most"
sed -i 's/^classifier.*/classifier "topics" { plugin = "score_liar", models = { ko = "most" } }/' "$W/sori.lua"
policy <<'LUA'
local t = sori.policy "test"
t:rule "the first" { when = { label = { ["topic.t1"] = 0.5 } }, act = { tag "first" } }
t:rule "the last" { when = { label = { ["topic.t64"] = 0.5 } }, act = { tag "last" } }
return t
LUA
start
say one "배송이 늦어요"
wait_for 20 "decided" decided 1
sori why 1 > "$T/why" || fail why
grep -q '"the last"' "$T/why" && grep -q 'topic.t64 0.90' "$T/why" || { cat "$T/why"; fail "the last label is lost"; }
