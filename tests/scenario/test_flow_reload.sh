# Reload while interactions flow: a saved change decides within a second; nothing is lost, nothing
# decided twice; every decision names the generation whose bundle made it. What is broken is refused
# with its place, and the old generation goes on; one step back is one command; a start over broken
# files takes the last good generation and says so.
# alone: it measures a second.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/flow.sh"
hello_workspace 'limits { contact_gap = "0s", hour = 100000 }' 'connection "files" { channel = "import", mode = "observe" }'
rule() { # rule TAG
    printf 'local t = sori.policy "test"\nt:rule "%s" { when = { kind = "comment" }, act = { tag "%s", reply "ok" } }\nreturn t\n' "$1" "$1"
}
live_soon() { # live_soon WHAT: what was saved just now decides within a second
    local saved took
    saved=$(date +%s%3N)
    wait_for 10 "generation of $1" equals $((before + 1)) "SELECT max(id) FROM generation WHERE state = 2"
    took=$(($(db "SELECT at FROM generation ORDER BY id DESC LIMIT 1") - saved))
    echo "ok: $1 is live after $took ms"
    [ "$took" -lt "${SWAP_MS:-$([ -n "${SORI_SANITIZED:-}" ] && echo 5000 || echo 1000)}" ] && return
    # The machine may have stood still for a moment: once.
    [ -z "${late:-}" ] || fail "$1 was live only after $took ms, as $late"
    late="$1 after $took ms"
}
rule first | policy
start
say one "안녕하세요"
wait_for 20 "the first" decided 1
G1=$(db "SELECT max(id) FROM generation")
sori why "$(id_of one)" | grep -q "generation.*$G1" || fail "why does not name generation $G1"

# ---- a rule, saved while a file is imported
awk 'BEGIN { print "native_id,text,author_id"; for (i = 1; i <= 30000; i++) printf "r%d,배송이 너무 늦어요 %d,u%d\n", i, i, i % 3000 }' > "$T/rows.csv"
"$SORI" import "$T/rows.csv" -w "$W" --connection files > "$T/import.out" 2>&1 & IMPORT=$!
for n in 2 3 4 5; do
    wait_for 20 "some are decided" bash -c "[ \$(sqlite3 -readonly $W/data/sori.db 'SELECT count(*) FROM decision') -gt $(( (n - 1) * 1500 )) ]"
    before=$(db "SELECT max(id) FROM generation")
    rule "v$n" > "$W/policy/rules/test.lua"
    live_soon "v$n"
done
wait $IMPORT || fail "the import: $(cat "$T/import.out")"
wait_for 60 "all are decided" decided 30001
stored "each decided once" 30001 "SELECT count(DISTINCT seq) FROM decision"
stored "undecided" 0 "SELECT count(*) FROM journal j LEFT JOIN decision d USING (seq) WHERE j.kind = 1 AND d.seq IS NULL"
stored "decisions whose rule is not of their generation" 0 "SELECT count(*) FROM decision WHERE rule NOT LIKE '%' || CASE generation WHEN $G1 THEN 'first' ELSE 'v' || (generation - $G1 + 1) END || '%'"

# ---- the text of a reply
before=$(db "SELECT max(id) FROM generation")
printf -- '---\nabout: test\n---\n고맙습니다, 고객님\n' > "$W/policy/replies/ok.ko.md"
live_soon "the new text"
say two "잘 쓰고 있어요"
wait_for 20 "the reply" bash -c "grep -q '고맙습니다, 고객님' $W/inbox/reply-*.json"
G=$(db "SELECT id FROM generation WHERE state = 2")
sori why "$(id_of two)" | grep -q "generation.*$G" || fail "why does not name generation $G"

# ---- refused, the old one runs
refused() { # refused WHAT PATTERN
    local code=0
    sori reload > "$T/out.$1" 2>&1 || code=$?
    expect "$1: exit code" 3 "$code"
    grep -qE "$2" "$T/out.$1" || { cat "$T/out.$1"; fail "$1: no line of $2"; }
    stored "$1: generation" "$G" "SELECT id FROM generation WHERE state = 2"
}
cp -r "$W/policy" "$T/good"
good() { cp "$T/good/rules/test.lua" "$W/policy/rules/test.lua"; }
printf 'local t = sori.policy "test"\nt:rule "x" { when = { kind = "comment" } act = {} }\nreturn t\n' > "$W/policy/rules/test.lua"
refused "syntax error" 'test.lua:2'
printf 'local t = sori.policy "test"\nt:rule "x" { when = { kind = "comment" },\n act = { reply "nonesuch" } }\nreturn t\n' > "$W/policy/rules/test.lua"
refused "unknown template" 'test.lua:[23].*nonesuch'
printf 'local t = sori.policy "test"\nt:rule "x" { when = { label = { ["intent.nonesuch"] = 0.5 } }, act = {} }\nreturn t\n' > "$W/policy/rules/test.lua"
refused "unknown label" 'test.lua:2.*nonesuch'
good
mkdir -p "$W/policy/tests"
printf 'local t = sori.policy "test"\nt:case "fails" { given = { kind = "comment", text = "x" }, expect = { rule = "nothing" } }\n' > "$W/policy/tests/bad_test.lua"
refused "failing test" 'bad_test.lua:2'
rm "$W/policy/tests/bad_test.lua"
cp "$W/sori.lua" "$T/sori.lua"
echo 'conection "x" { }' >> "$W/sori.lua"
refused "configuration" 'sori.lua:[0-9]+'
wait_for 5 "status says that the last reload was refused" bash -c "'$SORI' status -w '$W' | grep -qi refused"
say three "아직 괜찮아요"
wait_for 20 "still decided by generation $G" equals 1 "SELECT count(*) FROM decision d JOIN journal j USING (seq) JOIN interaction i ON i.id = j.interaction WHERE i.native = 'three' AND d.generation = $G"
cp "$T/sori.lua" "$W/sori.lua"
wait_for 10 "nothing to complain of" sori reload

# ---- SIGHUP
rule "hup" > "$T/hup.lua"
cat "$T/hup.lua" > "$W/policy/rules/test.lua"
kill -HUP "$KEEPER"
wait_for 10 "generation by SIGHUP or watch" bash -c "[ \$(sqlite3 -readonly $W/data/sori.db 'SELECT max(id) FROM generation WHERE state = 2') -gt $G ]"
kill -0 "$KEEPER" || fail "SIGHUP ended the keeper"
wait_for 10 "the watch and the signal saw the same" awk '/ is live \(/ { same = 0 } /nothing changed/ { same = 1 } END { exit !same }' "$T/log"

# ---- one step back
sori rollback > "$T/rollback" || { cat "$T/rollback"; fail "rollback"; }
say four "되돌렸나요"
wait_for 20 "decided" equals 1 "SELECT count(*) FROM decision d JOIN journal j USING (seq) JOIN interaction i ON i.id = j.interaction WHERE i.native = 'four'"
stored "the rule is the old one's" 1 "SELECT count(*) FROM decision d JOIN journal j USING (seq) JOIN interaction i ON i.id = j.interaction WHERE i.native = 'four' AND d.rule LIKE '%v5%'"
LIVE=$(db "SELECT id FROM generation WHERE state = 2")

# ---- a start over broken files
kill -TERM "$KEEPER"; wait "$KEEPER"; KEEPER=
echo 'this is no Lua' > "$W/policy/rules/test.lua"
: > "$T/log"
start
grep -q "last good one" "$T/log" || fail "the start over broken files says nothing"
say five "다시 시작"
wait_for 20 "decided after the start" equals 1 "SELECT count(*) FROM decision d JOIN journal j USING (seq) JOIN interaction i ON i.id = j.interaction WHERE i.native = 'five' AND d.rule LIKE '%v5%'"
wait_for 20 "replies to one, two, three, four and five" equals 5 "SELECT count(*) FROM action WHERE state = 4"
expect "reply files" 5 "$(replies)"
sori check --store || fail "check --store"
