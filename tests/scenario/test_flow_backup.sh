# A backup taken while a file is imported is one moment of the store: it can be restored into an empty
# workspace, is sound there, what was in flight does not leave from it, and search finds what was said.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/flow.sh"
MODE=auto hello_workspace 'connection "files" { channel = "import", mode = "observe" }'
start
N=${N:-$([ -n "${SORI_SANITIZED:-}" ] && echo 160000 || echo 100000)}
awk -v n="$N" 'BEGIN { print "native_id,text,author_id"; for (i = 1; i <= n; i++) printf "r%d,%s %d,u%d\n", i, i % 100 ? "배송이 너무 늦어요" : "환불이요 제발", i, i % 3000 }' > "$T/rows.csv"
"$SORI" import "$T/rows.csv" -w "$W" --connection files > "$T/import.out" 2>&1 & IMPORT=$!
wait_for 30 "a part is recorded" bash -c "[ \$(sqlite3 -readonly $W/data/sori.db 'SELECT count(*) FROM interaction') -gt 2000 ]"
# The file's end waits until the backup has begun; what is on its way already is recorded beside it.
kill -STOP $IMPORT
sori pause >/dev/null || fail pause
say one "정말 마음에 들어요, 고맙습니다"
sori backup "$T/backup.db" & ONE=$!
begun() { ls "$T"/backup.db* >/dev/null 2>&1; }
wait_for 20 "the backup begins" begun
kill -CONT $IMPORT
wait $ONE || fail backup
wait $IMPORT || fail "the import: $(cat "$T/import.out")"
n=$(sqlite3 -readonly "$T/backup.db" 'SELECT count(*) FROM interaction') || fail "the backup cannot be read"
[ "$n" -gt 0 ] && [ "$n" -lt "$N" ] || fail "the backup holds $n interactions: the import was over"
echo "ok: the backup holds $n of $N interactions"
stop_all
OLD=$W W=$T/second
mkdir -p "$W"
cp -r "$OLD/policy" "$OLD/sori.lua" "$W/"
mkdir -p "$W/secrets" "$W/inbox"
chmod 700 "$W/secrets"
sed -i "s|$OLD|$W|g" "$W/sori.lua"
sori restore "$T/backup.db" || fail restore
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
