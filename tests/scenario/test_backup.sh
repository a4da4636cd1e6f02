# A backup is taken step by step while an import runs: Sori goes on deciding, the copy is sound, and
# a workspace made from it passes its check. A second one at the same time is refused; one that is
# cut short leaves nothing. Also here, because it needs an import: times without a zone are read in
# the workspace's time zone.
. "$(dirname "$0")/lib.sh"
N=${N:-60000}

workspace 'connection "files" { channel = "import", mode = "observe" }'
awk -v n="$N" 'BEGIN {
    print "native_id,text,author_id,author"
    for (i = 1; i <= n; i++) printf "r%d,배송이 너무 늦어요 번호 %d,u%d,사람%d\n", i, i, i % 5000, i % 5000
}' > "$T/rows.csv"
start
"$SORI" import "$T/rows.csv" -w "$W" --connection files >"$T/import.out" 2>&1 & IMPORT=$!
count() { db 'SELECT count(*) FROM interaction' 2>/dev/null || echo 0; }
some() { [ "$(count)" -gt "$1" ]; }
wait_for 60 "a good part is recorded" some $((N / 4))

"$SORI" backup "$T/one.db" -w "$W" >"$T/one.out" 2>&1 & ONE=$!
writing() { ls "$T"/one.db.part-* 2>/dev/null || [ -f "$T/one.db" ]; }
wait_for 10 "the copy begins" writing
if [ ! -f "$T/one.db" ]; then
    "$SORI" backup "$T/two.db" -w "$W" >"$T/two.out" 2>&1
    code=$?
    # It may have been done meanwhile; refused it must be only while the first is written.
    [ $code = 0 ] || { expect "a second backup at once" 1 $code; grep -q 'one.db is being written' "$T/two.out" || fail "$(cat "$T/two.out")"; }
fi
wait $ONE || fail "backup: $(cat "$T/one.out")"
grep -q 'read back and sound' "$T/one.out" || fail "backup said: $(cat "$T/one.out")"
"$SORI" backup "$T/one.db" -w "$W" >"$T/again.out" 2>&1
expect "a backup never writes over" 1 $?
wait $IMPORT || fail "import: $(cat "$T/import.out")"
stored "the import is whole" "$N" 'SELECT count(*) FROM interaction'

mkdir -p "$T/new"
cp "$W/sori.lua" "$T/new/"
cp -r "$W/policy" "$T/new/"
"$SORI" restore "$T/one.db" -w "$T/new" >/dev/null || fail "restore"
"$SORI" check --store -w "$T/new" >"$T/check.out" 2>&1 || fail "check of the restored: $(cat "$T/check.out")"
there=$(sqlite3 -readonly "$T/new/data/sori.db" 'SELECT count(*) FROM interaction')
[ "$there" -ge $((N / 4)) ] || fail "only $there in the copy"
echo "ok: restored $there of $N"
"$SORI" restore "$T/one.db" -w "$T/new" >/dev/null 2>&1
expect "restore replaces nothing" 1 $?

# 2026-05-01 09:30 in Seoul is 00:30 in Greenwich.
printf 'native_id,text,said_at\nz1,좋아요,2026-05-01 09:30:00\n' > "$T/zone.csv"
"$SORI" import "$T/zone.csv" -w "$W" --connection files >/dev/null || fail "import of times without a zone"
stored "a time without a zone is the workspace's" 1777595400000 "SELECT said_at FROM interaction WHERE native = 'z1'"

# Stopped in the middle: the command says so and no half file stays.
"$SORI" backup "$T/three.db" -w "$W" >"$T/three.out" 2>&1 & THREE=$!
begun() { ls "$T"/three.db.part-* 2>/dev/null || [ -f "$T/three.db" ]; }
wait_for 10 "the copy begins" begun
kill -TERM "$KEEPER"
wait "$KEEPER"
KEEPER=
wait $THREE
code=$?
ls "$T"/three.db.part-* >/dev/null 2>&1 && fail "a half file stayed"
[ $code = 0 ] || [ ! -f "$T/three.db" ] || fail "it failed, but three.db is there"
echo "ok: cut short leaves nothing (exit code $code)"

# The same words in a workspace that lives by UTC, which is the restored one.
W=$T/new
sed -i 's,Asia/Seoul,UTC,' "$W/sori.lua"
mkdir -p "$W/secrets" && chmod 700 "$W/secrets"
start
"$SORI" import "$T/zone.csv" -w "$W" >/dev/null || fail "import into the restored workspace"
stored "the same without a zone, by UTC" 1777627800000 "SELECT said_at FROM interaction WHERE native = 'z1'"
exit 0
