# A worker that was taken over says on its wire what no honest one says: the core and everybody
# else's voices go on, no credential of another connection is used, no memory or log grows without
# end.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/flow.sh"
[ -f "$BUILD/zoo/forger.so" ] || { echo "SKIPPED: $BUILD/zoo/forger.so is not built"; exit 77; }
command -v python3 >/dev/null || { echo "SKIPPED: python3 is not installed"; exit 77; }

# A platform that writes down the heads it is sent.
cat > "$T/platform.py" <<'PY'
import http.server, sys, time
class H(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/crowd": time.sleep(40)
        open(sys.argv[1] + "/seen", "a").write(self.path + "\n" + str(self.headers))
        self.send_response(200); self.send_header("Content-Length", "0"); self.end_headers()
    def log_message(self, *a): pass
s = http.server.ThreadingHTTPServer(("127.0.0.1", 0), H)
open(sys.argv[1] + "/port", "w").write(str(s.server_address[1]))
s.serve_forever()
PY
PLATFORM=$(python3 "$T/platform.py" "$T" >/dev/null 2>&1 & echo $!) # no job of this shell: it is not waited for
also_stop() { kill "$PLATFORM" 2>/dev/null; }
wait_for 10 "the platform" test -s "$T/port"
PORT=$(cat "$T/port")

lie() { # lie HOW: a workspace with one honest connection and one that lies
    stop_all
    rm -rf "$W" "$T/log"
    hello_workspace "connection \"liar\" { channel = \"forger\", how = \"$1\", address = \"http://127.0.0.1:$PORT/$1\", every = \"1s\", mode = \"observe\", allow = { \"127.0.0.1:$PORT\" } }" \
        "connection \"victim\" { channel = \"forger\", how = \"none\", address = \"x\", every = \"1h\", mode = \"observe\", allow = { \"127.0.0.1:$PORT\" } }"
    sed -i /^classifier/d "$W/sori.lua"
    echo "geheim-4711-token" > "$W/secrets/victim.token"
    echo "own-token" > "$W/secrets/liar.token"
    chmod 600 "$W"/secrets/*
    mkdir -p "$W/plugins"
    cp "$BUILD/zoo/forger.so" "$W/plugins/"
    policy <<'LUA'
local care = sori.policy "care"
care:rule "any" { when = { kind = "comment" }, act = { tag "seen" } }
return care
LUA
    start
    CORE=$(pid_of core)
    sleep 3
    for i in 1 2 3; do say "h$i" "언제 오나요"; done
    wait_for "${2:-20}" "$1: the honest ones are decided" equals 3 "SELECT count(*) FROM decision d JOIN journal j ON j.seq = d.seq JOIN interaction i ON i.id = j.interaction WHERE i.native LIKE 'h_'"
    expect "$1: the core lives on" "$CORE" "$(pid_of core)"
}

lie steal
wait_for 10 "the liar's requests go out, with its own credential" grep -q own-token "$T/seen"
grep -qi 'geheim' "$T/seen" && fail "the liar spoke with the victim's credential"
echo "ok: nobody speaks with another's credential"

lie crowd

lie numbers
for c in inbox status "search odd" "export"; do
    timeout 120 "$SORI" ${c%% *} -w "$W" ${c#"${c%% *}"} > "$T/cli.out" 2>&1 || [ $? -lt 6 ] || fail "sori $c"
    grep -q $'\x1b' "$T/cli.out" && fail "sori $c prints escape sequences"
done
expect "numbers: the core lives on" "$CORE" "$(pid_of core)"

lie title

lie logs
sleep 3
size=$(stat -c %s "$T/log")
[ "$size" -lt 2000000 ] || fail "a guest made the log $size bytes long in seconds"
echo "ok: the log is bounded ($size bytes)"

lie flood 60
peak=$(awk '/VmHWM/ { print $2 }' /proc/"$CORE"/status)
# A sanitizer keeps what was freed for a while (256 MB) beside its shadow of all memory.
[ "$peak" -lt "$([ -n "${SORI_SANITIZED:-}" ] && echo 2000000 || echo 700000)" ] || fail "the core took $peak kB"
echo "ok: a flood is held back ($peak kB)"
