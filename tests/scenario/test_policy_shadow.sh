# A shadow decides beside the live policy and sends nothing: its report counts what an independent count
# says, goes on over reloads and the end of its processes, and a candidate that loops, crashes or does
# not load costs the live flow nothing.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/flow.sh"
hello_workspace 'limits { contact_gap = "0s", hour = 600 }'
rules() { # rules CLOCK [more lines of Lua]
    cat <<LUA
local t = sori.policy "test"
${2:-}
t:rule "question" { when = { words = { "얼마", "언제" } }, act = { reply "ok", clock "$1" } }
t:rule "rest" { when = { kind = "comment" }, act = { tag "rest" } }
return t
LUA
}
candidate() { # candidate NAME CLOCK [more]
    mkdir -p "$T/$1/rules"
    cp -r "$W/policy/replies" "$T/$1/"
    echo 'return { "rules/test" }' > "$T/$1/init.lua"
    rules "$2" "${3:-}" > "$T/$1/rules/test.lua"
}
shadow() { "$SORI" policy shadow "$@" -w "$W"; }
report() { shadow --json > "$T/report" 2> "$T/err"; }
value() { python3 -c 'import json,sys; r=json.load(open(sys.argv[1]))
for k in sys.argv[2].split("."): r=r[int(k)] if isinstance(r,list) else r[k]
print(r)' "$T/report" "$1"; }
compared() { report && [ "$(value compared)" = "$1" ]; }
n=0
talk() { # talk COUNT: half of them ask
    for _ in $(seq "$1"); do
        n=$((n + 1))
        if [ $((n % 2)) = 0 ]; then say "q$n" "이거 얼마예요 $n"; else say "c$n" "예쁘네요 $n"; fi
    done
    wait_for 30 "$n are decided" decided "$n"
}
rules 60m | policy
start
report && fail "a report without a shadow"
grep -q 'sori policy shadow DIR' "$T/err" || fail "$(cat "$T/err")"
candidate other 90m
shadow "$T/other" > "$T/out" || fail "the shadow begins: $(cat "$T/out")"
grep -q 'sends nothing' "$T/out" || fail "$(cat "$T/out")"
talk 10
wait_for 10 "ten are compared" compared 10
expect "those of the changed rule change" 5 "$(value changed)"
expect "what it is" "shadow" "$(value mode)"
expect "from what to what" "clock 1h → clock 90m" "$(value moves.0.move)"
wait_for 10 "five replies, all by the live one" equals 5 "SELECT count(*) FROM action WHERE state = 4"
stored "clocks are the live one's" 0 "SELECT count(*) FROM kase WHERE due > (SELECT max(at) FROM journal) + 61 * 60000"
shadow "$T/other" > "$T/text" || fail "the same command shows the report"
grep -q 'question (rules/test.lua:3)' "$T/text" || fail "$(cat "$T/text")"

# Over a reload of the live one, and another report.
rules 90m > "$W/rule.new"
mv "$W/rule.new" "$W/policy/rules/test.lua"
sori reload > /dev/null || fail "reload"
talk 10
wait_for 10 "twenty are compared" compared 20
expect "the live one has become the same" 5 "$(value changed)"

# Its worker dies, its process dies: the core lives, and the shadow goes on.
kill -9 "$(pid_of proof | head -1)"
wait_for 20 "it is there again" report
talk 4
more() { report && [ "$(value compared)" -ge "$1" ]; }
was=$(value compared)
wait_for 10 "it compares again" more $((was + 1))
expect "deaths of the core" 0 "$(grep -c 'core ended' "$T/log")"

# A candidate that never ends costs itself its decisions, and nobody else.
candidate loop 90m 't:rule "loop" { when = { kind = "comment" }, check = { why = "for ever", function(i) while true do end end }, act = { tag "x" } }'
shadow "$T/loop" > /dev/null || fail "the looping one"
talk 10
wait_for 20 "ten are compared" compared 10
expect "all are stopped" "10 10" "$(value changed) $(value stopped)"
stored "and nothing live is held" 0 "SELECT count(*) FROM decision WHERE status = 4"
# Who waits for the candidate waits each time; the machine may stand still for a moment, but once.
for _ in 1 2 3; do
    from=$(db "SELECT max(seq) FROM decision")
    talk 10
    late=$(db "SELECT count(*) FROM decision d JOIN journal j USING (seq) WHERE d.seq > $from AND d.at - j.at > 3000")
    [ "$late" != 0 ] || break
done
expect "decided late" 0 "$late"

# One that does not load is refused, with the line.
candidate bad 90m 't:rule "bad" { when = { kind = "komment" }, act = { tag "x" } }'
shadow "$T/bad" > "$T/out" 2> "$T/err"
expect "refused" 3 $?
grep -q 'rules/test.lua:2' "$T/err" || fail "$(cat "$T/err")"
wait_for 20 "the one before goes on" report
case $(value policy) in */loop) ;; *) fail "another one goes on: $(value policy)" ;; esac

# Over a restart it goes on: what was compared stays, and what may be missing is said.
shadow "$T/other" > /dev/null || fail "once more"
talk 6
wait_for 20 "six are compared" compared 6
begun=$(value since)
kill -9 "$(pid_of core | head -1)"
wait_for 30 "the core answers" "$SORI" status -w "$W"
wait_for 20 "the shadow is there again" report
expect "what was compared before the restart" 6 "$(value compared)"
expect "since" "$begun" "$(value since)"
expect "it says that some seconds got lost" 1 "$(value gaps)"
talk 2
wait_for 20 "eight are compared" compared 8
shadow > "$T/text"
grep -q 'begun ' "$T/text" && grep -q 'gaps  *1  times Sori or the shadow was started again, last ' "$T/text" || fail "$(cat "$T/text")"
kill -TERM "$KEEPER"; wait "$KEEPER"; KEEPER=
start
wait_for 20 "the shadow is there after an orderly restart" report
expect "compared" 8 "$(value compared)"
shadow --stop > "$T/out" || fail "stop: $(cat "$T/out")"
report && fail "it goes on after its end"
none_left() { [ -z "$(pid_of proof)" ]; }
wait_for 10 "no process is left" none_left
sori check --store || fail "check --store"
