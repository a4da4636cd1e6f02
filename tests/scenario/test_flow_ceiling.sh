# The ceiling of a connection delays what rules say and loses nothing; a person is not held back by
# it. What does not leave for a while is brought to a person, and still leaves in the end.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/flow.sh"
MODE=auto puppet_workspace 'limits { contact_gap = "0s", hour = 1 }'
policy <<'LUA'
local t = sori.policy "test"
t:rule "all" { when = { on = "said", kind = "comment" }, act = { reply "ok" } }
return t
LUA
start
is() { [ "$(db "SELECT group_concat(state, ' ') FROM (SELECT a.state FROM action a JOIN interaction i ON i.id = a.interaction WHERE i.native = '$1' ORDER BY a.id)")" = "$2" ]; }
echo 'id=a|author=a|text=하나' | items a
wait_for 20 "the first" is a 4
echo 'id=b|author=b|text=둘' | items b
wait_for 20 "the second waits for its hour" equals 1 "SELECT count(*) FROM action a JOIN interaction i ON i.id = a.interaction WHERE i.native = 'b' AND a.state = 1 AND a.due > (SELECT max(at) FROM decision) + 30000"
echo 'id=c|author=c|text=셋' | items c
wait_for 20 "the third" equals 1 "SELECT count(*) FROM action a JOIN interaction i ON i.id = a.interaction WHERE i.native = 'c' AND a.state = 1"
echo retry > "$W/inbox/act"
sori reply "$(id_of c)" "사람의 답" >/dev/null || fail reply
wait_for 120 "five attempts" equals 1 "SELECT count(*) FROM kase k JOIN author a ON a.contact = k.contact WHERE a.native = 'c' AND k.state = 0 AND k.reason LIKE 'not sent%'"
grep -qw "$(id_of c)" <(sori inbox) || fail "it is not in the inbox"
rm "$W/inbox/act"
wait_for 120 "a person is not held back" is c "9 4"
wait_for 5 "the second still waits" is b 1
sed -i 's/hour = 1 /hour = 10 /' "$W/sori.lua"
sori reload >/dev/null || fail reload
wait_for 90 "it leaves when it may" is b 4
expect "replies" 3 "$(replies)"
sori check --store || fail "check --store"
