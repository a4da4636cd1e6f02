# A backup taken while a file is imported is one moment of the store: it can be restored into an empty
# workspace, is sound there, what was in flight does not leave from it, and search finds what was said.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/flow.sh"
MODE=auto hello_workspace 'connection "files" { channel = "import", mode = "observe" }'
start
# What is in flight: an answer that may not leave.
sori pause >/dev/null || fail pause
say one "정말 마음에 들어요, 고맙습니다"
wait_for 20 "an answer is in flight" equals 1 "SELECT count(*) FROM action WHERE state = 1"
# backed_up TRY: a file is imported and the backup taken meanwhile. The client is far ahead of what is
# recorded, so an import that is over before the backup begins cannot be held: then another file is.
N=${N:-100000}
backed_up() {
    local all=$(($1 * N)) had=$((($1 - 1) * N))
    awk -v n="$N" -v t="$1" 'BEGIN { print "native_id,text,author_id"; for (i = 1; i <= n; i++) printf "r%d-%d,%s %d,u%d\n", t, i, i % 100 ? "배송이 너무 늦어요" : "환불이요 제발", i, i % 3000 }' > "$T/rows.csv"
    "$SORI" import "$T/rows.csv" -w "$W" --connection files > "$T/import.out" 2>&1 & IMPORT=$!
    wait_for 30 "a part is recorded" bash -c "[ \$(sqlite3 -readonly $W/data/sori.db 'SELECT count(*) FROM interaction') -gt $((had + 2000)) ]"
    sori backup "$T/backup.$1.db" || fail backup
    wait $IMPORT || fail "the import: $(cat "$T/import.out")"
    n=$(sqlite3 -readonly "$T/backup.$1.db" 'SELECT count(*) FROM interaction') || fail "the backup cannot be read"
    [ "$n" -gt "$had" ] || fail "the backup holds $n interactions"
    [ "$n" -lt $all ]
}
try=1
until backed_up $try; do
    [ $try -lt 3 ] || fail "the backup holds $n interactions: the import was over, three times"
    try=$((try + 1))
done
N=$((try * N))
echo "ok: the backup holds $n of $N interactions"
stop_all
OLD=$W W=$T/second
mkdir -p "$W"
cp -r "$OLD/policy" "$OLD/sori.lua" "$W/"
mkdir -p "$W/secrets" "$W/inbox"
chmod 700 "$W/secrets"
sed -i "s|$OLD|$W|g" "$W/sori.lua"
sori restore "$T/backup.$try.db" || fail restore
sori check --store || fail "check --store"
expect "interactions" "$n" "$(db 'SELECT count(*) FROM interaction')"
expect "ready, leased or sent" 0 "$(db 'SELECT count(*) FROM action WHERE state IN (1, 2, 3)')"
start
wait_for 60 "what was undecided is decided" equals 0 "SELECT count(*) FROM journal j LEFT JOIN decision d USING (seq) WHERE j.kind BETWEEN 1 AND 8 AND d.seq IS NULL"
found() { sori search 환불 --json 2>/dev/null | grep -q '환불이요'; }
wait_for 30 "search finds 환불 in 환불이요" found
"$SORI" import "$T/rows.csv" -w "$W" --connection files > "$T/import2.out" 2>&1 || fail "the import again: $(cat "$T/import2.out")"
wait_for 180 "the import goes on" equals "$N" "SELECT count(*) FROM interaction WHERE native LIKE 'r%' AND state <> 0"
stored "said once each" "$N" "SELECT count(DISTINCT interaction) FROM journal j JOIN interaction i ON i.id = j.interaction WHERE j.kind = 1 AND i.native LIKE 'r%'"
sori check --store || fail "check --store after the import"
