# Coverage with history: what was decided is decided again by the policy in hand; cells and rules
# that nothing reached, equal facts decided unequally, limits, and what it says where nothing runs.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/flow.sh"
hello_workspace 'limits { contact_gap = "0s" }'
sed -i '/^classifier/d' "$W/sori.lua" # every tone is unsure
policy <<'LUA'
local t = sori.policy "test"
t:note "parcel" { when = { words = "배송" }, act = { tag "delivery" } }
t:rule "code" { when = { kind = "comment", words = "주사위" }, act = function(i)
  if i.id % 2 == 0 then return assign "lead" end
  return assign "support"
end }
t:rule "parcel first" { when = { kind = "comment", words = "배송" }, act = { assign "support" } }
t:rule "never said" { when = { kind = "message" }, act = {} }
t:rule "twice" { when = { kind = "message", words = "또" }, act = { assign "lead" } }
t:rule "rest" { when = { on = { "said", "edited", "overdue", "due_soon", "follow_up", "hidden", "shown", "removed" } }, act = {} }
return t
LUA
start
for i in 1 2 3 4; do say "d$i" "주사위 $i"; done
say p1 "배송이 늦어요"
say r1 "안녕하세요"
wait_for 30 "six are decided" decided 6
cover() { "$SORI" policy coverage "$W/policy" "$@" > "$T/said" 2>"$T/err"; }
value() { python3 -c 'import json,sys; r=json.load(open(sys.argv[1])); print(eval(sys.argv[2]))' "$T/said" "$1"; }

cover --json || fail "coverage: $(cat "$T/err")"
expect "history" True "$(value 'r["seen"]["history"]')"
expect "decisions" 6 "$(value 'r["seen"]["decisions"]')"
expect "a rule's" 4 "$(value 'r["seen"]["rules"]["code"]')"
expect "a note's" 1 "$(value 'r["seen"]["rules"]["parcel"]')"
expect "cells" 336 "$(value 'len(r["seen"]["cells"])')"
expect "all in them" 6 "$(value 'sum(r["seen"]["cells"])')"
expect "no cell is empty" 0 "$(value 'r["empty"]')"
expect "what can never match" '["twice"]' "$(value '__import__("json").dumps([x["name"] for x in r["rules"] if x["never"]])')"
expect "unequal by code" True "$(value 'any(not u["stated"] and "code" in u["by"] for u in r["seen"]["unequal"])')"
expect "equal in all but a word" True "$(value 'any(u["stated"] and "배송" in u["by"] for u in r["seen"]["unequal"])')"

cover || fail "for people"
grep -q '^Over 6 decisions of history and 0 tests:$' "$T/said" || { cat "$T/said"; fail "for people"; }
grep -q 'rules and notes were never reached' "$T/said" || fail "what was never reached"
cover --max-empty 0 --max-never 1 --max-unequal 99 || fail "within its limits: $?"
cover --max-never 0
expect "a limit" 5 $?
grep -q -- '--max-never 0: there are 1' "$T/err" || { cat "$T/err"; fail "the limit is not named"; }
cover --max-unequal 0
expect "another limit" 5 $?
cover --since 1h --json
expect "of the last hour" 6 "$(value 'r["seen"]["decisions"]')"
cover --no-history --json
expect "without history" False "$(value 'r["seen"]["history"]')"
cover --since soon
expect "no span" 2 $?
cover --max-empty -3
expect "no number" 2 $?

# Another policy over the same history; and without a core.
cp -r "$W/policy" "$T/other"
sed -i '/^t:rule "code"/,/^end }/d' "$T/other/rules/test.lua"
"$SORI" policy coverage "$T/other" -w "$W" --json > "$T/said" || fail "another policy"
expect "its rules" 5 "$(value 'r["seen"]["rules"]["rest"]')"
expect "nothing is unequal" 0 "$(value 'r["seen"]["unstated"]')"
stop_all
cover --json || fail "without a core: $?"
expect "no core" False "$(value 'r["seen"]["history"]')"
expect "and it says so" True "$(value 'len(r["seen"]["without"]) > 0')"
echo 'return 3' > "$T/other/init.lua"
"$SORI" policy coverage "$T/other" > "$T/said" 2>&1
expect "a bad policy" 3 $?
echo "ok: all"
