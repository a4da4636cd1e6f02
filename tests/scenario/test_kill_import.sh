# kill -9 of any single process of ours, at random moments, while unique rows and duplicates are
# imported: every row is in the store once, each with exactly one decision. Where the importing
# command or the keeper died, the same command is given again.
# N (rows) and SEED may be set from outside; each process kind is killed at least once a run.
# Sanitizers make everything slow: fewer rows there.
. "$(dirname "$0")/lib.sh"
N=${N:-$([ -n "${SORI_SANITIZED:-}" ] && echo 20000 || echo 100000)} DUP=${DUP:-2000} SEED=${SEED:-$RANDOM}
RANDOM=$SEED
echo "seed $SEED, $N rows, $DUP duplicates"

workspace "gate { listen = \"127.0.0.1:$(free_port)\" }" \
    'connection "files" { channel = "import", mode = "observe" }'
now=$(date -u +%s)
awk -v n="$N" -v dup="$DUP" -v now="$now" 'BEGIN {
    print "native_id,text,author_id,author,said_at"
    split("배송이 너무 늦어요,정말 마음에 들어요,문의드립니다 환불이 되나요,love this,where is my order", t, ",")
    for (i = 1; i <= n; i++) {
        old = i % 10 == 0
        # a tenth is older than the horizon; said_at in RFC 3339 by strftime
        at = strftime("%Y-%m-%dT%H:%M:%SZ", old ? now - 30 * 86400 : now + 60, 1)
        printf "r%d,%s 번호 %d,u%d,사람%d,%s\n", i, t[i % 5 + 1], i, i % 5000, i % 5000, at
        if (i <= dup) printf "r%d,%s 번호 %d,u%d,사람%d,%s\n", i, t[i % 5 + 1], i, i % 5000, i % 5000, at
    }
}' > "$T/rows.csv"

start
import() { "$SORI" import "$T/rows.csv" -w "$W" --connection files >>"$T/import.out" 2>&1; }
import & IMPORT=$!

decided() { db 'SELECT count(*) FROM decision' 2>/dev/null || echo 0; }
ensure() { # the command and the keeper are given again when they died; the rest heals by itself
    [ -n "$KEEPER" ] && kill -0 "$KEEPER" 2>/dev/null || start
    kill -0 "$IMPORT" 2>/dev/null || { import & IMPORT=$!; }
}
kill_kind() {
    local victim=$1 p
    case $victim in
    keeper) p=$KEEPER ;;
    command) p=$IMPORT ;;
    *) # it may be on its way up again
        for _ in $(seq 300); do
            p=$(pid_of "$victim" | head -1)
            [ -n "$p" ] && break
            ensure # one that imports may be there only while a command asks it to
            sleep 0.1
        done ;;
    esac
    [ -n "$p" ] || fail "no process of kind $victim was found"
    echo "  kill -9 $victim ($p) at $(decided) decided"
    kill -9 "$p" 2>/dev/null
    [ "$victim" = keeper ] && { wait "$p" 2>/dev/null; KEEPER=; sleep 0.3; }
    [ "$victim" = command ] && wait "$p" 2>/dev/null
    return 0
}
for victim in core connector policy gate classifier reader net stranger command keeper core; do
    sleep "0.$((RANDOM % 4 + 1))"
    kill_kind "$victim"
    ensure
done
# everything at once
echo "  kill -9 of everything at $(decided) decided"
stop_all
kill -9 "$IMPORT" 2>/dev/null
wait 2>/dev/null
start
end=$((SECONDS + 240))
until import; do
    [ $SECONDS -lt $end ] || fail "the import never ended: $(tail -3 "$T/import.out")"
    sleep 1
    ensure
done
wait_for 60 "all are decided" equals "$N" 'SELECT count(*) FROM decision'
stored "interactions" "$N" "SELECT count(*) FROM interaction WHERE state <> 0"
stored "distinct keys" "$N" "SELECT count(*) FROM (SELECT DISTINCT space, native FROM interaction WHERE state <> 0)"
stored "decisions" "$N" "SELECT count(*) FROM decision"
stored "said once each" "$N" "SELECT count(*) FROM journal WHERE kind = 1"
stored "entries decided other than once" 0 "SELECT count(*) FROM journal j LEFT JOIN decision d USING (seq) WHERE j.kind = 1 AND d.seq IS NULL"
stored "past" $((N / 10)) "SELECT count(*) FROM decision WHERE status = 3"
stored "actions that left" 0 "SELECT count(*) FROM action WHERE sent_at > 0"
"$SORI" check --store -w "$W" || fail "check --store"
