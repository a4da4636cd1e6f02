# Shared by the scenarios of loops: who answers each of our replies, and what may have left at most.
# Source it after flow.sh.

# within WORKSPACE GAP_MS HOUR: rules never spoke to one contact twice in GAP_MS, nor more than HOUR
# times an hour on a connection
within() {
    local at=$1/data/sori.db
    local sent="SELECT contact, connection, sent_at FROM action WHERE verb IN (1, 2) AND sent_at > 0 AND state IN (3, 4, 5) AND coalesce(actor, '') = ''"
    local close=$(sqlite3 -readonly "$at" "SELECT count(*) FROM (SELECT sent_at - lag(sent_at) OVER (PARTITION BY contact ORDER BY sent_at) AS d FROM ($sent)) WHERE d < $2")
    [ "$close" = 0 ] || fail "$close replies to one contact within $2 ms: $(sqlite3 -readonly "$at" "$sent ORDER BY sent_at")"
    local most=$(sqlite3 -readonly "$at" "SELECT coalesce(max(n), 0) FROM (SELECT count(*) OVER (PARTITION BY connection ORDER BY sent_at RANGE BETWEEN 3600000 PRECEDING AND CURRENT ROW) AS n FROM ($sent))")
    [ "$most" -le "$3" ] || fail "$most replies in an hour, $3 are allowed"
}
# answer FROM TO AUTHOR…: answers each reply in folder FROM once, within a moment, as an item in TO,
# by the authors in turn
answer() {
    local from=$1 to=$2 n=0 f id by
    shift 2
    local authors=("$@")
    mkdir -p "$T/seen.$(basename "$(dirname "$to")")"
    while :; do
        for f in "$from"/reply-*.json; do
            [ -s "$f" ] || continue
            id=$(basename "$f" .json)
            [ -e "$T/seen.$(basename "$(dirname "$to")")/$id" ] && continue
            touch "$T/seen.$(basename "$(dirname "$to")")/$id"
            by=${authors[$((n++ % ${#authors[@]}))]}
            echo "id=back-$id-$by|author=$by|text=자동 응답입니다 $n" > "$to/.back-$id"
            mv "$to/.back-$id" "$to/back-$id.item"
        done
        sleep 0.2
    done
}
# begin_answers …: answer, in the background, until the test ends
begin_answers() {
    answer "$@" &
    ANSWERS="${ANSWERS:-} $!"
    disown $! # nobody waits for it
}
also_stop() { [ -z "${ANSWERS:-}" ] || kill $ANSWERS 2>/dev/null; }
