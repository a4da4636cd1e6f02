# Office hours, on the real programs: clocks that wait for a department to open, pauses that keep
# what is left, answers in the native app measured by their own time, hours that change while clocks
# run, also while Sori is not running, and what people are shown of it all.
# killed too
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/flow.sh"
BASE=$(date +%s)                                             # midnight may pass meanwhile
day() { TZ=Asia/Seoul date -d "@$((BASE + $1 * 86400))" +%F; } # of the department, not of this machine
start_of() { echo $(($(date -d "$(day "$1") 00:00 +0900" +%s) * 1000)); }
ago() { echo $((($(date +%s) - $1) * 1000)); }
# "shut": closed from yesterday on (it may have been midnight a moment ago) to tomorrow, then always
# open. "day": always open.
MODE=approve puppet_workspace 'limits { contact_gap = "1s", hour = 100000 }' \
    'calendar "always" { hours = "mon-sun 00:00-24:00" }' \
    'department "day" { calendar = "always" }'
sori_lua() { # sori_lua DAYS: with so many closed days from today on
    local i closed=
    for ((i = -1; i < $1; i++)); do closed="$closed\"$(day "$i")\", "; done
    grep -v '"shut"' "$W/sori.lua" > "$T/sori.lua"
    echo "department \"shut\" { hours = \"mon-sun 00:00-24:00\", holidays = { $closed } }" >> "$T/sori.lua"
    cp "$T/sori.lua" "$W/sori.lua"
}
sori_lua 2
policy <<'LUA'
local t = sori.policy "test"
local function says(word)
  return { why = "it says " .. word, function(i) return sori.text.match(i.text, "^" .. word) ~= nil end }
end
t:rule "overdue" { when = { on = "overdue" }, act = { alert "{case.department}: nobody answered", tag "overdue" } }
t:rule "soon" { when = { on = "due_soon" }, act = tag "soon" }
t:rule "closed" { when = { hours_open = false, on = "said" }, check = says("hours"), act = { tag "closed" } }
t:rule "shut" { when = { on = "said" }, check = says("shut"), act = { assign "shut", clock "4h" } }
t:rule "day" { when = { on = "said" }, check = says("day"), act = { assign "day" } }
t:rule "named" { when = { on = "said" }, check = says("named"), act = { assign "shut", clock { "2h", calendar = "always" } } }
t:rule "pause" { when = { on = "said" }, check = says("pause"), act = { assign "day", pause_clock "asked for the order number" } }
t:rule "stop" { when = { on = "said" }, check = says("stop"), act = { assign "day", stop_clock() } }
return t
LUA
start
wait_for 10 "the connection is stored" equals 1 "SELECT count(*) FROM connection"
stop_all # the connection is from yesterday: what was said an hour ago is not past
edit_db "UPDATE connection SET live_from = live_from - 86400000"
start
kase() { db "SELECT $2 FROM kase k JOIN author a ON a.contact = k.contact WHERE a.native = '$1' ORDER BY k.id DESC LIMIT 1"; }
has() { [ "$(kase "$1" "$2")" = "$3" ]; }
clock() { sori show "$(id_of "$1")" --json | python3 -c 'import json,sys; k=json.load(sys.stdin)["case"]["clock"]; v=k
for w in sys.argv[1].split("."): v=v[w]
print(v)' "$2"; }
tagged() { equals 1 "SELECT count(*) FROM tag t JOIN interaction i ON i.id = t.interaction WHERE i.native = '$1' AND t.name = '$2'"; }
near() { local off=$(($3 - $2)); [ ${off#-} -le $((15000 * SLOW)) ] || fail "$1: expected about $2, got $3"; echo "ok: $1"; }
shown() { # shown ID TEXT: in what people see
    local said; said=$(sori show "$(id_of "$1")")
    [[ "$said" == *"$2"* ]] || fail "show $1: no '$2' in: $said"
    echo "ok: show $1: $2"
}

SAID=$(ago 1200)
items a <<I
id=c1|author=c1|text=shut|said_at=$SAID
id=d1|author=d1|text=day|said_at=$SAID
id=n1|author=n1|text=named|said_at=$SAID
id=p1|author=p1|text=pause|said_at=$SAID
id=o1|author=o1|text=stop|said_at=$SAID
I
wait_for 20 "five cases" equals 5 "SELECT count(*) FROM kase WHERE calendar > 0 OR clock = 6"
expect "four hours after the door opens" "$(($(start_of +2) + 4 * 3600000))" "$(kase c1 due)"
expect "an hour from their own time, where it is open" "$((SAID + 3600000))" "$(kase d1 due)"
expect "on the calendar that the policy named" "$((SAID + 7200000))" "$(kase n1 due)"
expect "paused" "5 1 asked for the order number" "$(kase p1 "clock || ' ' || state || ' ' || paused")"
P1=$(kase p1 left_ms)
near "what is left of p1" 2400000 "$P1"
expect "stopped, and open" "6 0" "$(kase o1 "clock || ' ' || state")"
expect "state" running "$(clock c1 state)"
expect "left in open hours" 14400000 "$(clock c1 left_ms)"
expect "closed now" False "$(clock c1 calendar.open)"
shown c1 '4h 0m left, due '
shown c1 'on calendar "shut" (mon-sun 00:00-24:00, holidays'
shown c1 'Asia/Seoul), closed until'
shown p1 "paused: asked for the order number; $((P1 / 60000))m are left when they write"
shown o1 'stopped by the policy'
sori inbox > "$T/inbox"
grep -E "^ *$(id_of c1) " "$T/inbox" | grep -q '4h 0m from ' || fail "inbox: $(cat "$T/inbox")"
grep -E "^ *$(id_of p1) " "$T/inbox" | grep -q ' paused ' || fail "inbox: $(cat "$T/inbox")"
clocks() { sori status | grep -q '^clocks: 3 running, 0 due soon, 0 late, 1 paused'; }
wait_for 10 "status has the clocks" clocks
sori why "$(id_of c1)" | grep -q 'on calendar "shut"' || fail "why does not name the calendar"

# ---- the person writes again: what is left goes on
items b <<'I'
id=p2|author=p1|text=thanks
id=o2|author=o1|text=day
I
wait_for 20 "p1 goes on" has p1 clock 1
near "with what was left" "$(($(date +%s%3N) + P1))" "$(kase p1 due)"
wait_for 20 "who was not waited for is waited for" has o1 clock 1

# ---- by hand: pending, snooze, another department
sori pending "$(id_of d1)" "they look for the receipt" >/dev/null || fail pending
expect "by hand" "5 1" "$(kase d1 "clock || ' ' || state")"
shown d1 'paused: they look for the receipt'
code=0; sori pending "$(id_of d1)" >/dev/null 2>&1 || code=$?
expect "pending wants to know what for" 2 "$code"
items c <<'I'
id=d2|author=d1|text=thanks
I
wait_for 20 "d1 goes on" has d1 clock 1
LEFT=$(($(kase d1 due) - $(date +%s%3N)))
sori assign "$(id_of d1)" shut >/dev/null || fail assign
expect "the department has it" "shut " "$(kase d1 "department || ' ' || coalesce(owner, '')")"
near "what was left, when it opens" "$(($(start_of +2) + LEFT))" "$(kase d1 due)"
sori snooze "$(id_of d1)" 1s >/dev/null || fail snooze
wait_for 20 "awake" has d1 state 0
near "still what was left" "$(($(start_of +2) + LEFT))" "$(kase d1 due)"

# ---- late, and heard late: nobody is told that it is due soon; the answer of before the end counts
LATE=$(ago 3660)
items d <<I
id=l1|author=l1|text=day|said_at=$LATE
id=s1|author=s1|text=day|said_at=$(ago 3000)
I
wait_for 20 "it is late at once" tagged l1 overdue
wait_for 20 "less than a quarter left: due soon at once" tagged s1 soon
stored "not due soon before that" 0 "SELECT count(*) FROM journal j JOIN interaction i ON i.id = j.interaction WHERE i.native = 'l1' AND j.kind = 6"
expect "state" breached "$(clock l1 state)"
expect "reason" "day: nobody answered" "$(kase l1 reason)"
sori inbox | grep -E "^ *$(id_of l1) " | grep -q 'late [1-9]m' || fail "inbox: $(sori inbox)"
items e <<I
id=a1|author=us|origin=hand|parent=l1|text=죄송합니다|said_at=$((LATE + 3590000))
I
wait_for 20 "answered in the native app" has l1 state 3
expect "measured by their clock" met "$(clock l1 state)"
expect "the alert is withdrawn" "withdrawn, answered in time: day: nobody answered" "$(kase l1 reason)"
sori show "$(id_of l1)" | grep -q 'the alert is withdrawn: answered in time, at ' || fail "the history does not say so"
shown l1 'in time: promised by'

# ---- hours change while clocks run, and while Sori does not
sori_lua 3
sori reload >/dev/null || fail reload
wait_for 20 "another day" has c1 due "$(($(start_of +3) + 4 * 3600000))"
expect "other departments keep theirs" "$((SAID + 7200000))" "$(kase n1 due)"
stop_all
sori_lua 4
start
wait_for 20 "and another" has c1 due "$(($(start_of +4) + 4 * 3600000))"
stored "timers of c1" "$(kase c1 due)" "SELECT t.due FROM timer t JOIN kase k ON k.id = t.subject AND k.version = t.version JOIN author a ON a.contact = k.contact WHERE a.native = 'c1' AND t.kind = 7"
printf 'department "lead" { hours = "mon-fri 09:00-25:00" }\n' > "$T/bad"
grep -v '"lead"' "$W/sori.lua" > "$T/ok"; cat "$T/ok" "$T/bad" > "$W/sori.lua"
code=0; said=$(sori reload 2>&1) || code=$?
expect "refused" 3 "$code"
[[ "$said" == *'department "lead": hours = "mon-fri 09:00-25:00": "25:00" is no time of day: expected 00:00 to 24:00'* ]] || fail "$said"
expect "and nothing moved" "$(($(start_of +4) + 4 * 3600000))" "$(kase c1 due)"

# ---- what a policy reads
cp "$T/ok" "$W/sori.lua"
sed -i 's/^workspace { /workspace { hours = "mon-sun 00:00-24:00", holidays = { "'"$(day +0)"'", "'"$(day +1)"'" }, /' "$W/sori.lua"
sori reload >/dev/null || fail reload
items f <<'I'
id=h1|author=h1|text=hours
I
wait_for 20 "the workspace is closed now" tagged h1 closed
sori check --store || fail "check --store"
