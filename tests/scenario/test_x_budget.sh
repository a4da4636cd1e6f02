# A day's money: reading ends at nine tenths of it, answers go on until all is spent and wait then. A
# restart changes nothing of that; another budget does, at once.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/flow.sh"
. "$(dirname "$0")/x.sh"
fake_x
x_workspace 'receive = { "mentions" }, daily_budget = "0.04"'
policy <<'LUA'
local t = sori.policy "test"
t:rule "all" { when = { kind = "mention" }, act = { reply "ok" } }
return t
LUA
heard() { equals 1 "SELECT count(*) FROM interaction WHERE native = '$1' AND state = 1"; }
mentions() { asked path='/2/users/*/mentions'; }
sent() { asked method=POST path=/2/tweets; }
said_so() { "$SORI" status -w "$W" | grep -q 'nine tenths of daily_budget'; }
left=$((86400 - $(date +%s) % 86400)) # a day of money ends at midnight UTC: not in the middle of this
[ $left -gt $((75 * SLOW)) ] || sleep $((left + 1))
start
a=$(says 901 "@ongyeol 하나")
wait_for 30 "answered" is "$a" 4
# Twenty-seven mentions are 2.7 cents, the answer was one: at 3.6 nothing more is read, and what is
# left is too little for another answer, however many polls they come in.
# Nothing is answered before all of it is read: a poll in the middle would leave money for one more.
sori pause >/dev/null || fail "pause"
for i in $(seq 10 35); do says "9$i" "@ongyeol 값을 묻습니다 $i" >/dev/null; done
wait_for 60 "reading ends" said_so
sori resume >/dev/null || fail "resume"
spent="EXISTS (SELECT 1 FROM action a WHERE a.interaction = i.id AND a.reason LIKE '%daily_budget is spent%')"
sent="EXISTS (SELECT 1 FROM action a WHERE a.interaction = i.id AND a.state = 4)"
waits() { equals 1 "SELECT sum($spent) > 0 AND sum(NOT $spent AND NOT $sent) = 0 FROM interaction i WHERE i.origin = 0 AND i.state = 1"; }
wait_for 30 "the answers wait" waits
before=$(mentions) said=$(sent)
b=$(says 902 "@ongyeol 다 쓴 뒤")
stop_all
start
sleep 4
expect "mentions that were read after a restart" "$before" "$(mentions)"
expect "answers that were sent after a restart" "$said" "$(sent)"
heard "$b" && fail "it was read though the money was spent"
sed -i 's/daily_budget = "0.04"/daily_budget = "5.00"/' "$W/sori.lua"
sori reload || fail "reload"
wait_for 20 "with another budget reading goes on" heard "$b"
wait_for 60 "and what waited for money is sent" equals 28 "SELECT count(*) FROM action WHERE state = 4"
sori check --store || fail "check --store"
