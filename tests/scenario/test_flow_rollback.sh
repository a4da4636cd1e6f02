# A person's step back wins over what was saved just before it, until files change again after it.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/flow.sh"
hello_workspace
rule() { # rule TAG: saved as an editor saves
    printf 'local t = sori.policy "test"\nt:rule "%s" { when = { kind = "comment" }, act = { tag "%s" } }\nreturn t\n' "$1" "$1" > "$W/rule.new"
    mv "$W/rule.new" "$W/policy/rules/test.lua"
}
live() { db "SELECT max(id) FROM generation WHERE state = 2"; }
policy < /dev/null
rule v1
start
wait_for 10 "the first generation" equals 1 "SELECT count(*) FROM generation"
G=$(live)
rule v2
wait_for 10 "v2" equals $((G + 1)) "SELECT max(id) FROM generation WHERE state = 2"
for round in 1 2 3; do
    rule "late$round"
    sori rollback > "$T/rollback" || { cat "$T/rollback"; fail "rollback"; }
    back=$(live)
    sleep 1
    expect "round $round: the step back stands" "$back" "$(live)"
    say "r$round" "안녕하세요"
    wait_for 10 "decided" equals 1 "SELECT count(*) FROM decision d JOIN journal j USING (seq) JOIN interaction i ON i.id = j.interaction WHERE i.native = 'r$round'"
    db "SELECT d.rule FROM decision d JOIN journal j USING (seq) JOIN interaction i ON i.id = j.interaction WHERE i.native = 'r$round'" | grep -q late && fail "round $round: what was stepped back from decides"
    rule "next$round"
    wait_for 10 "round $round: a change after it counts" bash -c "[ \$(sqlite3 -readonly $W/data/sori.db 'SELECT max(id) FROM generation WHERE state = 2') -gt $back ]"
done
# One that fails gives way to what it had put off: here its model is gone, the kept copy as well.
mkdir -p "$W/models"
cp "$BUILD/models/tone.ko" "$W/models/own.ko"
cp "$W/sori.lua" "$T/sori.lua"
before=$(live)
sed 's/ko = "tone.ko"/ko = "own.ko"/' "$T/sori.lua" > "$W/sori.new"
mv "$W/sori.new" "$W/sori.lua"
wait_for 10 "a model of its own" equals $((before + 1)) "SELECT max(id) FROM generation WHERE state = 2"
OWN=$(live)
cp "$T/sori.lua" "$W/sori.new"
mv "$W/sori.new" "$W/sori.lua"
wait_for 10 "the usual model" equals $((OWN + 1)) "SELECT max(id) FROM generation WHERE state = 2"
rm "$W/models/own.ko" "$W"/data/parts/own.*.ko
wait_for 10 "the watch looked at it" bash -c "grep -q 'nothing changed' $T/log"
before=$(live)
rule refused
sori rollback "$OWN" > "$T/rollback" 2>&1 && fail "a step back to a model that is gone"
grep -q 'own.ko' "$T/rollback" || fail "$(cat "$T/rollback")"
wait_for 10 "the change that was put off" equals $((before + 1)) "SELECT max(id) FROM generation WHERE state = 2"
expect "deaths of the core" 0 "$(grep -c 'core ended' "$T/log")"
