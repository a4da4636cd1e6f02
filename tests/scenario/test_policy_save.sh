# A real decision becomes a test without the persons in it: the numbers and names of a Korean
# complaint are made up, the decision is the same, and the policy passes its new test. Where masking
# would change the decision it is refused, and --keep names what to leave.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/flow.sh"
hello_workspace 'limits { contact_gap = "0s" }'
rules() {
    cat <<LUA
local t = sori.policy "test"
t:cell { calls = { per = "contact", type = "int", keep = "30d" } }
t:note "parcel" { when = { words = "배송" }, act = { tag "delivery" } }
t:rule "called before" { when = { calls = { at_least = 1 } }, act = { assign "lead", clock "${1:-30m}" } }
t:rule "own shop" { when = { words = "onkyul" }, act = { tag "own" } }
t:rule "order" {
  when  = { kind = "comment" },
  check = { why = "an order number", function(i) return sori.text.match(i.text, "%d%d%d%d%d%d%d%d%-%d%d%d%d") end },
  act   = { reply "ok", assign "support", add "calls" },
}
t:rule "rest" { when = {}, act = {} }
return t
LUA
}
rules | policy
start
say c1 '저 김하늘인데요, 주문번호 20261122-0031 배송이 안 와요. 010-1234-5678 로 전화 주세요. 서울시 강남구 테헤란로 152 101동 1203호' 김하늘
wait_for 30 "the first is decided" decided 1
say c2 '또 안 왔어요! 하늘이에요' 김하늘
wait_for 30 "the second is decided" decided 2
say c3 'www.onkyul.kr 에서 샀어요' 박서준
wait_for 30 "the third is decided" decided 3
F=$W/policy/tests/saved_test.lua

"$SORI" policy save "$(id_of c1)" -w "$W" > "$T/said" || fail "save: $(cat "$T/said")"
cat "$T/said"
for word in 하늘 0031 1234-5678 테헤란로 1203호; do
    grep -q "$word" "$F" && fail "'$word' is in the test"
done
for word in 'author = "홍길동"' '저 홍길동인데요' '20260000-0001' '010-0000-0001' '배송이 안 와요' 'rule = "order"' \
    'reply = "ok"' 'assign = "support"' 'add = "calls"' 'notes = { "parcel" }'; do
    grep -qF "$word" "$F" || { cat "$F"; fail "'$word' is not in the test"; }
done
expect "what is shown before and after" 1 "$(grep -c '→ 저 홍길동인데요' "$T/said")"
"$SORI" policy test "$W/policy" > "$T/said" || fail "its own test fails: $(cat "$T/said")"
expect "tests" 1 "$(grep -c '^1 passed, 0 failed' "$T/said")"

# The cell as it stood, the same made-up name for the same person.
"$SORI" policy save "$(id_of c2)" --name '두 번째' -w "$W" > "$T/said" || fail "second: $(cat "$T/said")"
grep -q 'calls = 1' "$F" || fail "the cell is not in the test"
grep -qF '또 안 왔어요! 홍길동이에요' "$F" || fail "the given name alone stays"
grep -qF 'saved:case("두 번째")' "$F" || fail "its name"
grep -qF 'clock = "30m"' "$F" || fail "its clock"

# For programs, and no guess at what is no entry.
"$SORI" policy save "$(id_of c2)" --name '세 번째' --json -w "$W" | python3 -c '
import json, sys
d = json.load(sys.stdin)
assert d["file"].endswith("/policy/tests/saved_test.lua") and d["name"] == "세 번째", d
assert d["masked"]["name"] >= 1 and d["text"] == "또 안 왔어요! 홍길동이에요", d
' || fail "save --json"
"$SORI" policy save "$(id_of c2)" --entry x -w "$W" > "$T/said" 2>&1
expect "an entry that is no number" 2 $?

# A link that the rule asks for.
before=$(sha256sum "$F")
"$SORI" policy save "$(id_of c3)" -w "$W" > "$T/said" 2>&1
expect "masking would change it" 3 $?
grep -q -- '--keep url leaves' "$T/said" || { cat "$T/said"; fail "what to keep is not named"; }
expect "nothing was written" "$before" "$(sha256sum "$F")"
"$SORI" policy save "$(id_of c3)" --keep url -w "$W" > /dev/null || fail "with --keep url"
grep -qF 'www.onkyul.kr' "$F" || fail "the link was not kept"
grep -q '박서준' "$F" && fail "the name was kept"

# Twice: another name, and both hold.
"$SORI" policy save "$(id_of c1)" -w "$W" > /dev/null || fail "once more"
grep -qF 'saved:case("order (comment, ' "$F" || fail "its own name"
expect "tests" 5 "$("$SORI" policy test "$W/policy" | sed -n 's/ passed, 0 failed//p')"

# A policy that decides otherwise now takes the test only for what it decides now.
cp -r "$W/policy" "$T/other"
rules 45m > "$T/other/rules/test.lua"
rm "$T/other/tests/saved_test.lua"
"$SORI" policy save "$(id_of c2)" --to "$T/other" -w "$W" > "$T/said" 2>&1
expect "another policy" 3 $?
grep -q 'clock: expected 30 min, got 45 min\|clock: expected "30m", got 45 min' "$T/said" || { cat "$T/said"; fail "the difference is not said"; }
"$SORI" policy save "$(id_of c2)" --to "$T/other" --now -w "$W" > /dev/null || fail "--now"
grep -qF 'clock = "45m"' "$T/other/tests/saved_test.lua" || fail "what it decides now"

# Wrong words, wrong places.
"$SORI" policy save "$(id_of c1)" --keep phne -w "$W" 2>/dev/null
expect "an unknown kind" 2 $?
"$SORI" policy save 999999 -w "$W" 2>/dev/null
expect "no such interaction" 1 $?
rm -rf "$T/other/tests"
ln -s "$T" "$T/other/tests"
"$SORI" policy save "$(id_of c2)" --to "$T/other" --now -w "$W" 2>/dev/null && fail "written through a link"
[ -e "$T/saved_test.lua" ] && fail "a link was followed"
echo "ok: all saved"
