# `sori new policy` and `new workspace`: what comes out passes its own tests, and editors find types
# with the names of that site, which are no part of the bundle.
set -u
BUILD=${SORI_BUILD:-build/release}
SORI=$BUILD/bin/sori
[ -x "$SORI" ] || { echo "SKIPPED: $SORI is not built"; exit 77; }
SORI=$(realpath "$SORI")
T=$(mktemp -d "${TMPDIR:-/tmp}/sori-test.XXXXXX")
trap 'rm -rf "$T"' EXIT
fail() { echo "FAILED: $*" >&2; exit 1; }
[ -d "$(dirname "$SORI")/../../../scripts/policy" ] || { echo "SKIPPED: this build is not below the sources"; exit 77; }
"$SORI" new policy "$T/policy" > "$T/out" || { cat "$T/out"; fail "new policy"; }
for f in init.lua .luacheckrc .luarc.json .types/sori.meta.lua; do [ -s "$T/policy/$f" ] || fail "no $f"; done
"$SORI" policy test "$T/policy" > "$T/out" || { cat "$T/out"; fail "its tests"; }
"$SORI" new policy "$T/policy" > "$T/out" 2>&1 && fail "over what is there"
# The types are beside the bundle, not in it: breaking them breaks nothing.
echo 'this is no Lua' > "$T/policy/.types/sori.meta.lua"
"$SORI" policy test "$T/policy" > "$T/out" || { cat "$T/out"; fail "types are read"; }
"$SORI" new workspace "$T/org" > "$T/out" || { cat "$T/out"; fail "new workspace"; }
# Without hours of its own it would be open at night, and nobody told that we are closed.
grep -q '^            hours = "mon-fri 09:00-18:00", holidays = "kr" }$' "$T/org/sori.lua" || fail "the workspace has no hours"
grep -q '^---@alias sori.Department "support"|"lead"|"marketing"$' "$T/org/policy/.types/sori.meta.lua" || fail "departments"
grep -q '^---@alias sori.Reply "' "$T/org/policy/.types/sori.meta.lua" || fail "replies"
grep -q '^---@field topic.delivery? sori.Wanted$' "$T/org/policy/.types/sori.meta.lua" || fail "labels"
grep -q '^---@alias sori.RuleName string|"T2 taken away"|' "$T/org/policy/.types/sori.meta.lua" || fail "rules"
cd "$T/org" || fail cd
# Of Lua's own tables, only those are taken from the language server that hold nothing a policy may
# name; and it knows every block of sori.lua.
SORI_SOURCE=$(dirname "$SORI")/../../.. python3 - <<'PY' || fail ".luarc.json"
import json, os, re
above, inside = json.load(open(".luarc.json")), json.load(open("policy/.luarc.json"))
assert above["workspace.library"] == ["policy/.types"] and above["runtime.path"] == ["policy/?.lua"], above
assert inside["workspace.library"] == [".types"] and inside["runtime.path"] == ["?.lua"], inside
allowed = open("policy/.luacheckrc").read()
home = {"require": "package", "string": "string", "table": "table", "math": "math", "utf8": "utf8", "pairs": "basic"}
for rc in above, inside:
    assert set(rc["runtime.builtin"].values()) == {"disable"}, rc
    for name, table in home.items():
        assert re.search(r'^    "?%s\b' % name, allowed, re.M), name
        assert table not in rc["runtime.builtin"], table
blocks = re.findall(r'^    \{"(\w+)", CONF_', open(os.environ["SORI_SOURCE"] + "/core/conf/block.c").read(), re.M)
assert len(blocks) >= 9 and sorted(blocks) == sorted(above["diagnostics.globals"]), blocks
assert "diagnostics.globals" not in inside, inside
PY
if command -v luacheck >/dev/null; then
    luacheck --no-color --no-cache -q . > "$T/out" || { cat "$T/out"; fail "luacheck in the workspace"; }
    (cd policy && luacheck --no-color --no-cache -q . > "$T/out") || { cat "$T/out"; fail "luacheck in the policy"; }
fi
"$SORI" policy types > "$T/types" || fail "types beside a workspace"
cmp "$T/types" policy/.types/sori.meta.lua || fail "types are others"
echo 'return {' > policy/init.lua
"$SORI" policy types > "$T/types" 2> "$T/err" && fail "a policy that does not load"
grep -q 'function reply(what) end' "$T/types" || fail "without its names there are types all the same"
grep -q 'does not load' "$T/err" || { cat "$T/err"; fail "it is not said"; }
"$SORI" policy types --luacheck > "$T/rc" || fail "--luacheck"
cmp "$T/rc" policy/.luacheckrc || fail ".luacheckrc"
echo "ok: a policy of one's own, with types"
