# Ceilings while somebody sets the clock: forwards by three hours nothing more leaves than this life
# allows; back by two days nothing leaves at once, and nothing waits for two days either.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/flow.sh"
. "$(dirname "$0")/loop.sh"
[ -z "${SORI_SANITIZED:-}" ] || { echo "SKIPPED: sanitizers want to be loaded first"; exit 77; }
[ -f "$BUILD/zoo/clock_shift.so" ] || { echo "SKIPPED: $BUILD/zoo/clock_shift.so is not built"; exit 77; }
MODE=auto puppet_workspace 'limits { contact_gap = "10m", hour = 4 }'
policy <<'LUA'
local t = sori.policy "test"
t:rule "all" { when = { on = "said" }, act = { reply "ok" } }
return t
LUA
shift_by() { python3 -c 'import struct, sys; open(sys.argv[1], "r+b").write(struct.pack("=q", int(sys.argv[2])))' "$T/shift" "$1"; }
head -c 8 /dev/zero > "$T/shift"
export SHIFT=$T/shift LD_PRELOAD=$BUILD/zoo/clock_shift.so
start
unset LD_PRELOAD
sent() { db "SELECT count(*) FROM action WHERE state = 4"; }
many() { for i in $(seq "$2"); do echo "id=$1$i|author=$1$i|text=안녕하세요 $i"; done | items "$1"; }
many a 6
wait_for 20 "the hour is full" equals 4 "SELECT count(*) FROM action WHERE state = 4"
echo "-- three hours forwards"
shift_by $((3 * 3600000))
many b 6
wait_for 20 "all were decided" equals 12 "SELECT count(*) FROM decision WHERE status = 1"
sleep 4
wall=$(db "SELECT max(at) FROM journal")
[ "$wall" -gt $(($(date +%s) * 1000 + 3 * 3600000 - 60000)) ] || fail "the clock did not jump: $wall"
expect "nothing more left" 4 "$(sent)"
echo "-- two days back, in this life and in the next"
shift_by $((-48 * 3600000))
many c 2
sleep 4
expect "nothing more left" 4 "$(sent)"
stop_all
export LD_PRELOAD=$BUILD/zoo/clock_shift.so
start
unset LD_PRELOAD
many d 2
wait_for 20 "all were decided" equals 16 "SELECT count(*) FROM decision WHERE status = 1"
sleep 4
expect "nothing more left" 4 "$(sent)"
late=$(($(date +%s) * 1000 - 48 * 3600000 + 25 * 3600000))
stored "nothing waits for two days" 0 "SELECT count(*) FROM action WHERE state = 1 AND due > $late"
stored "each that waits has its reason" 0 "SELECT count(*) FROM action WHERE state = 1 AND reason NOT LIKE 'waits for its turn:%'"
stored "nobody was lost" 16 "SELECT count(*) FROM action WHERE state IN (0, 1, 4)"
sori check --store || fail "check --store"
