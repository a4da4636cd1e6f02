# The loop guard: an auto-responder at the other end that answers each reply at once, under one name,
# under two and under fifty, gets no more than the ceilings allow; what is held back waits with its
# reason and a turn of its own; echoes of our own words, changed and early ones too, are not answered.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/flow.sh"
. "$(dirname "$0")/loop.sh"
MODE=auto puppet_workspace 'limits { contact_gap = "4s", hour = 60 }'
policy <<'LUA'
local t = sori.policy "test"
t:rule "all" { when = { on = "said" }, act = { reply "ok" } }
return t
LUA
start
echo "-- one author who answers each reply within a second"
begin_answers "$W/inbox" "$W/inbox" robot
echo 'id=first|author=robot|text=안녕하세요' | items first
some() { [ $(($(replies) - before)) -ge "$1" ]; }
before=0 begun=$SECONDS
wait_for 40 "it goes on" some 4
within "$W" 4000 60
n=$(replies) took=$((SECONDS - begun + 1))
[ "$n" -le $((took / 4 + 2)) ] || fail "$n replies in $took s"
stored "nothing is lost" 0 "SELECT count(*) FROM interaction i WHERE i.origin = 0 AND i.state = 1 AND NOT EXISTS (SELECT 1 FROM action a WHERE a.interaction = i.id) AND i.heard_at < (SELECT max(heard_at) FROM interaction) - 2000"
# Its turn may come while we look: the next one waits then.
waiting() { waiting=$(db "SELECT interaction FROM action WHERE state = 1 AND turn = 1 LIMIT 1") && [ -n "$waiting" ] && sori show "$waiting" | grep -q 'waits for its turn: one reply to a person'; }
wait_for 20 "one waits for its turn, and says so" waiting

echo "-- two authors in turn"
kill $ANSWERS
ANSWERS=
begin_answers "$W/inbox" "$W/inbox" robot1 robot2
before=$(replies) begun=$SECONDS
echo 'id=second|author=robot1|text=안녕하세요' | items second
wait_for 40 "it goes on" some 5
within "$W" 4000 60
n=$(($(replies) - before)) took=$((SECONDS - begun + 1))
[ "$n" -le $((2 * (took / 4 + 2) + 2)) ] || fail "$n replies in $took s to two" # one to robot was waiting

echo "-- echoes: changed ones, and one that is heard before we know that it was sent"
kill $ANSWERS
ANSWERS=
echo 'id=e1|author=guest|text=여기요' | items e1
wait_for 20 "answered" equals 1 "SELECT count(*) FROM action a JOIN interaction i ON i.id = a.interaction WHERE i.native = 'e1' AND a.state = 4"
made=$(db "SELECT a.native FROM action a JOIN interaction i ON i.id = a.interaction WHERE i.native = 'e1'")
echo "id=$made|author=shop|parent=e1|text=감사합니다 https://t.example/x" | items echo
wait_for 20 "the echo is ours" equals 2 "SELECT origin FROM interaction WHERE native = '$made'"
# What the robots have to hear yet has left: the next one in hand is that of e2.
wait_for 20 "nobody waits" equals 0 "SELECT count(*) FROM action WHERE state IN (1, 2, 3)"
touch "$W/inbox/hold"
echo slow > "$W/inbox/act"
echo 'id=e2|author=guest2|text=여기도요' | items e2
wait_for 20 "it leaves" equals 3 "SELECT max(a.state) FROM action a JOIN interaction i ON i.id = a.interaction WHERE i.native = 'e2'"
made=$(db "SELECT a.id FROM action a JOIN interaction i ON i.id = a.interaction WHERE i.native = 'e2'")
echo "id=$made|author=shop2|parent=e2|text=감사합니다!" | items early
wait_for 20 "the early echo is heard" equals 1 "SELECT count(*) FROM interaction WHERE native = '$made' AND state = 1"
rm "$W/inbox/hold"
wait_for 20 "and found to be ours" equals 2 "SELECT origin FROM interaction WHERE native = '$made'"
rm "$W/inbox/act"
wait_for 20 "it is done" equals 4 "SELECT max(a.state) FROM action a JOIN interaction i ON i.id = a.interaction WHERE i.native = 'e2'"
sleep 3
stored "nobody answers an echo" 0 "SELECT count(*) FROM action a JOIN interaction i ON i.id = a.interaction WHERE i.origin = 2 AND a.state IN (1, 2, 3, 4, 5)"

echo "-- fifty authors: the connection's ceiling, over kill -9"
sed -i 's/hour = 60/hour = 25/' "$W/sori.lua"
sori reload >/dev/null || fail reload
before=$(db "SELECT count(*) FROM action WHERE state = 4")
[ "$before" -lt 24 ] || fail "$before left before"
begin_answers "$W/inbox" "$W/inbox" $(seq -f 'robot-%g' 50)
for i in $(seq 50); do echo "id=m$i|author=robot-$i|text=안녕하세요 $i"; done | items many
wait_for 30 "the hour is full" equals 25 "SELECT count(*) FROM action WHERE state = 4"
stop_all; start
sleep 3
stored "no more after kill -9" 25 "SELECT count(*) FROM action WHERE state = 4"
within "$W" 4000 25
wait_for 20 "each that is held back has its reason" equals 0 "SELECT count(*) FROM action WHERE state = 1 AND (reason NOT LIKE 'waits for its turn: 25 replies an hour on shop%' OR due < (SELECT max(at) FROM journal) + 60000)"
many() { held=$(db "SELECT count(*) FROM action WHERE state = 1") && [ "$held" -ge 25 ]; }
wait_for 10 "twenty-five wait" many
stored "no two have one turn" 0 "SELECT count(*) FROM (SELECT due - lag(due) OVER (ORDER BY due) AS d FROM action WHERE state = 1) WHERE d < 3600000 / 25"
hour() { sori status | grep -q '25 of 25 replies by rules this hour'; }
wait_for 10 "status tells of the hour" hour
all() { many && [ "$held" = "$(sori status --json | python3 -c 'import json,sys; print(json.load(sys.stdin)["connections"][0]["ceilings"]["waiting"])')" ]; }
wait_for 10 "status tells who waits" all
kill $ANSWERS
ANSWERS=
echo "-- a person is not held back, and does not use the rules' hour up"
id=$(id_of m50)
sori reply "$id" "제가 답할게요" >/dev/null || fail reply
wait_for 20 "by hand" equals 1 "SELECT count(*) FROM action WHERE state = 4 AND actor <> ''"
sed -i 's/hour = 25/hour = 27/' "$W/sori.lua"
sori reload >/dev/null || fail reload
wait_for 30 "two more" equals 28 "SELECT count(*) FROM action WHERE state = 4"
sleep 2
stored "and no more" 28 "SELECT count(*) FROM action WHERE state = 4"
within "$W" 4000 27
sori check --store || fail "check --store"
