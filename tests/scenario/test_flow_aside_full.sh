# A decoder that never comes up while more is sent to it than may be set aside: its senders are told
# to come again, those of the other channels are served, and it gets all that was taken in the end.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/flow.sh"
[ -f "$BUILD/zoo/faller.so" ] || { echo "SKIPPED: $BUILD/zoo/faller.so is not built"; exit 77; }
command -v cc >/dev/null || { echo "SKIPPED: there is no C compiler"; exit 77; }
command -v python3 >/dev/null || { echo "SKIPPED: python3 is not installed"; exit 77; }
PORT=$(free_port)
workspace "gate { listen = \"127.0.0.1:$PORT\" }" 'limits { spool = "16m" }' \
    'connection "bad" { channel = "faller", mode = "observe" }' \
    'connection "good" { channel = "stander", mode = "observe" }'
sed -i /^classifier/d "$W/sori.lua"
mkdir -p "$W/plugins"
cp "$BUILD/zoo/faller.so" "$W/plugins/"
cc -shared -fPIC -std=c17 -DFALLER_ID='"stander"' -DFALLER_STANDS -I "$SOURCE/include" -o "$W/plugins/stander.so" "$SOURCE/tests/zoo/faller.c" || fail "stander.so"
policy_all 'tag "seen"'
# post NAME NUMBER BYTES prints the status.
post() {
    python3 - "$PORT" "$@" <<'PY'
import http.client, sys
port, name, number, size = int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
c = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
c.request("POST", "/in/" + name, body=("%s-%05d" % (name, number)).encode() + b"\n" * size, headers={"Content-Type": "text/plain"})
a = c.getresponse()
print(a.status, a.getheader("Retry-After") or "")
PY
}
decided_of() { db "SELECT count(*) FROM decision d JOIN journal j USING (seq) JOIN interaction i ON i.id = j.interaction WHERE i.native LIKE '$1-%'"; }
all_of() { [ "$(decided_of "$1" 2>/dev/null)" = "$2" ]; }
start
wait_for 10 "the gate" bash -c "exec 3<>/dev/tcp/127.0.0.1/$PORT"

# It is taken, not only answered.
first() { [ "$(post bad 1 10)" = "200 " ]; }
wait_for 20 "the first is taken" first
wait_for 40 "it is set aside" bash -c "ls $W/data/aside/faller >/dev/null 2>&1"
full() { grep -q "faller.*the gate takes no more" "$T/log"; }
taken=1 told=''
until full; do
    [ "$taken" -lt 60 ] || fail "60 deliveries of a megabyte were taken of 16 MB"
    told=$(post bad $((taken + 1)) 1000000)
    [ "$told" = "503 60" ] && break
    [ "${told%% *}" = 200 ] || fail "delivery $((taken + 1)): $told"
    taken=$((taken + 1))
    # The next one when this one is set aside, so that the core may tell the gate in time.
    aside() { [ "$(cat "$W"/data/aside/faller/* | wc -c)" -ge $(((taken - 1) * 1000000)) ]; }
    wait_for 20 "it is set aside" aside
    sleep 0.3
done
large=$taken
# What comes before the gate has heard of it is taken too.
refused() {
    told=$(post bad $((taken + 1)) 10)
    [ "${told%% *}" != 200 ] || taken=$((taken + 1))
    [ "$told" = "503 60" ]
}
wait_for 10 "its sender is told to come again" refused
expect "what its sender is told in the end" "503 60" "$told"
[ "$large" -ge 8 ] && [ "$large" -le 15 ] || fail "$large deliveries of a megabyte were taken of 16 MB"
wait_for 10 "the log says so" full
for i in $(seq 1 30); do
    expect "good $i" 200 "$(post good "$i" 10 | cut -d' ' -f1)"
done
wait_for 20 "the good ones are decided" all_of good 30
expect "still" "503 60" "$(post bad 90001 10)"

# ---- killed and mended: what was taken is decoded, and more is taken
stop_all
sed -i 's#Asia/Seoul#Asia/Tokyo#' "$W/sori.lua"
start
wait_for 60 "all of the bad ones that were taken" all_of bad "$taken"
taken_again() { [ "$(post bad 90002 10 | cut -d' ' -f1)" = 200 ]; }
wait_for 20 "it is taken again" taken_again
wait_for 20 "and decided" all_of bad $((taken + 1))
expect "deaths of the core" 0 "$(grep -c 'core ended' "$T/log")"
