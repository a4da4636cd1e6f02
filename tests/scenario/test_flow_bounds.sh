# The disk is bounded: faults go when they are old or many, tasks have a number and tries. What is
# dropped is said.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/flow.sh"
MODE=observe puppet_workspace
sed -i /^classifier/d "$W/sori.lua"
policy_all 'tag "seen"'
start
stop_all

# ---- faults: 200 of last winter, 11,800 of this morning, 300 of just now
now=$(date +%s%3N)
edit_db "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 12300)
    INSERT INTO fault(id, at, guest, call, evidence) SELECT i, $now - CASE WHEN i <= 200 THEN 100 * 86400000 WHEN i <= 12000 THEN 7200000 ELSE 0 END, 'test', 'test', 'test' FROM n"
start
wait_for 30 "old faults go" equals 10000 "SELECT count(*) FROM fault"
sleep 1
stored "faults" "10000 2301 12300" "SELECT count(*) || ' ' || min(id) || ' ' || max(id) FROM fault"

# ---- tasks: done ones go; one that is never done stays a while; a poison goes at its fifth death
echo "id=good|tasks=20|text=완료" | items a
wait_for 20 "they are put" bash -c "grep -q . $W/inbox/a.item && [ \$(sqlite3 -readonly $W/data/sori.db 'SELECT count(*) FROM task') -gt 0 ]"
rm "$W/inbox/a.item"
wait_for 20 "they are done" equals 0 "SELECT count(*) FROM task"
echo "id=bad|tasks=1|text=독약" | items b
wait_for 20 "the poison is put" bash -c "[ \$(sqlite3 -readonly $W/data/sori.db 'SELECT count(*) FROM task') -gt 0 ]"
rm "$W/inbox/b.item"
echo "id=c|text=안녕하세요" | items c
wait_for 120 "the poison is dropped" equals 1 "SELECT count(*) FROM fault WHERE call = 'task' AND evidence LIKE 'task bad-1 is dropped%died%' AND CAST(raw AS TEXT) = '독약'"
stored "tasks" 0 "SELECT count(*) FROM task"
wait_for 20 "the connection goes on" decided 1

# ---- more than there may be
echo "id=many|tasks=10300|text=나중에" | items d
wait_for 60 "those that are too many" bash -c "[ \$(sqlite3 -readonly $W/data/sori.db \"SELECT count(*) FROM fault WHERE call = 'task' AND evidence LIKE '%wait already'\") -ge 300 ]"
rm "$W/inbox/d.item"
tasks=$(db "SELECT count(*) FROM task")
[ "$tasks" -le 10000 ] && [ "$tasks" -ge 9900 ] || fail "$tasks tasks"
echo "ok: $tasks tasks"
expect "deaths of the core" 0 "$(grep -c 'core ended' "$T/log")"
