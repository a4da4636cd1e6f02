# After a crash the workspace takes its time to load, as it does on a busy machine: what was heard and
# not decided before is decided and answered when it is there, not given up.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/flow.sh"
own_programs
hello_workspace
sed -i /^classifier/d "$W/sori.lua"
policy <<'LUA'
local t = sori.policy "test"
t:rule "all" { when = { kind = "comment" }, act = { reply "ok" } }
return t
LUA
start
say 1 "첫 말"
wait_for 20 "the first is answered" equals 1 "SELECT count(*) FROM action WHERE state = 4"
# The policy hangs, and the core dies before another one is there.
slow_workers 'sleep 1000'
kill -STOP $(pid_of policy)
say 2 "둘째 말"
heard() { [ "$(db "SELECT count(*) FROM journal WHERE text = '$1'")" = 1 ]; }
wait_for 20 "the second is heard" heard "둘째 말"
stop_all
stored "decisions about it" 0 "SELECT count(*) FROM journal JOIN decision USING (seq) WHERE text = '둘째 말'"
slow_workers 'sleep 0.7'
start
wait_for 20 "the second is answered" equals 2 "SELECT count(*) FROM action WHERE state = 4"
stored "given up" 0 "SELECT count(*) FROM decision WHERE CAST(result AS TEXT) LIKE '%connection is gone%'"
