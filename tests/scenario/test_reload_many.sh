# Two hundred generations made live one after another while interactions flow: none lost, none decided
# twice, each decided by a generation that was live then and by its rule (`./scripts/bench reload` makes
# ten thousand); and what is kept of them stays bounded.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/flow.sh"
[ -x "$BUILD/bench/reload" ] && [ -f "$BUILD/bench/flood.so" ] || { echo "SKIPPED: $BUILD/bench is not built"; exit 77; }
count=$([ -n "${SORI_SANITIZED:-}" ] && echo 30 || echo 200)
hello_workspace 'connection "flood" { channel = "flood", items = 1000000000, seed = 3, batch = 100, people = 2000, every = "1s", mode = "observe" }'
sed -i '/connection "shop"/d' "$W/sori.lua" # the other one's every = "1s" is the one that ends the flood
mkdir -p "$W/plugins"
cp "$BUILD/bench/flood.so" "$W/plugins/"
policy < /dev/null
mkdir -p "$W/policy/tests"
mv "$W/policy/rules/test.lua" "$W/policy/rules/bench.lua"
echo 'return { "rules/bench" }' > "$W/policy/init.lua"
printf 'local t = sori.policy "bench"\nt:rule "r0" { when = { kind = "comment" }, act = { tag "seen" } }\nreturn t\n' > "$W/policy/rules/bench.lua"
start
"$BUILD/bench/reload" "$W" "$count" "$KEEPER" 3 2000 "$SORI" > "$T/out" || { cat "$T/out"; fail "the bench"; }
grep -E '"(generations|speaking|lost|decided_twice|outside_its_time|rule_of_another|reload_ms_p50|flow_)' "$T/out"
expect "deaths of the core" 0 "$(grep -c 'core ended' "$T/log")"
stored "one is live" 1 "SELECT count(*) FROM generation WHERE state = 2"
# All but the last few were on their way for a moment only.
wait_for 15 "all have drained" equals 0 "SELECT count(*) FROM generation WHERE state = 4"
grep -q '"flat": true' "$T/out" || { cat "$T/out"; fail "the core's memory grows with generations"; }
sori check --store || fail "check --store"
