# The bundled policy under luacheck, with the configuration that comes with it; and that this
# configuration finds what a policy may not name.
set -u
SOURCE=${SORI_SOURCE:-$PWD}
command -v luacheck >/dev/null || { echo "SKIPPED: luacheck is not installed (Debian: lua-check)"; exit 77; }
T=$(mktemp -d "${TMPDIR:-/tmp}/sori-test.XXXXXX")
trap 'rm -rf "$T"' EXIT
fail() { echo "FAILED: $*" >&2; exit 1; }
rc=$SOURCE/scripts/policy/.luacheckrc
luacheck --no-color --no-cache --config "$rc" "$SOURCE/scripts/policy" > "$T/out" || { cat "$T/out"; fail "the bundled policy"; }
tail -1 "$T/out"
cat > "$T/bad.lua" <<'LUA'
local c = sori.policy "x"
print(os.time())
c:rule "a" { when = {}, act = assgin "x" }
c:rule "b" { when = {}, act = function(i) count = 1 return sori.txet.has(i.text, "x") end }
return c
LUA
luacheck --no-color --no-cache --codes --config "$rc" "$T/bad.lua" > "$T/out" && { cat "$T/out"; fail "nothing was found"; }
for what in print os assgin count txet; do
    grep -q "$what" "$T/out" || { cat "$T/out"; fail "$what was not found"; }
done
echo "ok: what is not offered is found"
