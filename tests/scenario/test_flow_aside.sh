# A decoder that never comes up holds up nobody else: its deliveries are set aside on disk, those of
# the other channels are decided, the spool's mark moves on. Killed at any moment and mended in the
# end, it gets every one of them, in their order, once.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/flow.sh"
[ -f "$BUILD/zoo/faller.so" ] || { echo "SKIPPED: $BUILD/zoo/faller.so is not built"; exit 77; }
command -v cc >/dev/null || { echo "SKIPPED: there is no C compiler"; exit 77; }
command -v python3 >/dev/null || { echo "SKIPPED: python3 is not installed"; exit 77; }
PORT=$(free_port)
workspace "gate { listen = \"127.0.0.1:$PORT\" }" \
    'connection "bad" { channel = "faller", mode = "observe" }' \
    'connection "good" { channel = "stander", mode = "observe" }'
sed -i /^classifier/d "$W/sori.lua"
mkdir -p "$W/plugins"
cp "$BUILD/zoo/faller.so" "$W/plugins/"
cc -shared -fPIC -std=c17 -DFALLER_ID='"stander"' -DFALLER_STANDS -I "$SOURCE/include" -o "$W/plugins/stander.so" "$SOURCE/tests/zoo/faller.c" || fail "stander.so"
policy_all 'tag "seen"'
cat > "$T/post.py" <<'PY'
import http.client, sys, time
port, name, first, last = int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
for i in range(first, last + 1):
    for attempt in range(600): # a gate that was killed is there again at some time
        try:
            c = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
            c.request("POST", "/in/" + name, body="%s-%05d" % (name, i), headers={"Content-Type": "text/plain"})
            status = c.getresponse().status
            c.close()
        except OSError:
            status = 0
        if status in (200, 202): break
        time.sleep(0.1)
    else:
        sys.exit("%s %d: %d" % (name, i, status))
PY
post() { timeout $((120 * SLOW)) python3 "$T/post.py" "$PORT" "$@" || fail "post $*"; }
decided_of() { db "SELECT count(*) FROM decision d JOIN journal j USING (seq) JOIN interaction i ON i.id = j.interaction WHERE i.native LIKE '$1-%'"; }
all_of() { [ "$(decided_of "$1" 2>/dev/null)" = "$2" ]; }
start
wait_for 10 "the gate" bash -c "exec 3<>/dev/tcp/127.0.0.1/$PORT"

post bad 1 700
post good 1 50
wait_for 40 "the good ones are decided" all_of good 50
expect "of the bad ones" 0 "$(decided_of bad)"
stored "the fault that says so" 1 "SELECT count(*) FROM fault WHERE call = 'decode' AND evidence LIKE '%set aside%'"
wait_for 10 "they are set aside" bash -c "ls '$W'/data/aside/faller/*"
post bad 701 900
post good 51 100
wait_for 10 "the next good ones do not wait" all_of good 100
mark() { db "SELECT max(drained) FROM segment"; }
at_end() { [ "$(mark)" = "$(cat "$W"/data/spool/*.seg | wc -c)" ]; }
wait_for 10 "the mark is behind all of them" at_end
before=$(mark)
post good 101 110
moved() { at_end && [ "$(mark)" -gt "$before" ]; }
wait_for 10 "the mark moves on" moved

# ---- killed, and killed again
stop_all
start
post good 111 120
wait_for 20 "good ones after a kill" all_of good 120
post bad 901 1000

# ---- mended: every one of them, once, in their order; beside a kill
sed -i 's#Asia/Seoul#Asia/Tokyo#' "$W/sori.lua"
for i in 1 2 3; do
    wait_for 60 "some of the bad ones" bash -c "[ \$(sqlite3 -readonly $W/data/sori.db \"SELECT count(*) FROM interaction WHERE native LIKE 'bad-%'\") -gt $((i * 20)) ]"
    stop_all
    start
done
wait_for 90 "all of the bad ones" all_of bad 1000
stored "in their order" 1 "WITH b AS (SELECT native, row_number() OVER (ORDER BY id) AS n FROM interaction WHERE native LIKE 'bad-%') SELECT count(*) = 1000 AND sum(native = printf('bad-%05d', n)) = 1000 FROM b"
wait_for 20 "what was set aside is gone" bash -c "! ls $W/data/aside/faller 2>/dev/null"
post bad 1001 1020
wait_for 20 "the usual way again" all_of bad 1020
stored "quarantined" 0 "SELECT count(*) FROM fault WHERE call = 'decode' AND evidence NOT LIKE '%set aside%'"
expect "deaths of the core" 0 "$(grep -c 'core ended' "$T/log")"
stored "decided once" 1140 "SELECT count(DISTINCT seq) FROM decision"
stop_all
"$SORI" check --store -w "$W" || fail "check --store"
