# Who wrote a message: the webhook brings an id alone. The name is looked up, and inbox and show have
# it a moment later; whom the platform keeps to itself stays an id, and is not asked for again.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/flow.sh"
. "$(dirname "$0")/graph.sh"
graph_start
OPTIONS='messages = false,' page_workspace # conversations would bring the name too
policy_all 'hold "read it"' message
name_of() { db "SELECT coalesce(a.name, '') FROM author a JOIN interaction i ON i.author = a.id WHERE i.native = '$1'"; }
psid_of() { db "SELECT a.native FROM author a JOIN interaction i ON i.author = a.id WHERE i.native = '$1'"; }
named() { [ "$(name_of "$1")" = "$2" ]; }
profiles() { asked -d method=GET -d "path=/v26.0/$1"; }
no_task() { equals 0 "SELECT count(*) FROM task WHERE key LIKE 'profile:%'"; }
start
hooked
# Our connection wants no messages, and says so again when it looks after itself.
message() { fake set "subscribed=feed,messages" >/dev/null; fake message "$@"; }
fake fail method=GET match=last_name wait=5000 >/dev/null # the name takes its time
a=$(message message="담요 언제 와요?" from=김하늘)
wait_for 20 "the message is heard" heard "$a"
expect "its author, by webhook" "" "$(name_of "$a")"
wait_for 30 "the name is known" named "$a" 김하늘
sori show "$(id_of "$a")" | grep -q 김하늘 || { sori show "$(id_of "$a")"; fail "show has no name"; }
sori inbox | grep -q 김하늘 || { sori inbox; fail "the inbox has no name"; }
wait_for 10 "the task is done" no_task
expect "profiles that were read" 1 "$(profiles "$(psid_of "$a")")"
b=$(message message="그리고 조명도요" from=김하늘)
wait_for 20 "one more message" heard "$b"
expect "by the same person" "$(psid_of "$a")" "$(psid_of "$b")"

# Refused: the id alone stays.
fake set profiles=0 >/dev/null
c=$(message message="환불해 주세요" from=이바다)
wait_for 20 "a message of somebody else" heard "$c"
asked_for() { [ "$(profiles "$(psid_of "$c")")" -ge 1 ]; }
wait_for 30 "it was asked for" asked_for
wait_for 20 "the task is done" no_task
d=$(message message="여보세요" from=이바다)
wait_for 20 "they write again" heard "$d"
polls=$(asked -d method=GET)
polled() { [ "$(asked -d method=GET)" -ge $((polls + 5)) ]; }
wait_for 30 "some polls after that" polled
wait_for 20 "no task is left" no_task
expect "a refused profile is asked for" 1 "$(profiles "$(psid_of "$c")")"
expect "its author" "" "$(name_of "$c")"
expect "profiles of the first" 1 "$(profiles "$(psid_of "$a")")"
sori status | grep -q "^page .*ready" || { sori status; fail "the connection is not ready"; }
sori check --store || fail "check --store"
