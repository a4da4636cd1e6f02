# Cases: the 60 minutes, clocks that fire and clocks that are dead, snooze, assign, close, and what
# an answer to one word means for the other words of the same person.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/flow.sh"
own_programs
MODE=auto puppet_workspace 'limits { contact_gap = "2s", hour = 100000 }'
policy <<'LUA'
local t = sori.policy "test"
local function says(word)
  return { why = "it says " .. word, function(i) return sori.text.match(i.text, "^" .. word) ~= nil end }
end
t:rule "overdue" { when = { on = "overdue" }, act = { assign "lead", tag "overdue", clock "30m" } }
t:rule "soon" { when = { on = "due_soon" }, act = { tag "soon" } }
t:rule "again" { when = { on = "follow_up" }, act = { tag "follow_up" } }
t:rule "short" { when = { on = "said" }, check = says("short"), act = { hold "read it", clock "1s" } }
t:rule "quarter" { when = { on = "said" }, check = says("quarter"), act = { hold "read it", clock "902s" } }
t:rule "later" { when = { on = "said" }, check = says("later"), act = { hold "read it", follow_up "1s" } }
t:rule "hold" { when = { on = "said" }, check = says("hold"), act = { hold "only a person" } }
t:rule "wait" { when = { on = "said" }, check = says("wait"), act = { reply { "ok", approve = true }, assign "support" } }
t:rule "answer" { when = { on = "said" }, check = says("answer"), act = { reply "ok", assign "support", clock "60m" } }
t:rule "turns" { when = { on = "said" }, check = says("turns"), act = { relate "anti" } }
t:rule "twofold" { when = { on = "said" }, check = says("twofold"), act = { assign "support", reply "ok", private_reply "ok" } }
t:rule "private" { when = { on = "said" }, check = says("private"), act = { private_reply "ok", assign "support", clock "60m" } }
return t
LUA
start
kase() { db "SELECT $2 FROM kase k JOIN author a ON a.contact = k.contact WHERE a.native = '$1' ORDER BY k.id DESC LIMIT 1"; }
tagged() { equals 1 "SELECT count(*) FROM tag t JOIN interaction i ON i.id = t.interaction WHERE i.native = '$1' AND t.name = '$2'"; }
entries() { db "SELECT count(*) FROM journal j JOIN interaction i ON i.id = j.interaction WHERE i.native = '$1' AND j.kind = $2"; }
is() { [ "$(db "SELECT group_concat(state, ' ') FROM (SELECT a.state FROM action a JOIN interaction i ON i.id = a.interaction WHERE i.native = '$1' ORDER BY a.id)")" = "$2" ]; }

items a <<'I'
id=s1|author=s1|reach=50000|max=5000|window=3600000|text=short
id=q1|author=q1|text=quarter
id=l1|author=l1|window=900|text=later
id=n1|author=n1|why=reply: closed here|text=short
id=h1|author=h1|text=hold
I
wait_for 20 "the clock of 1 s fires" tagged s1 overdue
wait_for 20 "902 s: due soon fires after 2 s" tagged q1 soon
wait_for 20 "follow up fires" tagged l1 follow_up
expect "department" lead "$(kase s1 department)"
# What wakes by time knows who waits, and before how many, as the words did.
expect "who waits" "s1 50000 5000" "$(sori why "$(id_of s1)" --json | python3 -c 'import json, sys
late = [d["facts"] for d in json.load(sys.stdin)["decisions"] if d["on"] == "overdue"][0]
print(late.get("author"), late.get("reach"), late.get("text_max"))')"
# … and what the channel lets us do as it is by now: a window is shorter, or has closed.
fact() { # NATIVE ENTRY EXPRESSION of its facts f
    sori why "$(id_of "$1")" --json | python3 -c 'import json, sys
f = [d["facts"] for d in json.load(sys.stdin)["decisions"] if d["on"] == sys.argv[1]][0]
print(eval(sys.argv[2]))' "$2" "$3"
}
expect "what is left of an hour" True "$(fact s1 overdue '3000000 < f["window_left"] <= 3599000')"
expect "a window was open" "900 True" "$(fact l1 said '"%d %s" % (f["window_left"], f["can_reply_privately"])')"
expect "and has closed" "None True False" "$(fact l1 follow_up '"%s %s %s" % (f.get("window_left"), f["can_reply"], f["can_reply_privately"])')"
expect "and it is said" "reply privately: the window to answer is closed" "$(fact l1 follow_up 'f["why_not"]')"
wait_for 20 "the clock of n1 fires" tagged n1 overdue
expect "why not" "False reply: closed here" "$(fact n1 overdue '"%s %s" % (f["can_reply"], f["why_not"])')"
expect "overdue once" 1 "$(entries s1 7)"
left=$(( $(kase h1 due) - $(date +%s%3N) ))
[ $left -gt 3500000 ] && [ $left -le 3600000 ] || fail "the clock of h1 has $left ms left, not 60 minutes"
echo "ok: 60 minutes"

# ---- dead by version: closed before it fires; put aside and back
items b <<'I'
id=s2|author=s2|text=quarter
I
wait_for 20 "s2" equals 1 "SELECT count(*) FROM kase k JOIN author a ON a.contact = k.contact WHERE a.native = 's2'"
due=$(kase s2 due)
sori close "$(id_of s2)" >/dev/null || fail close
closed=$(db "SELECT max(seq) FROM journal j JOIN interaction i ON i.id = j.interaction WHERE i.native = 's2' AND j.kind = 9")
expect "closed" 4 "$(kase s2 state)"
sori snooze "$(id_of h1)" 1h >/dev/null || fail snooze
expect "asleep" 2 "$(kase h1 state)"
sori snooze "$(id_of h1)" 1s >/dev/null || fail snooze
wait_for 20 "awake again" equals 0 "SELECT k.state FROM kase k JOIN author a ON a.contact = k.contact WHERE a.native = 'h1'"
wait_for 20 "follow up" tagged h1 follow_up
sori assign "$(id_of q1)" 지민 >/dev/null || fail assign
expect "owner" 지민 "$(kase q1 owner)"
sori contact set "$(id_of q1)" relationship=loyal >/dev/null || fail "contact set"
stored "relationship" 2 "SELECT c.relationship FROM contact c JOIN author a ON a.contact = c.id WHERE a.native = 'q1'"
sori assign "$(id_of s1)" 민수 >/dev/null || fail assign
code=0; sori snooze "$(id_of q1)" 99999999999999999999d >/dev/null 2>&1 || code=$?
expect "a span that is none" 2 "$code"
# It would have been due soon 900 s before its end; and what comes by time comes every tenth of a second.
soon() { [ "$(date +%s%3N)" -gt $((due - 900000 + 1000)) ]; }
wait_for 20 "the time of what is closed has come" soon
stored "no timer of a closed case fired" 0 "SELECT count(*) FROM journal j JOIN interaction i ON i.id = j.interaction WHERE i.native = 's2' AND j.kind IN (6, 7) AND j.seq > $closed"
expect "assigning what was overdue fires nothing" 1 "$(entries s1 7)"

# ---- one person, two words: rules speak to both, the second after the gap; a person answers
items c <<'I'
id=t1|author=t|text=answer 하나
id=t2|author=t|text=answer 둘
I
wait_for 20 "the first" is t1 4
wait_for 20 "the second is not lost" is t2 4
expect "a rule spoke, and a human word is still owed" 0 "$(kase t state)"
[ "$(kase t due)" -gt "$(date +%s%3N)" ] || fail "the clock of t does not run"
sori reply "$(id_of t2)" "직접 확인했습니다" >/dev/null || fail reply
wait_for 20 "a person's answer" equals 3 "SELECT k.state FROM kase k JOIN author a ON a.contact = k.contact WHERE a.native = 't'"

# ---- an answer to one word leaves the other that waits for a person
items d <<'I'
id=w1|author=w|text=answer 하나
id=w2|author=w|text=wait 둘
I
wait_for 20 "the first" is w1 4
stored "the second waits" 0 "SELECT a.state FROM action a JOIN interaction i ON i.id = a.interaction WHERE i.native = 'w2'"
expect "the case is open" 0 "$(kase w state)"
sori approve "$(id_of w2)" >/dev/null || fail approve
wait_for 20 "approved" is w2 4
expect "answered" 3 "$(kase w state)"

# ---- an answer of two parts: the first does not withdraw the second
items d2 <<'I'
id=two1|author=two|text=twofold
I
wait_for 20 "both parts leave" is two1 "4 4"

# ---- nor the one that only a person may answer
items e <<'I'
id=x1|author=x|text=answer 하나
I
wait_for 20 "the first" is x1 4
items e <<'I'
id=x2|author=x|text=answer 둘
id=x3|author=x|text=hold
I
wait_for 20 "the hold is decided" equals 1 "SELECT count(*) FROM decision d JOIN journal j USING (seq) JOIN interaction i ON i.id = j.interaction WHERE i.native = 'x3'"
wait_for 20 "the second, after the gap" is x2 4
expect "the hold is still open" 0 "$(kase x state)"
grep -qw "$(id_of x3)" <(sori inbox) || fail "the hold is not in the inbox"

# ---- rejected: the case stays open, and its clock goes on
items f <<'I'
id=r1|author=r|text=wait 하나
I
wait_for 20 "r1 waits" is r1 0
sori reject "$(id_of r1)" >/dev/null || fail reject
stored "live timers of the case" 1 "SELECT count(*) FROM timer t JOIN kase k ON k.id = t.subject AND k.version = t.version JOIN author a ON a.contact = k.contact WHERE a.native = 'r' AND t.kind = 7"

# ---- in doubt, while the case moves on: not sent means sent again
echo never > "$W/inbox/act"
items g <<'I'
id=p1|kind=message|author=p|text=private
I
wait_for 20 "in doubt" is p1 5
rm "$W/inbox/act"
items g <<'I'
id=p1|kind=message|author=p|text=private
id=p2|author=p|text=hold
I
wait_for 20 "p2" equals 1 "SELECT count(*) FROM interaction WHERE native = 'p2'"
sori resolve "$(id_of p1)" --not-sent >/dev/null || fail resolve
wait_for 20 "sent again" is p1 4

# ---- a person answers before the policy did: one answer
slow_workers "while [ -e '$T/hold' ]; do sleep 0.1; done" # a hanging one is replaced soon
touch "$T/hold"
kill -9 $(pid_of policy)
items h <<'I'
id=z1|author=z|text=answer 먼저
I
wait_for 20 "heard" equals 1 "SELECT count(*) FROM interaction WHERE native = 'z1'"
sori reply "$(id_of z1)" "사람이 먼저" >/dev/null || fail reply
rm "$T/hold"
wait_for 20 "decided" equals 1 "SELECT count(*) FROM decision d JOIN journal j USING (seq) JOIN interaction i ON i.id = j.interaction WHERE i.native = 'z1' AND j.kind = 1"
wait_for 20 "answered once" is z1 4
# ---- since when somebody stands so with us, and by whom: a person, or a rule
items i <<'I'
id=q2|author=q1|text=hold 또
id=v1|author=v|text=turns 이제
I
wait_for 20 "the rule has turned v" equals 3 "SELECT c.relationship FROM contact c JOIN author a ON a.contact = c.id WHERE a.native = 'v'"
items i <<'I'
id=v2|author=v|text=hold 다시
I
since() { # NATIVE: how and since when, in milliseconds, and by whom
    sori why "$(id_of "$1")" --json | python3 -c 'import datetime, json, sys
p = json.load(sys.stdin)["person"]
at = datetime.datetime.fromisoformat(p["relationship_since"].replace("Z", "+00:00"))
print(p["relationship_then"], round(at.timestamp() * 1000), p["relationship_by"])' 2>&1
}
stands() { [ "$(since "$1")" = "$2" ]; }
wait_for 20 "q2 is decided" equals 1 "SELECT count(*) FROM decision d JOIN interaction i ON i.said = d.seq WHERE i.native = 'q2'"
wait_for 20 "v2 is decided" equals 1 "SELECT count(*) FROM decision d JOIN interaction i ON i.said = d.seq WHERE i.native = 'v2'"
set_at=$(db "SELECT at || ' ' || actor FROM journal WHERE kind = 9 AND text = 'relationship=loyal'")
wait_for 20 "loyal since a person said so" stands q2 "loyal $set_at"
turned_at=$(db "SELECT d.at FROM decision d JOIN interaction i ON i.said = d.seq WHERE i.native = 'v1'")
wait_for 20 "anti since a rule said so" stands v2 "anti $turned_at rule turns"
stands v1 "neutral $turned_at None" || fail "the decision that turned v was made of the one before: $(since v1)"
sori why "$(id_of v2)" | grep -q "anti when this was decided, since .* by rule turns" || fail "why: $(sori why "$(id_of v2)")"

expect "deaths of the core" 0 "$(grep -c 'refused a commit' "$T/log")"
sori check --store || fail "check --store"
