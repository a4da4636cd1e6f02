# Items that kill the worker that holds them: tried once more alone, then put aside with a fault that
# names them; the rest goes on at once, and no culprit makes the next restart wait longer.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/flow.sh"
[ -f "$BUILD/zoo/score_poison.so" ] || { echo "SKIPPED: $BUILD/zoo/score_poison.so is not built"; exit 77; }
command -v cc >/dev/null || { echo "SKIPPED: there is no C compiler"; exit 77; }
MODE=observe puppet_workspace 'connection "files" { channel = "import", mode = "observe" }'
cp "$BUILD/zoo/score_poison.so" "$W/plugins/"
cc -shared -fPIC -std=c17 -D_GNU_SOURCE -DPUPPET_ID='"import"' -I "$SOURCE/include" -o "$W/plugins/import.so" "$SOURCE/tests/zoo/puppet.c" || fail "import.so"
mkdir -p "$W/models"
echo anything > "$W/models/any"
sed -i 's/^classifier.*/classifier "tone" { plugin = "score_poison", models = { ko = "any" } }/' "$W/sori.lua"
policy_all 'tag "seen"'
start
# ---- decode: an import whose chunks are killed by one line
{ for i in 1 2 3; do echo "id=d$i|author=d$i|text=보통 글 $i"; done; } > "$T/good1.csv"
echo "id=bad|author=bad|text=독약" > "$T/bad.csv"
{ for i in 4 5 6; do echo "id=d$i|author=d$i|text=보통 글 $i"; done; } > "$T/good2.csv"
for f in good1 bad good2; do (echo "native_id,text" ; cat "$T/$f.csv") > "$T/$f.x.csv"; timeout 60 "$SORI" import "$T/$f.x.csv" -w "$W" --connection files > "$T/$f.out" 2>&1 & done
wait_for 40 "the good files are recorded" equals 6 "SELECT count(*) FROM interaction WHERE native LIKE 'd_'"
wait_for 40 "the bad delivery is put aside" equals 1 "SELECT count(*) FROM fault WHERE call = 'decode'"
stored "its bytes are kept" 1 "SELECT count(*) FROM fault WHERE call = 'decode' AND instr(CAST(raw AS TEXT), '독약') > 0 AND seg IS NOT NULL"
wait_for 40 "the good ones are decided" equals 6 "SELECT count(*) FROM decision"
# ---- classify: two poisons among good ones
{
    for i in 1 2 3 4 5; do echo "id=s$i|author=s$i|text=좋은 글 $i"; done
    echo "id=p1|author=p1|text=독약 하나"
    for i in 6 7 8 9; do echo "id=s$i|author=s$i|text=좋은 글 $i"; done
    echo "id=p2|author=p2|text=독약 둘"
} | items a
wait_for 60 "all are decided" equals 11 "SELECT count(*) FROM decision d JOIN journal j USING (seq) JOIN interaction i ON i.id = j.interaction WHERE i.native LIKE 's_' OR i.native LIKE 'p_'"
stored "good ones are scored" 9 "SELECT count(*) FROM decision d JOIN journal j USING (seq) JOIN interaction i ON i.id = j.interaction WHERE i.native LIKE 's_' AND d.tone = 2"
stored "poisons are unsure" 2 "SELECT count(*) FROM decision d JOIN journal j USING (seq) JOIN interaction i ON i.id = j.interaction WHERE i.native LIKE 'p_' AND d.tone = 4"
stored "faults of the classifier" 2 "SELECT count(*) FROM fault WHERE call = 'score'"
deaths=$(grep -c 'score_poison/ko: died' "$T/log")
[ "$deaths" -le 4 ] || fail "the classifier died $deaths times for two poisons"
# ---- many poisons: the wait before a restart does not grow
from=$(date +%s)
for i in 1 2 3 4; do echo "id=q$i|author=q$i|text=독약 $i"; done | items b
wait_for 60 "all are decided" equals 4 "SELECT count(*) FROM decision d JOIN journal j USING (seq) JOIN interaction i ON i.id = j.interaction WHERE i.native LIKE 'q_'"
took=$(($(date +%s) - from))
[ $took -le $((10 * SLOW)) ] || fail "four poisons took $took s: the waits grow"
echo "ok: four poisons took $took s"
sori why "$(id_of p1)" > "$T/why" || fail why
expect "deaths of the core" 0 "$(grep -c 'core ended' "$T/log")"
sori check --store || fail "check --store"
