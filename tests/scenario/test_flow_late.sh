# After a crash the workspace takes its time to load, as it does on a busy machine: what was heard and
# not decided before is decided and answered when it is there, not given up.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/flow.sh"
mkdir -p "$T/built/bin"
cp "$BUILD/bin/sorid" "$BUILD/bin/sori" "$BUILD/bin/sori-worker" "$T/built/bin/"
for i in plugins models; do ln -s "$(realpath "$BUILD/$i")" "$T/built/$i"; done
BUILD=$T/built SORI=$T/built/bin/sori
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
# The policy hangs, and the core dies before anybody notices.
kill -STOP $(pid_of policy)
say 2 "둘째 말"
heard() { [ "$(db "SELECT count(*) FROM journal WHERE text = '$1'")" = 1 ]; }
wait_for 20 "the second is heard" heard "둘째 말"
stop_all
stored "decisions about it" 0 "SELECT count(*) FROM journal JOIN decision USING (seq) WHERE text = '둘째 말'"
mv "$BUILD/bin/sori-worker" "$BUILD/bin/worker"
printf '#!/bin/sh\nsleep 0.7\nexec "%s" "$@"\n' "$BUILD/bin/worker" > "$BUILD/bin/sori-worker"
chmod +x "$BUILD/bin/sori-worker"
start
wait_for 20 "the second is answered" equals 2 "SELECT count(*) FROM action WHERE state = 4"
stored "given up" 0 "SELECT count(*) FROM decision WHERE CAST(result AS TEXT) LIKE '%connection is gone%'"
