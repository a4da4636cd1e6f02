# sori policy test at the command line: golden decisions are written, kept to and shown where they
# differ; links and giants are refused; the watch runs again when a file is whole, and ends cleanly.
. "$(dirname "$0")/lib.sh"
P=$T/policy
mkdir -p "$P/rules" "$P/tests"
echo 'return { "rules/care" }' > "$P/init.lua"
rules() {
    cat > "$P/rules/care.lua" <<LUA
local care = sori.policy "care"
care:rule "unhappy" { when = { tone = "negative" }, act = { assign "$1", clock "60m" } }
care:rule "rest" { when = {}, act = {} }
return care
LUA
}
rules support
cat > "$P/tests/care_test.lua" <<'LUA'
local care = sori.policy "care"
care:case "늦은 배송" { golden = true, given = { tone = "negative", text = "배송이 늦어요" } }
LUA
G=$P/tests/golden/care_test.txt
code() { "$SORI" policy test "$P" "$@" > "$T/said" 2>&1; echo $?; }

expect "no golden decision yet" 3 "$(code)"
grep -q 'no golden decision is kept in tests/golden/care_test.txt yet' "$T/said" || { cat "$T/said"; fail "not said"; }
[ -e "$G" ] && fail "written without --update"
expect "--update" 0 "$(code --update)"
grep -q '+ decided by "unhappy"' "$T/said" || { cat "$T/said"; fail "the difference is not shown before it is written"; }
grep -q 'tests/golden/care_test.txt: written' "$T/said" || fail "what was written is not said"
printf '== 늦은 배송\ndecided by "unhappy"\n  assign "support"\n  clock 1 h\n' | cmp - "$G" || fail "the golden file"
expect "the same" 0 "$(code)"
grep -q '^rules 1/2 hit, lines 100 %, cells 1/96$' "$T/said" || { cat "$T/said"; fail "what is reached"; }
grep -q 'rules/care.lua:3: rule "rest"' "$T/said" || fail "what is not reached"
rules lead
expect "another department" 3 "$(code)"
grep -q -- '-   assign "support"' "$T/said" && grep -q -- '+   assign "lead"' "$T/said" || { cat "$T/said"; fail "no difference"; }
grep -q '^tests/care_test.lua:2: ' "$T/said" || fail "no place"
before=$(sha256sum "$G")
touch -d yesterday "$G"
expect "--update once more" 0 "$(code --update)"
[ "$before" = "$(sha256sum "$G")" ] && fail "nothing was updated"
changed=$(stat -c %Y "$G")
expect "nothing to update" 0 "$(code --update)"
expect "and nothing written" "$changed" "$(stat -c %Y "$G")"
expect "--json" 1 "$("$SORI" policy test "$P" --json | python3 -c 'import json,sys; r=json.load(sys.stdin); print(r["passed"] if r["items"][0]["golden_same"] and r["coverage"]["rules_hit"]==1 else r)')"

# Not through links, not without end.
mv "$P/tests/golden" "$T/elsewhere"
ln -s "$T/elsewhere" "$P/tests/golden"
expect "a link for a folder" 1 "$(code --update)"
grep -q 'golden decisions follow no links' "$T/said" || { cat "$T/said"; fail "not said"; }
rm "$P/tests/golden"
mkdir "$P/tests/golden"
ln -s "$T/elsewhere/care_test.txt" "$G"
expect "a link for a file" 3 "$(code --update)"
rm "$G"
head -c 300000 /dev/zero | tr '\0' x > "$G"
expect "a giant" 3 "$(code)"
rm "$G"
mkfifo "$G"
expect "a pipe" 3 "$(timeout 60 "$SORI" policy test "$P" > "$T/said" 2>&1; echo $?)"
rm "$G"
expect "written again" 0 "$(code --update)"
echo 'while true do end' > "$P/tests/loop_test.lua"
expect "a test without end" 3 "$(code)"
grep -q 'tests/loop_test.lua:1: stopped' "$T/said" || { cat "$T/said"; fail "not said"; }
rm "$P/tests/loop_test.lua"

# The watch: once at the start, once a change, not for half a file.
"$SORI" policy test "$P" --watch > "$T/watch" 2>&1 &
WATCH=$!
also_stop() { kill -9 $WATCH 2>/dev/null; }
runs() { grep -c ' passed, ' "$T/watch"; }
wait_for 10 "the first run" bash -c "grep -q '1 passed, 0 failed' $T/watch"
rules support
wait_for 10 "a change is heard" bash -c "grep -q '0 passed, 1 failed' $T/watch"
n=$(runs)
touch "$P/rules/.#care.lua" "$P/rules/notes.swp"
sleep 0.6
expect "an editor's own files" "$n" "$(runs)"
# Half a file stays open: it is not read before it is closed.
exec 7> "$P/rules/care.lua"
printf 'local care = sori.policy "care"\ncare:rule "unha' >&7
sleep 0.6
expect "half a file" "$n" "$(runs)"
printf 'ppy" { when = { tone = "negative" }, act = { assign "lead", clock "60m" } }\nreturn care\n' >&7
exec 7>&-
wait_for 10 "the whole file" bash -c "[ \$(grep -c '1 passed, 0 failed' $T/watch) = 2 ]"
expect "one run more" $((n + 1)) "$(runs)"
grep -q "$(printf '\033')" "$T/watch" && fail "a screen is cleared that is none"
# Saved as editors do: beside, then over.
rules support && cp "$P/rules/care.lua" "$P/rules/.new" && mv "$P/rules/.new" "$P/rules/care.lua"
wait_for 10 "a file put in place" bash -c "[ \$(grep -c '0 passed, 1 failed' $T/watch) -ge 2 ]"
# In a terminal Ctrl-C ends it anywhere; what a shell began with & hears it only while it waits.
ended() { kill -INT $WATCH 2>/dev/null; ! kill -0 $WATCH 2>/dev/null; }
wait_for 20 "Ctrl-C ends it" ended
wait $WATCH
expect "Ctrl-C: the last run failed" 3 $?
echo "ok: all"
