# Back-tests over a history with several generations, edits, cells, held entries and kills: a bundle
# against itself changes nothing, one with a changed rule changes what an independent count says, and
# old decisions are explained with the bundle of then, to the same bytes.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/flow.sh"
[ -f "$BUILD/bench/flood.so" ] || { echo "SKIPPED: $BUILD/bench/flood.so is not built"; exit 77; }
hello_workspace 'connection "flood" { channel = "flood", items = 3000, seed = 3, every = "1s", mode = "approve" }' 'limits { contact_gap = "0s" }'
mkdir -p "$W/plugins"
cp "$BUILD/bench/flood.so" "$W/plugins/"
# policy_file CLOCK KINDS: the rules that all of this is about
rules() {
    cat <<LUA
local t = sori.policy "test"
t:cell { sorries = { per = "contact", type = "int", keep = "90d" } }
t:note "long" { when = { words = { "배송", "delivery" } }, act = { tag "delivery" } }
t:rule "again" { when = { tone = "negative", sorries = { at_least = 2 } }, act = { assign "lead" } }
t:rule "sorry" { when = { kind = $2, tone = "negative" }, act = { reply "ok", clock "$1", add "sorries" } }
t:rule "bomb" { when = { kind = "comment" }, check = { why = "it says loop", function(i) if i.text == "loop" then while true do end end return false end }, act = { tag "loop" } }
t:rule "thanks" { when = { tone = "positive" }, act = { reply "ok" } }
return t
LUA
}
# candidate NAME CLOCK KINDS: a folder beside the workspace
candidate() {
    mkdir -p "$T/$1/rules"
    cp -r "$W/policy/replies" "$T/$1/"
    echo 'return { "rules/test" }' > "$T/$1/init.lua"
    rules "$2" "$3" > "$T/$1/rules/test.lua"
}
backtest() { local dir=$1; shift; "$SORI" policy backtest "$T/$dir" -w "$W" --json "$@" > "$T/report"; }
value() { python3 -c 'import json,sys; r=json.load(open(sys.argv[1]))
for k in sys.argv[2].split("."): r=r[int(k)] if isinstance(r,list) else r[k]
print(json.dumps(r,ensure_ascii=False) if isinstance(r,(dict,list)) else r)' "$T/report" "$1"; }
of() { python3 -c 'import json,sys
for o in json.load(open(sys.argv[1]))["by"][sys.argv[2]]:
    if o["name"]==sys.argv[3]: print(o[sys.argv[4]])' "$T/report" "$1" "$2" "$3"; }

rules 60m '"comment"' | policy
start
wait_for 60 "half is decided" bash -c "[ \$(sqlite3 -readonly $W/data/sori.db 'SELECT count(*) FROM decision') -gt 1000 ]"
kill -9 "$(pid_of policy | head -1)"
wait_for 60 "all is heard" equals 3000 "SELECT CAST(CAST(value AS TEXT) AS INT) FROM cursor WHERE name = 'at'"
undecided="SELECT count(*) FROM journal j WHERE j.kind < 6 AND NOT EXISTS (SELECT 1 FROM decision d WHERE d.seq = j.seq)"
wait_for 60 "all is decided" equals 0 "$undecided"
say loop loop
wait_for 15 "the bomb is held" equals 1 "SELECT count(*) FROM decision WHERE status = 4"

candidate itself 60m '"comment"'
backtest itself || fail "a back-test of the live policy: $?"
all=$(db "SELECT count(*) FROM decision WHERE status IN (1, 2)")
expect "all are compared" "$all" "$(value compared)"
expect "against itself nothing changes" 0 "$(value changed)"
expect "against itself nothing is renamed" 0 "$(value renamed)"
expect "held then is apart" 1 "$(value held)"
expect "nothing is decided twice" 0 "$(value redone)"
backtest itself --closed || fail "closed: $?"
expect "closed, against itself" "closed 0" "$(value mode) $(value changed)"
edits=$(db "SELECT count(*) FROM journal j JOIN decision d USING (seq) WHERE j.kind = 2")
[ "$edits" -gt 5 ] || fail "history has no edits"
writes=$(db "SELECT count(*) FROM decision WHERE rule = 'again'")
[ "$writes" -gt 5 ] || fail "history has no cells that mattered"

# One rule says another clock: those that it decided, and no others.
candidate clock 90m '"comment"'
sorries=$(db "SELECT count(*) FROM decision WHERE rule = 'sorry'")
backtest clock --sample 3 || fail "clock: $?"
expect "another clock" "$sorries" "$(value changed)"
expect "by its rule" "$sorries" "$(of rule sorry changed)"
expect "from what to what" 'clock 1h → clock 90m' "$(value moves.0.move)"
expect "by tone" "$sorries" "$(of tone negative changed)"
expect "samples" 3 "$(value samples | python3 -c 'import json,sys; print(len(json.load(sys.stdin)))')"

# It hears mentions too: those of the negative ones that no rule decided.
candidate wider 60m '{ "comment", "mention" }'
mentions=$(db "SELECT count(*) FROM decision d JOIN journal j USING (seq) JOIN interaction i ON i.id = j.interaction WHERE d.status = 2 AND d.tone = 3 AND i.kind = 4")
[ "$mentions" -gt 10 ] || fail "history has no negative mentions"
backtest wider || fail "wider: $?"
expect "mentions too" "$mentions" "$(value changed)"
expect "by kind" "$mentions" "$(of kind mention changed)"
value samples.0.why | grep -q 'sorry' || fail "$(value samples.0)"
# Closed, their cells count on: some of those mentions make a third complaint.
backtest wider --closed || fail "wider, closed: $?"
[ "$(value changed)" -ge "$mentions" ] || fail "closed: $(value changed) change, open $mentions"
echo "ok: closed, $(value changed) change"

# Another name for the same is a rename.
candidate named 60m '"comment"'
sed -i 's/t:rule "sorry"/t:rule "apology"/' "$T/named/rules/test.lua"
backtest named || fail "named: $?"
expect "a rename changes nothing" "0 $sorries" "$(value changed) $(value renamed)"

# Limits gate.
backtest clock --max-change 0.1%
expect "over the limit" "5 True" "$? $(value over_limit)"
percent() { python3 -c 'import json,sys; print("%.4f%%" % (100 * json.load(open(sys.argv[1]))["share"] + float(sys.argv[2])))' "$T/report" "$1"; }
backtest clock --max-change "$(percent 0)" || fail "exactly the limit is within it: $?"
backtest clock --max-change "$(percent -0.004)"
expect "a little less than what differs" 5 $?
backtest itself --max-change 0% || fail "itself is over a limit of 0 %"
for since in 0d -5d 5 abc; do
    backtest itself --since $since 2> "$T/err"
    expect "since $since" "2 1" "$? $(grep -c 'write a span like 30d' "$T/err")"
done
printf 'return {' > "$T/named/init.lua"
"$SORI" policy backtest "$T/named" -w "$W" > "$T/out" 2> "$T/err"
expect "a bundle that does not load" 3 $?
grep -q 'init.lua:1' "$T/err" || fail "$(cat "$T/err")"

# One that never ends with messages: each is stopped, and counts as changed; the rest is compared.
candidate endless 60m '"comment"'
sed -i 's/^return t/t:rule "endless" { when = { kind = "message" }, check = { why = "for ever", function(i) while true do end end }, act = { tag "x" } }\nreturn t/; s/when = { tone = "positive" }/when = { tone = "positive", kind = "comment" }/' "$T/endless/rules/test.lua"
backtest endless || fail "endless: $?"
messages=$(db "SELECT count(*) FROM decision d JOIN journal j USING (seq) JOIN interaction i ON i.id = j.interaction WHERE d.status IN (1, 2) AND i.kind = 5 AND coalesce(d.rule, '') <> 'again'")
[ "$messages" -gt 10 ] || fail "history has no messages"
expect "stopped" "$messages" "$(value stopped)"
expect "all are compared, still" "$all" "$(value compared)"

# Another policy goes live: what the older one decided is decided again, to compare with the live one.
rules 90m '{ "comment", "mention" }' > "$W/rule.new"
mv "$W/rule.new" "$W/policy/rules/test.lua"
sori reload > /dev/null || fail "reload"
backtest wider || fail "wider beside the live one: $?"
expect "redone" "$all" "$(value redone)"
candidate live 90m '{ "comment", "mention" }'
backtest live || fail "live: $?"
expect "the live one against history of an older one" 0 "$(value changed)"
expect "what it decides otherwise than then" "$((sorries + mentions))" "$(value changed_earlier)"

# A cell that nobody had: apart, and counted.
candidate celled 90m '{ "comment", "mention" }'
sed -i 's/t:cell {/t:cell { visits = { per = "contact", type = "int", keep = "90d" },/; s/kind = "comment" }, check/kind = "comment", visits = { at_least = 1 } }, check/' "$T/celled/rules/test.lua"
backtest celled || fail "celled: $?"
[ "$(value asked_unknown)" -gt 100 ] || fail "asked for the unknown: $(value asked_unknown)"
expect "what was unknown" 'cell visits' "$(value unknown.0.name)"
expect "and changes nothing" "0 0" "$(value changed) $(value asked_unknown_changed)"
"$SORI" policy backtest "$T/celled" -w "$W" > "$T/text" || fail "celled, for people: $?"
expect "what was unknown stands below how often it was asked for" 1 \
    "$(grep -A2 '^  unknown .* asked for something unknown then' "$T/text" | grep -cE "^ +cell visits: $(value asked_unknown)\$")"

# The gate of a reload is the same back-test.
echo 'reload { max_change = "1%" }' >> "$W/sori.lua"
sori reload > /dev/null || fail "reload with a limit"
rules 30m '{ "comment", "mention" }' > "$W/rule.new"
mv "$W/rule.new" "$W/policy/rules/test.lua"
sori reload > "$T/out" 2>&1
expect "history says no" 3 $?
grep -q 'clock 90m → clock 30m' "$T/out" || fail "$(cat "$T/out")"
rules 90m '{ "comment", "mention" }' | sed 's/-- no//; s/"it says loop"/"it says: loop"/' > "$W/rule.new"
mv "$W/rule.new" "$W/policy/rules/test.lua"
sori reload > "$T/out" 2>&1 || fail "history agrees: $(cat "$T/out")"

# Kills, then once more.
kill -9 "$(pid_of core | head -1)"
wait_for 30 "the core answers" "$SORI" status -w "$W"
candidate after 90m '{ "comment", "mention" }'
sed -i 's/"it says loop"/"it says: loop"/' "$T/after/rules/test.lua"
backtest after || fail "after the kill: $?"
expect "after a kill, against itself" 0 "$(value changed)"
kill -9 "$(pid_of reader | head -1)"
wait_for 30 "another reader answers" "$SORI" status -w "$W"
backtest after || fail "after the reader's end: $?"
expect "and once more" "$all 0" "$(value compared) $(value changed)"

# Why, of 100 old decisions of all generations: the bundle of then gives the same bytes.
say last1 "정말 고맙습니다"
say last2 "배송이 너무 늦어서 화가 납니다"
wait_for 15 "the last are decided" equals "$((all + 2))" "SELECT count(*) FROM decision WHERE status IN (1, 2)"
db "SELECT j.interaction FROM decision d JOIN journal j USING (seq) WHERE d.status IN (1, 2) ORDER BY (d.seq * 7919) % 10007 LIMIT 98" > "$T/ids"
db "SELECT id FROM interaction WHERE native IN ('last1', 'last2')" >> "$T/ids"
while read -r id; do sori why "$id" --json; done < "$T/ids" > "$T/whys"
python3 - "$T/whys" <<'PY' || fail "replay"
import json, sys
n = same = 0
generations = set()
for line in open(sys.argv[1]):
    for d in json.loads(line)["decisions"]:
        if d["status"] in ("decided", "none") and d["facts"]:
            n += 1
            same += d["replay"] == "same"
            generations.add(d["generation"])
            if d["replay"] != "same": print(d)
print(f"ok: {same} of {n} replay to the same bytes, generations {sorted(generations)}")
sys.exit(not (n >= 100 and same == n and len(generations) >= 2))
PY
expect "deaths of the core but the one" 1 "$(grep -c 'core ended' "$T/log")"
sori check --store || fail "check --store"
