# With `reload { watch = false }` nothing that is saved goes live before somebody asks: there is time
# to look at the plan.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/flow.sh"
hello_workspace 'reload { watch = false }'
rule() {
    printf 'local t = sori.policy "test"\nt:rule "%s" { when = { kind = "comment" }, act = { tag "%s" } }\nreturn t\n' "$1" "$1"
}
rule first | policy
start
live() { db "SELECT max(id) FROM generation WHERE state = 2"; }
before=$(live)
rule second > "$W/policy/rules/test.lua"
sleep 3
expect "nothing went live by itself" "$before" "$(live)"
sori reload --plan > "$T/plan" || { cat "$T/plan"; fail "the plan"; }
grep -q 'rules/test.lua' "$T/plan" || { cat "$T/plan"; fail "the plan does not name the file"; }
expect "a plan changes nothing" "$before" "$(live)"
sori reload --why "둘째 규칙" > "$T/out" || { cat "$T/out"; fail "reload"; }
later() { [ "$(live)" -gt "$before" ]; }
wait_for 10 "what was asked for is live" later
told() { sori history | grep -q "둘째 규칙"; }
wait_for 10 "the history has its reason" told
expect "deaths of the core" 0 "$(grep -c 'core ended' "$T/log")"
