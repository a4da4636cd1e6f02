# A step back is never held up: neither one that a person asks for nor one that Sori takes by itself
# waits for the back-test of another change, which may take minutes.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/flow.sh"
hello_workspace 'reload { max_change = "100%" }'
rule() { # rule TAG: on disk at once, and asked for by hand
    printf 'local t = sori.policy "test"\nt:rule "%s" { when = { kind = "comment" }, act = { tag "%s" } }\nreturn t\n' "$1" "$1" > "$W/rule.new"
    mv "$W/rule.new" "$W/policy/rules/test.lua"
}
live() { db "SELECT max(id) FROM generation WHERE state = 2"; }
policy < /dev/null
rule v1
start
say a1 "안녕하세요"
wait_for 15 "one is decided" decided 1
rule v2
sori reload > /dev/null || fail "v2"
two=$(live)

# Who has the history does not answer, so that the proof of the third one goes on and on.
stopped=$(pid_of reader | head -1)
kill -STOP "$stopped"
rule v3
sori reload > "$T/reload" 2>&1 &
reload=$!
asked() { proof=$(pid_of proof | head -1); [ -n "$proof" ]; }
wait_for 20 "history is asked" asked
sleep 1
asked || fail "history answered"
began=$(date +%s)
timeout 60 "$SORI" rollback -w "$W" > "$T/rollback" 2>&1 || fail "rollback: $(cat "$T/rollback")"
took=$(($(date +%s) - began))
[ "$took" -lt 30 ] || fail "the step back took $took s"
grep -q "rollback to generation" "$T/rollback" || fail "$(cat "$T/rollback")"
code=0
wait "$reload" || code=$?
expect "the change in hand is refused" 3 "$code"
# Where the watch was the first with it, the command waited behind it.
grep -q 'a step back was asked for\|a step back waits' "$T/reload" || fail "$(cat "$T/reload")"
say a2 "안녕하세요"
wait_for 15 "another is decided" decided 2
stored "by the first rule" v1 "SELECT rule FROM decision ORDER BY seq DESC LIMIT 1"
wait_for 10 "the proof is gone" test ! -d "/proc/$proof"
kill -CONT "$stopped" 2> /dev/null
wait_for 30 "who has the history answers" "$SORI" status -w "$W"
sori reload > "$T/reload" 2>&1 || fail "asked again: $(cat "$T/reload")"
say a3 "안녕하세요"
wait_for 15 "a third is decided" decided 3
stored "by the third rule" v3 "SELECT rule FROM decision ORDER BY seq DESC LIMIT 1"
