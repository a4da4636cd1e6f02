# The metrics listener comes, moves and goes with sori.lua, without a restart.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/flow.sh"
command -v curl >/dev/null || { echo "SKIPPED: curl is not installed"; exit 77; }
A=$(free_port) B=$A
until [ "$B" != "$A" ]; do B=$(free_port); done
hello_workspace
sed -i /^classifier/d "$W/sori.lua"
policy <<'LUA'
local care = sori.policy "care"
care:rule "any" { when = { kind = "comment" }, act = { tag "seen" } }
return care
LUA
cp "$W/sori.lua" "$T/lua"
listen() { # listen [PORT]
    cp "$T/lua" "$T/new"
    [ -z "${1:-}" ] || echo "metrics { listen = \"127.0.0.1:$1\" }" >> "$T/new"
    cp "$T/new" "$W/sori.lua"
    [ -z "$KEEPER" ] || timeout 120 "$SORI" reload -w "$W" >/dev/null || fail "reload"
}
answers() { [ "$(curl -s -m 2 "http://127.0.0.1:$1/healthz")" = ok ]; }
silent() { ! answers "$1"; }
listen "$A"
start
wait_for 10 "it answers" answers "$A"
listen "$B"
wait_for 10 "it answers at its new place" answers "$B"
wait_for 10 "the old place is closed" silent "$A"
listen
wait_for 10 "it is gone" silent "$B"
echo "ok: comes, moves, goes"
