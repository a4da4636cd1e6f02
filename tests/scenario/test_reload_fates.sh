# Reloads during a reload: each caller learns the fate of the bytes that were on disk when they asked,
# whatever was saved since; those who mean the same bytes are one; a plan changes nothing; processes of
# connections that did not change are not touched, and a line more above them is no change.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/flow.sh"
hello_workspace 'connection "second" { channel = "hello", url = "folder:///tmp", every = "30s", mode = "observe", allow = { "/tmp" } }'
rule() { # rule TAG: takes about a second to prove
    printf 'local t = sori.policy "test"\nt:rule "%s" { when = { kind = "comment" }, act = { tag "%s" } }\nreturn t\n' "$1" "$1" > "$W/rule.new"
    mv "$W/rule.new" "$W/policy/rules/test.lua"
}
policy < /dev/null
mkdir -p "$W/policy/tests"
{
    echo 'local t = sori.policy "test"'
    echo 'local n = 0 for i = 1, 1000000 do n = n + i end'
    for i in $(seq 20); do echo "t:case \"slow $i\" { given = { kind = \"comment\", text = \"$i\" }, expect = { tags = nil, status = \"decided\" } }"; done
} > "$W/policy/tests/slow_test.lua"
rule first
start
live() { db "SELECT max(id) FROM generation WHERE state = 2"; }
workers() { pid_of connector | sort; pid_of classifier | sort; }
all_up() { [ "$(pid_of connector | wc -l)" -ge 2 ] && [ "$(pid_of classifier | wc -l)" -ge 2 ]; }
say one "안녕하세요"
wait_for 20 "decided" decided 1
wait_for 20 "both connections and both languages" all_up
BEFORE=$(workers)

# ---- a plan: everything is proven, nothing changes
planned() { # again where the watch was faster than the command
    N=$((${N:-0} + 1))
    rule "planned$N"
    sori reload --plan --json > "$T/plan" && grep -q '"changes":\[{' "$T/plan"
}
wait_for 60 "a plan" planned
python3 -c '
import json, sys
p = json.load(sys.stdin)
assert p["ok"] and p["plan"] and p["changes"][0]["name"] == "rules/test.lua", p
assert "~ policy rules/test.lua: 1 line (+1 -1)\n" in p["text"], p
assert "those of 2 connections are not touched" in p["text"], p
' < "$T/plan" || { cat "$T/plan"; fail "the plan"; }
echo 'nonsense' >> "$W/policy/rules/test.lua"
sori reload --plan > "$T/plan" 2>&1 && fail "a plan of nonsense"
stored "no generation by a plan" 0 "SELECT count(*) FROM generation WHERE \"by\" NOT IN ('start', 'watch')"
rule first
sleep 1
expect "nobody was restarted" "$BEFORE" "$(workers)"

# ---- good, bad, good, and several callers
asked() { grep -cE "asks for what is on disk now: change [a-g][0-9]" "$T/log"; }
heard() { [ "$(asked)" -ge "$1" ]; }
ask() { # ask NAME WHY: in the background; its code and words are kept. Heard: the bytes of then are its own
    local before
    before=$(asked)
    {
        sori reload --why "$2" > "$T/ask.$1" 2>&1
        echo $? > "$T/code.$1"
    } &
    wait_for 20 "$2 is heard" heard $((before + 1))
}
for round in 1 2 3; do
    rule "a$round"; ask a "change a$round"; sleep 0.5
    printf 'local t = sori.policy "test"\nt:rule "b" { wehn = {}, act = {} }\nreturn t\n' > "$W/policy/rules/test.lua"; ask b "change b$round"; sleep 0.5
    rule "c$round"; ask c "change c$round"; ask d "change c$round"; ask e "change c$round"; sleep 0.5
    echo 'this is no Lua' > "$W/policy/rules/test.lua"; ask f "change f$round"; sleep 0.5
    rule "g$round"; ask g "change g$round"
    wait $(jobs -p | grep -v "^$KEEPER$")
    for who in a:0 b:3 c:0 d:0 e:0 f:3 g:0; do
        expect "round $round: ${who%:*}" "${who#*:}" "$(cat "$T/code.${who%:*}")"
    done
    grep -q "wehn" "$T/ask.b" || { cat "$T/ask.b"; fail "b does not learn what is wrong with b"; }
    grep -q "no Lua\|syntax\|near" "$T/ask.f" || { cat "$T/ask.f"; fail "f does not learn what is wrong with f"; }
    for who in a c d e g; do # the watch, or another caller, may have been first with the same bytes
        id=$(grep -oE 'generation [0-9]+' "$T/ask.$who" | head -1 | grep -oE '[0-9]+')
        tag=$who; case $who in d | e) tag=c ;; esac
        [ -n "$id" ] || { cat "$T/ask.$who"; fail "$who does not learn its generation"; }
        stored "round $round: $who's generation has $who's bytes" 1 "SELECT instr(b.data, 'tag \"$tag$round\"') > 0 FROM generation g JOIN blob b ON b.id = g.manifest WHERE g.id = $id"
    done
    stored "round $round: refused ones have their row" 2 "SELECT count(*) FROM (SELECT DISTINCT b.hash FROM generation g JOIN blob b ON b.id = g.manifest WHERE g.state = 5 AND (instr(b.data, 'wehn') OR instr(b.data, 'this is no Lua')))"
done
say two "안녕하세요"
wait_for 20 "the last decides" equals 1 "SELECT count(*) FROM decision d JOIN journal j USING (seq) JOIN interaction i ON i.id = j.interaction WHERE i.native = 'two' AND d.rule = 'g3'"
expect "nobody was restarted" "$BEFORE" "$(workers)"

# ---- the configuration: what is live, what starts anew, what is not touched
# Where the watch was faster than the command, history tells what the command cannot any more.
takes() { { sori reload && sori history --limit 1; } > "$T/out" || { cat "$T/out"; fail "reload"; }; }
sed -e '1i -- a line more' -e 's/every = "30s"/every = "40s"/; s/mode = "observe"/mode = "approve"/' "$W/sori.lua" > "$W/.lua"
mv "$W/.lua" "$W/sori.lua"
takes
grep -q 'connection second: mode observe → approve (live); every 30s → 40s (live)' "$T/out" || { cat "$T/out"; fail "what is live is not said"; }
expect "nobody was restarted" "$BEFORE" "$(workers)"
sed -i 's#folder:///tmp"#folder:///var/tmp"#' "$W/sori.lua"
takes
grep -q 'connection second: url changed (its workers start anew)' "$T/out" || { cat "$T/out"; fail "what starts anew is not said"; }
changed() { [ "$(workers | sort | comm -23 <(echo "$BEFORE" | sort) - | wc -l)" = 1 ] && [ "$(workers | wc -l)" -ge "$(echo "$BEFORE" | wc -l)" ]; }
wait_for 20 "one process of one connection is another" changed
# A fence only grows narrower, so net begins anew for folders that are new to it.
NET=$(pid_of net)
other_net() { pid_of net | grep -q . && [ "$(pid_of net)" != "$NET" ]; }
sed -i 's#folder:///var/tmp"#folder:///var/lib"#; s#allow = { "/tmp" }#allow = { "/var/lib" }#' "$W/sori.lua"
takes
wait_for 20 "net begins anew" other_net
HEARD=$(db "SELECT count(*) FROM decision")
say three "안녕하세요"
wait_for 20 "and serves" decided $((HEARD + 1))
expect "which is no death" 0 "$(grep -c 'net: died' "$T/log")"

# ---- half a file: the watch waits for its end, a person is told
G=$(live)
exec 9>> "$W/policy/rules/test.lua"
printf -- '-- half' >&9
touch "$W/policy/replies/ok.ko.md"
sleep 1.5
expect "nothing is taken while a file is open" "$G" "$(live)"
code=0; sori reload > "$T/out" 2>&1 || code=$?
expect "a person's reload of it" 3 "$code"
grep -q 'rules/test.lua:1: is open for writing' "$T/out" || { cat "$T/out"; fail "the file is not named"; }
printf ' a line\n' >&9
exec 9>&-
wait_for 10 "it is taken when it is closed" equals $((G + 1)) "SELECT max(id) FROM generation WHERE state = 2"
stored "all decided by one each" 0 "SELECT count(*) FROM decision d LEFT JOIN generation g ON g.id = d.generation WHERE g.id IS NULL"
expect "counts of the story" "$(db "SELECT count(*) FROM decision")" "$(db "SELECT sum(decisions) FROM generation")"
expect "deaths of the core" 0 "$(grep -c 'core ended' "$T/log")"
