# One decision in a thousand is made again in a fresh state. Where that one differs, health is red
# (readyz, status, a metric), the rule is named, and another policy makes it green again.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/flow.sh"
[ -x "$BUILD/zoo/unsteady_worker" ] && [ -f "$BUILD/bench/flood.so" ] || { echo "SKIPPED: $BUILD/zoo/unsteady_worker or bench/flood.so is not built"; exit 77; }
# The programs with another worker beside them.
mkdir -p "$T/built/bin"
cp "$BUILD/bin/sorid" "$BUILD/bin/sori" "$T/built/bin/"
cp "$BUILD/zoo/unsteady_worker" "$T/built/bin/sori-worker"
ln -s "$(realpath "$BUILD/plugins")" "$T/built/plugins"
ln -s "$(realpath "$BUILD/models")" "$T/built/models"
BUILD=$T/built SORI=$T/built/bin/sori
port=$(free_port)
hello_workspace 'connection "flood" { channel = "flood", items = 4000, seed = 5, every = "1s", mode = "observe" }' "metrics { listen = \"127.0.0.1:$port\" }"
mkdir -p "$W/plugins"
cp "$(dirname "$(realpath "$T/built/plugins")")/bench/flood.so" "$W/plugins/"
policy <<'LUA'
local t = sori.policy "test"
t:rule "flips" { when = { on = { "said", "edited" } }, act = { tag "a" } }
return t
LUA
start
red() { sori status --json | grep -q 'not deterministic'; }
wait_for 60 "health is red" red
sori status > "$T/status"
grep -q 'not deterministic.*flips' "$T/status" || fail "status names no rule: $(cat "$T/status")"
curl -s "http://127.0.0.1:$port/metrics" > "$T/metrics"
grep -q '^sori_policy_unstable 1' "$T/metrics" || fail "the metric: $(grep unstable "$T/metrics")"
expect "readyz" 503 "$(curl -s -o "$T/ready" -w '%{http_code}' "http://127.0.0.1:$port/readyz")"
grep -q flips "$T/ready" || fail "readyz names no rule: $(cat "$T/ready")"
wait_for 60 "all is heard" equals 4000 "SELECT CAST(CAST(value AS TEXT) AS INT) FROM cursor WHERE name = 'at'"
stored "it is told once" 1 "SELECT count(*) FROM fault WHERE evidence LIKE '%fresh state: flips%'"
policy <<'LUA'
local t = sori.policy "test"
t:rule "steady" { when = { on = { "said", "edited" } }, act = { tag "b" } }
return t
LUA
sori reload > /dev/null || fail "reload"
green() { [ "$(curl -s -o /dev/null -w '%{http_code}' "http://127.0.0.1:$port/readyz")" = 200 ]; }
wait_for 15 "health is green" green
echo "ok: another policy, and it is ready again"
