# Old decisions of every kind of entry (said, edited, removed, hidden, shown, and those that time makes)
# are decided again to the same bytes: by a back-test of the policy itself, and by why, after reloads.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/flow.sh"
puppet_workspace 'limits { contact_gap = "0s", hour = 100000 }'
rules() {
    cat <<LUA
local t = sori.policy "test"
t:cell { talks = { per = "contact", type = "int", keep = "90d" } }
t:note "count" { when = { on = { "said", "edited" } }, act = { add "talks" } }
t:rule "late" { when = { on = { "due_soon", "overdue" } }, act = { assign "lead", alert "{author}: nobody answered" } }
t:rule "again" { when = { on = "follow_up" }, act = { tag "again" } }
t:rule "gone" { when = { on = { "removed", "hidden" } }, act = { tag "$1" } }
t:rule "back" { when = { on = "shown" }, act = { tag "back" } }
t:rule "much" { when = { on = { "said", "edited" }, talks = { at_least = 2 } }, act = { tag "much" } }
t:rule "first" { when = { on = { "said", "edited" } }, act = { assign "support", clock "3s", follow_up "2s" } }
return t
LUA
}
rules gone | policy
start
S='space=puppet:page'
items a <<I
$S|id=c1|author=kim|text=배송이 늦어요|version=1
$S|id=c2|author=lee|text=환불이요|version=1
$S|id=c3|author=park|text=언제 오나요|version=1
$S|id=c4|author=choi|text=감사합니다|version=1
I
wait_for 20 "four are decided" decided 4
items b <<I
$S|id=c1|author=kim|text=배송이 아직도 늦어요|version=2
$S|event=removed|id=c2|version=5
$S|event=hidden|id=c3|version=5
I
wait_for 20 "edited, removed, hidden" bash -c "[ \$(sqlite3 -readonly $W/data/sori.db 'SELECT count(DISTINCT j.kind) FROM decision d JOIN journal j USING (seq) WHERE j.kind IN (1, 2, 3, 4)') = 4 ]"
rm "$W/inbox/b.item" # heard once is enough
rules taken > "$W/rule.new"
mv "$W/rule.new" "$W/policy/rules/test.lua"
sori reload > /dev/null || fail "reload"
items c <<I
$S|event=shown|id=c3|version=6
$S|event=removed|id=c4|version=7
$S|id=c5|author=kim|text=세 번째 글|version=1
I
wait_for 30 "time makes entries" bash -c "[ \$(sqlite3 -readonly $W/data/sori.db 'SELECT count(DISTINCT j.kind) FROM decision d JOIN journal j USING (seq) WHERE j.kind IN (1, 2, 3, 4, 5, 7, 8)') = 7 ]"
over() { equals "0 0" "SELECT (SELECT count(*) FROM timer) || ' ' || (SELECT count(*) FROM journal j LEFT JOIN decision d USING (seq) WHERE j.kind < 9 AND d.seq IS NULL)"; }
wait_for 20 "no timer is left, and all that they made is decided" over
"$SORI" policy backtest "$W/policy" -w "$W" --json > "$T/report" || fail "backtest: $?"
all=$(db "SELECT count(*) FROM decision WHERE status IN (1, 2) AND length(facts) > 0")
[ "$all" -ge 12 ] || fail "only $all decisions"
python3 - "$T/report" "$all" <<'PY' || fail "$(cat "$T/report")"
import json, sys
r = json.load(open(sys.argv[1]))
entries = {e["name"] for e in r["by"]["entry"]}
print(f"ok: {r['compared']} of {sys.argv[2]} compared, {r['changed']} change, entries {sorted(entries)}")
sys.exit(not (r["compared"] == int(sys.argv[2]) and r["changed"] == 0 and r["changed_earlier"] == 2
              and {"said", "edited", "removed", "hidden", "shown", "overdue", "follow_up"} <= entries))
PY
for id in $(db "SELECT DISTINCT j.interaction FROM decision d JOIN journal j USING (seq)"); do sori why "$id" --json; done > "$T/whys"
python3 - "$T/whys" "$all" <<'PY' || fail "why"
import json, sys
ds = [d for line in open(sys.argv[1]) for d in json.loads(line)["decisions"] if d["facts"]]
same = [d for d in ds if d["replay"] == "same"]
for d in ds:
    if d["replay"] != "same": print(d["seq"], d["on"], d["generation"], d["replay"])
# Who decided is the rule that fired, the last that was asked; all its conditions held, and one of
# each before it did not.
for d in ds:
    rules = [t for t in d["tried"] if t["kind"] == "rule"]
    fired = [t["name"] for t in rules if t["fired"]]
    assert fired == ([d["rule"]] if d["status"] == "decided" else []), (d["seq"], fired, d["rule"])
    assert not fired or rules[-1]["name"] == d["rule"] and rules[-1]["where"] == d["where"], d["seq"]
    assert [t["name"] for t in d["tried"] if t["kind"] == "note" and t["fired"]] == d["notes"], d["seq"]
    for t in d["tried"]:
        holds = all(c["holds"] for c in t["conditions"]) and (not t["check"] or t["check"]["answer"])
        assert bool(holds) == t["fired"] and (t["conditions"] or t["check"]), (d["seq"], t)
# Under which plugins: by name, by the version that they give themselves, and by their bytes.
for g in (g for line in open(sys.argv[1]) for g in json.loads(line)["generations"]):
    told = {p["name"]: p["version"] for p in g["plugins"]}
    assert told.get("puppet") == "0.1" and all(told.values()), told
    assert all(len(p["content"]) == 64 for p in g["plugins"]), g
print(f"ok: {len(same)} of {len(ds)} replay to the same bytes, generations {sorted({d['generation'] for d in ds})}")
sys.exit(not (len(ds) == int(sys.argv[2]) and len(same) == len(ds) and len({d["generation"] for d in ds}) == 2))
PY
# What the words, the person and the generation were is told too.
id=$(db "SELECT id FROM interaction WHERE native = 'c1'")
sori why "$id" > "$T/why"
for what in 'known since' 'generation    1, live since' 'generation    ' 'models        tone' 'plugins       .*puppet 0\.1 (content ' \
    'words         for ' 'next word' 'note "count"' '✗'; do
    grep -q -- "$what" "$T/why" || fail "why does not tell '$what': $(cat "$T/why")"
done
expect "deaths of the core" 0 "$(grep -c 'core ended' "$T/log")"
sori check --store || fail "check --store"
