# Connectors that say too much or too little hold up nobody: cursors without number, AGAIN without end,
# ends without a reason, messages that no wire holds. Each is told with its call and what is expected.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/flow.sh"
[ -f "$BUILD/zoo/hoarder.so" ] || { echo "SKIPPED: $BUILD/zoo/hoarder.so is not built"; exit 77; }
whats='again cancelled strange silent mute unsized names hoard swell chatter'
connections=()
for what in $whats; do connections+=("connection \"$what\" { channel = \"hoarder\", what = \"$what\", every = \"1s\", mode = \"observe\" }"); done
hello_workspace "${connections[@]}"
mkdir -p "$W/plugins"
cp "$BUILD/zoo/hoarder.so" "$W/plugins/"
sed -i /^classifier/d "$W/sori.lua"
policy_all 'tag "seen"'
start
asked() { grep -c "hoarder/$1/poll: asked at" "$T/log"; }
asked_often() { [ "$(asked "$1")" -ge "$2" ]; }
why() { db "SELECT reason FROM connection WHERE name = '$1'"; }
says() { wait_for 30 "$1 says: $2" bash -c "sqlite3 -readonly '$W/data/sori.db' \"SELECT reason FROM connection WHERE name = '$1'\" | grep -qF '$2'"; echo "ok: $1 says: $2"; }

# Whoever brings nothing new is asked again, not without a break.
for what in again cancelled; do
    wait_for 60 "$what is asked again" asked_often $what 4
    grep -o "hoarder/$what/poll: asked at [0-9]*" "$T/log" | awk -v what=$what 'NR > 2 && $NF - last < 900 { print what ": asked after " $NF - last " ms"; bad = 1 } { last = $NF } END { exit bad }' || fail "$what is asked without a break"
    echo "ok: $what is asked with breaks"
done

# Each end has its reason.
says strange 'poll answered 77, which is no status; the plugin must answer one of enum sori_status'
says silent 'poll answered CONFIG and the plugin gave no reason (host->fail)'
says mute 'create answered CONFIG and the plugin gave no reason (host->fail)'
says unsized 'a request was refused: it or its response is NULL, or without its struct_size'
says swell 'a request was refused: it is '
grep -q 'hoarder/swell/poll: states refused: 6[0-9][0-9]$' "$T/log" || fail "states: $(grep 'states refused' "$T/log")"

# There are so many names, and the rest is told.
wait_for 60 "the hoarder is asked again" asked_often hoard 2
stored "cursors of the hoarder" "0 1000,1 1000" "SELECT group_concat(x) FROM (SELECT lane || ' ' || count(*) AS x FROM cursor JOIN connection ON connection.id = cursor.connection WHERE connection.name = 'hoard' AND lane < 2 GROUP BY lane ORDER BY lane)"
wait_for 30 "the rest is told" bash -c "[ \$(sqlite3 -readonly '$W/data/sori.db' \"SELECT count(*) FROM fault WHERE evidence LIKE '%is one too many: this connection keeps 1000 others already%'\") -gt 0 ]"
wait_for 60 "names are asked again" asked_often names 3
stored "names without sense" 0 "SELECT count(*) FROM cursor JOIN connection ON connection.id = cursor.connection WHERE connection.name = 'names' AND lane = 0"
for text in 'its name has a NUL byte' 'its name is empty'; do
    wait_for 30 "$text" bash -c "[ \$(sqlite3 -readonly '$W/data/sori.db' \"SELECT count(*) FROM fault WHERE evidence LIKE 'a cursor was refused: $text'\") -gt 0 ]"
done

# All that while the neighbour is heard, and nobody died.
say heard-well "배송이 늦어요"
wait_for 60 "the neighbour is heard" equals 1 "SELECT count(*) FROM interaction WHERE native = 'heard-well'"
said=$("$SORI" connection check chatter -w "$W" 2>&1) || true
[[ $said == *'the same line of many words'* ]] || fail "health: $said"
expect "deaths" 0 "$(grep -cE 'died|core ended' "$T/log")"

# A delivery that cannot be read is a failure of the trial, too.
echo x > "$T/body"
said=$("$SORI" plugin try "$BUILD/zoo/hoarder.so" --set what=x --decode "$T/body" 2>&1)
expect "exit code of a refused delivery" 1 $?
[[ $said == *'decode answered PERMANENT and the plugin gave no reason'* ]] || fail "decode: $said"
