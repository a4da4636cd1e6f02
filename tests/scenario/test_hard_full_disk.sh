# The disk fills up while people speak: nothing that was accepted is lost, nothing is half written,
# the keeper neither gives up nor spins, and once there is room again everything goes on by itself.
# Needs a mount namespace of its own for a disk of 40 MiB.
if [ -z "${SORI_SMALL_DISK:-}" ]; then
    unshare -Urm true 2>/dev/null || { echo "SKIPPED: no mount namespace can be made here"; exit 77; }
    disk=$(mktemp -d "${TMPDIR:-/tmp}/sori-disk.XXXXXX")
    mkdir "$disk/full" "$disk/wide"
    SORI_SMALL_DISK=$disk unshare -Urm bash -c 'mount -t tmpfs -o size=40m sori "$SORI_SMALL_DISK/full" || exit 77; bash "$0"' "$0"
    code=$?
    rm -rf "$disk"
    [ $code = 77 ] && echo "SKIPPED: no small disk can be mounted here"
    exit $code
fi
export TMPDIR=$SORI_SMALL_DISK/full
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/flow.sh"
LOG=$SORI_SMALL_DISK/wide/log IN=$SORI_SMALL_DISK/wide/inbox
mkdir -p "$IN"
also_stop() { [ "${code:-0}" = 0 ] || tail -30 "$LOG"; }

hello_workspace
policy <<'LUA'
local care = sori.policy "care"
care:rule "any" { when = { kind = "comment" }, act = { tag "seen" } }
return care
LUA
rmdir "$W/inbox"
ln -s "$IN" "$W/inbox"
sed -i -e "s|$W/inbox|$IN|g" -e /^classifier/d "$W/sori.lua"
begin() { "$BUILD/bin/sorid" "$W" >>"$LOG" 2>&1 & KEEPER=$!; }
begin
wait_for 30 "the core answers" "$SORI" status -w "$W"
for i in $(seq 20); do say "a$i" "배송이 언제 오나요 $i"; done
wait_for 30 "the first are decided" decided 20

fill() { dd if=/dev/zero of="$T/filler" bs=64k oflag=append conv=notrunc status=none 2>/dev/null; dd if=/dev/zero of="$T/filler" bs=1 oflag=append conv=notrunc status=none 2>/dev/null; }
fill
for i in $(seq 400); do say "b$i" "배송이 너무 늦어요 $i $(head -c 600 /dev/zero | tr '\0' x)"; done
wait_for 60 "the core sees that the disk is full" grep -qi "disk is full" "$LOG"
fill
sleep 12
kill -0 "$KEEPER" 2>/dev/null || { wait "$KEEPER"; echo "code $?"; false; } || fail "the keeper gave up: $(tail -3 "$LOG")"
starts=$(grep -c 'keeper: core ended' "$LOG")
[ "$starts" -le 12 ] || fail "the keeper spins: $starts restarts in 12 seconds"
echo "ok: the keeper waits ($starts restarts)"
rm "$T/filler"
wait_for 180 "all of them are decided once there is room" decided 420
expect "interactions" 420 "$(db 'SELECT count(*) FROM interaction WHERE said IS NOT NULL')"
expect "integrity" ok "$(db 'PRAGMA integrity_check')"

# A first start on a full disk says what is wrong and ends.
kill "$KEEPER"
wait "$KEEPER" 2>/dev/null
fill
begin
wait "$KEEPER"
expect "code of a start on a full disk" 3 $?
tail -3 "$LOG" | grep -q "make room" || fail "it does not say what to do: $(tail -1 "$LOG")"
rm "$T/filler"
begin
wait_for 180 "the core answers again" "$SORI" status -w "$W"
