# The types that editors get, read by the grammar of the Lua language server, and the bundled policy
# with its tests held against them: nothing in it may look wrong in an editor, and what is wrong must.
set -u
SOURCE=${SORI_SOURCE:-$PWD}
BUILD=${SORI_BUILD:-build/release}
SORI=$BUILD/bin/sori
[ -x "$SORI" ] || { echo "SKIPPED: $SORI is not built"; exit 77; }
SORI=$(realpath "$SORI")
LUA=$(command -v lua5.4 || command -v lua) || { echo "SKIPPED: no Lua interpreter (Debian: lua5.4)"; exit 77; }
[ -d "$(dirname "$SORI")/../../../scripts/policy" ] || { echo "SKIPPED: this build is not below the sources"; exit 77; }
T=$(mktemp -d "${TMPDIR:-/tmp}/sori-test.XXXXXX")
trap 'rm -rf "$T"' EXIT
fail() { echo "FAILED: $*" >&2; exit 1; }
look() { # policy, types
    "$LUA" "$SOURCE/tests/policy/annotations.lua" "$2" "$1" $(cd "$1" && ls tests/*_test.lua | sed 's/\.lua$//') > "$T/out" 2>&1
}
"$SORI" new workspace "$T/org" > "$T/out" || { cat "$T/out"; fail "new workspace"; }
types=$T/org/policy/.types/sori.meta.lua
look "$T/org/policy" "$types" || { cat "$T/out"; fail "the bundled policy"; }
cat "$T/out"
# What an editor must say: a line of a policy, what it becomes, what is told.
wrong() {
    rm -rf "$T/bad" && cp -r "$T/org/policy" "$T/bad"
    sed -i "s|$2|$3|" "$T/bad/$1" && ! cmp -s "$T/bad/$1" "$T/org/policy/$1" || fail "$1 has no $2"
    look "$T/bad" "$types" && fail "$3 was not found in $1"
    grep -q -- "$4" "$T/out" || { cat "$T/out"; fail "$3: something else was found"; }
}
wrong rules/final.lua 'kind = "message"' 'kind = "mesage"' 'final.lua:.*when: kind: mesage does not fit'
wrong rules/final.lua 'influencer = true' 'influenzer = true' 'when: influenzer is not typed'
wrong rules/final.lua '"talk", approve' '"talc", approve' 'final.lua:.*reply: 1: talc does not fit'
wrong rules/final.lua 'direction = "let_stand"' 'direction = "let_stood"' 'direction: let_stood does not fit'
wrong rules/time.lua 'at_least = 1' 'at_least = true' 'answers: at_least: true does not fit'
wrong rules/watch.lua '"watched", 1 }' '"watched" }' 'watch.lua:.*set: 2 is missing'
wrong rules/people.lua 'relate "loyal"' 'relate "loyle"' 'relate: loyle does not fit'
wrong settings.lua 'people = 30' 'people = "30"' 'same_text: people: 30 does not fit'
wrong tests/time_test.lua 'on = "overdue"' 'on = "overdew"' 'given: on: overdew does not fit'
wrong tests/time_test.lua 'silent = true' 'silence = true' 'expect: silence is not typed'
# And what would look wrong in it if the types said less.
less() {
    sed "$1" "$types" > "$T/less.lua" && ! cmp -s "$T/less.lua" "$types" || fail "the types have no $1"
    look "$T/org/policy" "$T/less.lua" && fail "$1 was not found"
    grep -q -- "$2" "$T/out" || { cat "$T/out"; fail "$1: something else was found"; }
}
less 's/^---@field public private/---@field private/' 'a field without a name: private?'
less 's/sori.Amount number|string/sori.Amount integer/' 'tone_confidence: below: 0.6 does not fit'
less '/^---@field \[string\] sori.Wanted/d; /^---@field topic.delivery/d' 'label: topic.delivery is not typed'
echo "ok: the bundled policy fits its types, and what does not is found"
