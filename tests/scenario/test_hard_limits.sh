# As many connections as there may be, all exchanged for others in one reload, while one more was
# made by hand: the core has room for the moment in which both are there.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/flow.sh"
many() { # many PREFIX COUNT
    grep -v '^classifier\|^connection' "$W/sori.lua" > "$T/lua"
    for i in $(seq "$2"); do echo "connection \"$1$i\" { channel = \"import\", mode = \"observe\" }"; done >> "$T/lua"
    cp "$T/lua" "$W/sori.lua"
}
hello_workspace
policy <<'LUA'
local care = sori.policy "care"
care:rule "any" { when = { kind = "comment" }, act = { tag "seen" } }
return care
LUA
many first- 128
start
CORE=$(pid_of core)
printf 'native_id,text,author_id\nr1,배송이 늦어요,u1\n' > "$T/rows.csv"
timeout 120 "$SORI" import "$T/rows.csv" -w "$W" >/dev/null || fail "import by hand"
many second- 128
timeout 180 "$SORI" reload -w "$W" || fail "a reload with as many connections as there may be"
many third- 129
timeout 180 "$SORI" reload -w "$W" > "$T/refused" 2>&1
expect "the code of one too many" 3 $?
grep -q '129 connections' "$T/refused" || fail "$(cat "$T/refused")"
expect "the core lives on" "$CORE" "$(pid_of core)"
