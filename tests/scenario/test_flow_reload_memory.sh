# Reloads leave nothing behind in memory: a hundred connections and a model exchanged for others each
# time, while interactions flow, and the core does not grow.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/flow.sh"
[ -f "$BUILD/zoo/faller.so" ] || { echo "SKIPPED: $BUILD/zoo/faller.so is not built"; exit 77; }
hello_workspace
mkdir -p "$W/plugins"
cp "$BUILD/zoo/faller.so" "$W/plugins/"
policy_all 'tag "seen"'
grep -v '^classifier' "$W/sori.lua" > "$T/lua"
conf() { # conf N: other connections, another floor
    cp "$T/lua" "$T/lua.$1"
    printf 'classifier "tone" { plugin = "ngram", models = { ko = "tone.ko", en = "tone.en" }, floor = 0.6%02d }\n' "$1" >> "$T/lua.$1"
    for i in $(seq 110); do echo "connection \"c$1-$i\" { channel = \"faller\", mode = \"observe\" }"; done >> "$T/lua.$1"
    mv "$T/lua.$1" "$W/sori.lua"
}
conf 0
start
CORE=$(pid_of core)
reloads() { # reloads FROM TO
    local n
    for n in $(seq "$1" "$2"); do
        say "v$n" "배송이 너무 늦어요 $n"
        conf "$n"
        sori reload > "$T/reload" 2>&1 || { cat "$T/reload"; fail "reload $n"; }
    done
    sleep 1
}
size() { awk '/^RssAnon/ { print $2 }' "/proc/$CORE/status"; }
reloads 1 10
before=$(size)
reloads 11 50
# What the last ones leave goes in a moment, once nobody needs it any more.
for n in $(seq 20); do
    after=$(size)
    [ $((after - before)) -ge 3200 ] || break
    sleep 0.5
done
wait_for 30 "all are decided" decided 50
expect "the core lives on" "$CORE" "$(pid_of core)"
grown=$((after - before))
# Without freeing, the connections alone are more than 3 MB; the store's memory of its new pages is
# half of that. A sanitizer keeps what was freed for a while.
[ -n "${SORI_SANITIZED:-}" ] || [ "$grown" -lt 3200 ] || fail "the core grew by $grown kB in 40 reloads"
echo "ok: the core grew by $grown kB in 40 reloads"
sori status | grep -q '^5500 no longer in sori.lua, kept for their history: c49-110, .*…$' || { sori status; fail "status does not tell of those that are gone"; }
