# Steps back: to the one before, to one that is named, by itself when the new one errs, and what is
# stepped back from stays away over a restart until a file changes. History tells it.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/flow.sh"
METRICS=$(free_port)
hello_workspace 'limits { contact_gap = "0s", hour = 100000 }' 'metrics { listen = "127.0.0.1:'"$METRICS"'" }' 'connection "files" { channel = "import", mode = "observe" }'
rule() { # rule TAG
    printf 'local t = sori.policy "test"\nt:rule "%s" { when = { kind = "comment" }, act = { tag "%s" } }\nreturn t\n' "$1" "$1" > "$W/rule.new"
    mv "$W/rule.new" "$W/policy/rules/test.lua"
}
policy < /dev/null
rule one
start
live() { db "SELECT max(id) FROM generation WHERE state = 2"; }
rule_of() { db "SELECT d.rule FROM decision d JOIN journal j USING (seq) JOIN interaction i ON i.id = j.interaction WHERE i.native = '$1'"; }
decides() { # decides NAME RULE
    say "$1" "안녕하세요"
    wait_for 20 "$1 is decided" equals 1 "SELECT count(*) FROM decision d JOIN journal j USING (seq) JOIN interaction i ON i.id = j.interaction WHERE i.native = '$1'"
    expect "$1 is decided by" "$2" "$(rule_of "$1")"
}
restart() { kill -TERM "$KEEPER"; wait "$KEEPER"; KEEPER=; : > "$T/log"; start; }
# When the machine is slow the first second after a change belongs to who saved it.
save() { rule "$1"; sori reload --why "$2" > "$T/out" || { cat "$T/out"; fail "reload $1"; }; }
save two "softer words"
save three "still softer"
decides a three
expect "live" 3 "$(live)"

# ---- one step, a named one, none that cannot be
sori rollback --why "too soft" > "$T/out" || { cat "$T/out"; fail "rollback"; }
grep -q "^generation 4 is live (rollback to generation 2: too soft)" "$T/out" || fail "$(cat "$T/out")"
decides b two
sori rollback > "$T/out" || { cat "$T/out"; fail "rollback"; }
grep -q "rollback to generation 1" "$T/out" || fail "it goes forward to what was taken back: $(cat "$T/out")"
decides c one
code=0; sori rollback > "$T/out" 2>&1 || code=$?
expect "before the first there is none" 1 "$code"
sori rollback 3 > "$T/out" || { cat "$T/out"; fail "a named one"; }
shown() { sori status > "$T/status" && grep -q "generation $(live), live" "$T/status"; }
wait_for 10 "status knows what is live" shown
grep -q 'still drains: 0 ' "$T/status" && fail "nothing drains: $(cat "$T/status")"
decides d three
for wrong in 99 6; do
    code=0; sori rollback $wrong > "$T/out" 2>&1 || code=$?
    expect "rollback $wrong" 1 "$code"
done
for wrong in x 0 -1 2x; do
    code=0; sori rollback -- $wrong > "$T/out" 2>&1 || code=$?
    expect "rollback $wrong, which is no number" 2 "$code"
done

# ---- over a restart: until a file changes
# It says that the files differ from what is live, and what to do; status and history do, too.
away() { # away FILE
    grep -q "the files on disk differ from generation $(live), which is live: they were stepped back from and stay away, .*reload --plan. shows" "$1" || { cat "$1"; fail "$2 does not say that the files stay away"; }
}
sori status | grep -q "the files on disk differ" && fail "status says that they differ where they do not"
sori rollback 2 > "$T/out" || { cat "$T/out"; fail "rollback 2"; }
LIVE=$(live)
away "$T/out" "rollback"
differ() { sori status > "$T/status" && grep -q "the files on disk differ" "$T/status"; }
wait_for 10 "status says that the files stay away" differ
away "$T/status" "status"
sori history --limit 1 > "$T/story"; away "$T/story" "history"
restart
grep -q "stepped back from" "$T/log" || fail "the start says nothing of the step back"
expect "the step back holds over a restart" "$LIVE" "$(live)"
sori status > "$T/out"; grep -q "stepped back from" "$T/out" || { cat "$T/out"; fail "status says nothing of it"; }
decides e two
touch "$W/policy/rules/test.lua"
sleep 1
expect "a touch is no change" "$LIVE" "$(live)"
rule four
wait_for 10 "a change is" equals $((LIVE + 1)) "SELECT max(id) FROM generation WHERE state = 2"
decides f four
agree() { sori status > "$T/status" && ! grep -q "the files on disk differ" "$T/status"; }
wait_for 10 "status does not say any more that they differ" agree
sori rollback > "$T/out" || { cat "$T/out"; fail "rollback"; }
sori reload --why "I insist" > "$T/out" || { cat "$T/out"; fail "reload"; }
grep -q "is live (I insist)" "$T/out" || fail "a person who insists: $(cat "$T/out")"
decides g four

# ---- bad files at the start: the last good one, said loudly, everywhere
LIVE=$(live)
echo 'this is no Lua' > "$W/policy/rules/test.lua"
code=0; sori reload --json > "$T/out" 2>/dev/null || code=$?
expect "refused" 3 "$code"
python3 -c '
import json, re, sys
d = json.load(sys.stdin)
assert not d["ok"] and d["text"].startswith("refused; generation "), d
assert d["errors"] and all(re.match(r"\S+:\d+: ", e) for e in d["errors"]), d
' < "$T/out" || fail "the errors, and nothing else, as JSON: $(cat "$T/out")"
kill -TERM "$KEEPER"; wait "$KEEPER"; KEEPER=
: > "$T/log"
start
expect "the last good one" "$LIVE" "$(live)"
grep -q "last good one" "$T/log" || fail "the log says nothing"
loud() { sori status > "$T/out" && grep -q "refused" "$T/out" && grep -q "last good one" "$T/out" && grep -q "rules/test.lua:1" "$T/out"; }
wait_for 10 "status says what is refused, where, and what runs" loud
# Whoever answers there is given the socket by way of the keeper, a moment after the start.
ready_tells() { curl -s -m 5 "http://127.0.0.1:$METRICS/readyz" | grep -q 'last good one'; }
wait_for 10 "readyz says it" ready_tells
curl -s "http://127.0.0.1:$METRICS/metrics" | grep -q '^sori_reload_failed 1$' || fail "the metric does not say so"
decides h four
rule five
wait_for 10 "mended" equals 1 "SELECT count(*) FROM generation g JOIN blob b ON b.id = g.manifest WHERE g.state = 2 AND instr(b.data, 'tag \"five\"')"
content() { sori status > "$T/status" && ! grep -q "refused\|last good" "$T/status"; }
wait_for 10 "status complains no more" content

# ---- by itself: half of what it decides runs into an error
import() { # import NAME FROM TO
    awk -v n="$1" -v a="$2" -v b="$3" 'BEGIN { print "native_id,text,author_id"; for (i = a; i <= b; i++) printf "%s%d,배송이 늦어요 %d,u%d\n", n, i, i, i }' > "$T/$1.csv"
    "$SORI" import "$T/$1.csv" -w "$W" --connection files > "$T/import.out" 2>&1 || { cat "$T/import.out"; fail "import"; }
}
import calm 1 60
GOOD=$(live)
cat > "$W/rule.new" <<'LUA'
local t = sori.policy "test"
t:rule "bad" { when = { kind = "comment" }, act = function(i)
  if sori.text.match(i.text, "[13579]$") then return tag(nil) end
  return tag "fine"
end }
return t
LUA
mv "$W/rule.new" "$W/policy/rules/test.lua"
sori reload --why "clever" > "$T/out" || { cat "$T/out"; fail "reload"; }
BAD=$(live)
[ "$BAD" -gt "$GOOD" ] || fail "the bad one is not live"
import storm 1 60
wait_for 15 "it is taken back by itself" equals "$GOOD" "SELECT back FROM generation WHERE state = 2"
stored "by" sori "SELECT \"by\" FROM generation WHERE state = 2"
stored "the bad one is marked" 1 "SELECT undone FROM generation WHERE id = $BAD"
grep -q "generation $BAD was taken back by itself" "$T/log" || fail "the log says nothing of it"
back_told() { sori status > "$T/out" && grep -q "taken back by itself" "$T/out"; }
wait_for 10 "status says it" back_told
decides i five
LIVE=$(live)
import storm2 61 120
wait_for 20 "the second storm is decided" equals 60 "SELECT count(*) FROM decision d JOIN journal j USING (seq) JOIN interaction i ON i.id = j.interaction WHERE i.native LIKE 'storm2__%'"
sleep 1
expect "no swinging to and fro" "$LIVE" "$(live)"
restart
expect "it stays away over a restart" "$LIVE" "$(live)"
code=0; sori rollback > "$T/out" 2>&1 || code=$?
grep -q "rollback to generation $BAD" "$T/out" && fail "a step back leads to what was taken back"

# ---- the story
sori history --limit 50 > "$T/story" || { cat "$T/story"; fail "history"; }
cat "$T/story"
for words in 'by [a-z]*: "(a file changed; .*: )?softer words"' 'rules/test.lua 1 line (+1 -1)' 'taken back by' 'by sori: ' 'the same as' ' — live' ' — refused$' 'by start: '; do
    grep -qE -- "$words" "$T/story" || grep -qF -- "$words" "$T/story" || fail "the story does not tell: $words"
done
sori history 2 > "$T/diff"
grep -q '^-t:rule "one"' "$T/diff" && grep -q '^+t:rule "two"' "$T/diff" || { cat "$T/diff"; fail "history 2 shows no lines"; }
sori history --json --limit 50 | python3 -c '
import json, sys
rows = [json.loads(l) for l in sys.stdin]
assert [r for r in rows if r["state"] == "active"], rows
assert all(r["at"] and r["by"] and r["why"] for r in rows), rows
' || fail "history as JSON"

# ---- why, said after the watch took it: kept once, cut between characters
newest() { sori history --json --limit 1 | python3 -c 'import json, sys; print(json.loads(sys.stdin.readline())["'"$1"'"])'; }
LIVE=$(live)
rule told
wait_for 10 "the watch takes it" equals $((LIVE + 1)) "SELECT max(id) FROM generation WHERE state = 2"
sori reload > "$T/out"
expect "nobody said why" "a file changed" "$(newest why)"
sori reload --why "고객이 원했다" > "$T/out" || { cat "$T/out"; fail "reload --why"; }
grep -q "history says now why" "$T/out" || fail "$(cat "$T/out")"
expect "why" "a file changed; $(id -un): 고객이 원했다" "$(newest why)"
sori reload --why "something else" > "$T/out"
expect "the first word stays" "a file changed; $(id -un): 고객이 원했다" "$(newest why)"
rule long
wait_for 10 "the watch takes it" equals $((LIVE + 2)) "SELECT max(id) FROM generation WHERE state = 2"
sori reload --why "$(printf '가%.0s' $(seq 300))" > "$T/out"
newest why | grep -q '가$' || fail "a character is cut: $(newest why | tail -c 20)"

# ---- what changed while Sori stood still is told as such, not as if all were new
kill -TERM "$KEEPER"; wait "$KEEPER"; KEEPER=
rule still
echo '-- a word' >> "$W/sori.lua"
: > "$T/log"
start
expect "by the start" start "$(newest by)"
sori history --limit 1 > "$T/out"
grep -q 'rules/test.lua 1 line (+1 -1)' "$T/out" && grep -q 'configuration sori.lua: 1 line (+1 -0)' "$T/out" && ! grep -q 'is new' "$T/out" || { cat "$T/out"; fail "what changed while it stood still"; }

expect "counts of the story" "$(db "SELECT count(*) FROM decision")" "$(db "SELECT sum(decisions) FROM generation")"
sori check --store || fail "check --store"
