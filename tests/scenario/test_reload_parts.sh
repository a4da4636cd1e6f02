# A plugin's .so and a model's file are part of a reload: what is saved is proven beside the old one and
# takes its place between two calls; who does not use it is not touched; what is broken is refused while
# the old bytes run on; a step back has the bytes of then, even where the file is gone.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/flow.sh"
[ -f "$BUILD/zoo/puppet.so" ] && [ -f "$BUILD/zoo/other_abi.so" ] || { echo "SKIPPED: $BUILD/zoo is not built"; exit 77; }
hello_workspace "connection \"puppet\" { channel = \"puppet\", url = \"folder://$T/other\", every = \"1s\", mode = \"auto\", allow = { \"$T/other\" } }"
mkdir -p "$W/plugins" "$W/models" "$T/other"
cp "$BUILD/zoo/puppet.so" "$W/plugins/puppet.so"
cp "$BUILD/models/tone.ko" "$W/models/mine.ko"
sed -i 's/ko = "tone.ko"/ko = "mine.ko"/' "$W/sori.lua"
policy <<'LUA'
local t = sori.policy "test"
t:rule "all" { when = { kind = "comment" }, act = { tag "seen" } }
return t
LUA
start
live() { db "SELECT max(id) FROM generation WHERE state = 2"; }
process() { "$SORI" status -w "$W" --json | python3 -c '
import json, sys
for p in json.load(sys.stdin)["processes"]:
    if p["name"] == sys.argv[1]: print(p["pid"])
' "$1"; }
runs() { [ -n "$(process "$1")" ] && [ "$(process "$1")" != 0 ]; }
wait_for 20 "hello's lane" runs hello/shop/poll
wait_for 20 "puppet's lane" runs puppet/puppet/poll
say one "안녕하세요"
wait_for 20 "decided" decided 1
wait_for 20 "the English model" runs ngram/en
HELLO=$(process hello/shop/poll) PUPPET=$(process puppet/puppet/poll) KO=$(process ngram/ko) EN=$(process ngram/en)
G=$(live)

# ---- other bytes of one plugin: by the watch
{ cat "$BUILD/zoo/puppet.so"; echo "other bytes"; } > "$T/puppet.so"
cp "$T/puppet.so" "$W/plugins/.p"; mv "$W/plugins/.p" "$W/plugins/puppet.so"
wait_for 15 "the new plugin is live" equals $((G + 1)) "SELECT max(id) FROM generation WHERE state = 2"
other() { local p; p=$(process puppet/puppet/poll); [ -n "$p" ] && [ "$p" != 0 ] && [ "$p" != "$PUPPET" ]; }
wait_for 15 "its lane has a new process" other
from_copy() { tr '\0' ' ' < "/proc/$(process puppet/puppet/poll)/cmdline" | grep -q "data/parts/puppet\."; }
wait_for 10 "it runs from its copy" from_copy
expect "hello is not touched" "$HELLO" "$(process hello/shop/poll)"
expect "ko is not touched" "$KO" "$(process ngram/ko)"
sori history --limit 1 | grep -q 'plugin puppet: content [0-9a-f]* → [0-9a-f]*' || { sori history --limit 1; fail "history does not name the plugin"; }
PUPPET=$(process puppet/puppet/poll)

# ---- a broken one
cp "$BUILD/zoo/other_abi.so" "$W/plugins/.p"; mv "$W/plugins/.p" "$W/plugins/puppet.so"
code=0; sori reload > "$T/out" 2>&1 || code=$?
expect "another ABI" 3 "$code"
grep -q 'puppet.so is built for plugin ABI' "$T/out" || { cat "$T/out"; fail "it is not said"; }
expect "the old one runs on" "$PUPPET" "$(process puppet/puppet/poll)"
# Even written over in place, what runs is a copy.
head -c 100 /dev/zero > "$W/plugins/puppet.so"
kill -9 "$PUPPET"
wait_for 20 "its lane comes back" other
say two "잘 지내세요"
wait_for 20 "decided" decided 2

# ---- a model: by a person, with a plan first
{ cat "$BUILD/models/tone.ko"; } > "$W/models/mine.ko"
cp "$T/puppet.so" "$W/plugins/.p"; mv "$W/plugins/.p" "$W/plugins/puppet.so"
sori reload > /dev/null || fail "mended"
G=$(live)
cp "$BUILD/models/tone.en" "$T/mine.new"
EN=$(process ngram/en) KO=$(process ngram/ko)
mv "$T/mine.new" "$W/models/mine.ko"
sori reload --plan > "$T/plan" || { cat "$T/plan"; fail "plan"; }
later() { [ "$(live)" -gt "$G" ]; }
if ! grep -q '^~ model mine.ko: content' "$T/plan"; then # the watch may have been faster: history tells it then
    grep -q "nothing changed: generation $((G + 1)) goes on" "$T/plan" && sori history --limit 1 | grep -q 'model mine.ko: content' || { cat "$T/plan"; fail "the plan does not name the model"; }
fi
wait_for 15 "the model is live" later
new_ko() { local p; p=$(process ngram/ko); [ -n "$p" ] && [ "$p" != "$KO" ]; }
wait_for 10 "another process scores" new_ko
expect "the English one is not touched" "$EN" "$(process ngram/en)"

# ---- back to the bytes of then, where the files are gone
rm "$W/models/mine.ko"
B=$(live)
sleep 1
sori rollback > "$T/out" || { cat "$T/out"; fail "rollback"; }
grep -q "model mine.ko: content" "$T/out" || { cat "$T/out"; fail "the step back does not name the model"; }
say three "또 왔어요"
wait_for 20 "decided" decided 3
expect "deaths of the core" 0 "$(grep -c 'core ended' "$T/log")"
stored "all scored" 3 "SELECT count(*) FROM decision WHERE scores IS NOT NULL"

# ---- a copy that somebody changed is none, whatever its name says
copy=$(ls "$W/data/parts/mine.$(sha256sum "$BUILD/models/tone.en" | cut -c 1-16)"*)
chmod u+w "$copy"
printf x >> "$copy"
G=$(live)
sori rollback "$B" > "$T/out" 2>&1 && { cat "$T/out"; fail "a changed copy was taken"; }
grep -q 'of then (content .*) is neither kept in data/parts nor on disk' "$T/out" || { cat "$T/out"; fail "the refusal does not say why"; }
grep -q "$copy is not what was kept there" "$T/log" || fail "the log does not name the copy"
expect "the old generation goes on" "$G" "$(live)"
say four "다시 왔어요"
wait_for 20 "decided" decided 4
