# A model that goes bad under a running Sori holds nobody up: texts go on without scores, to a person,
# and with scores again once it is mended. A reload to a bad model is refused soon, and the same
# reload takes it once it is mended.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/flow.sh"
MODE=observe hello_workspace
sed -i 's/ko = "tone.ko"/ko = "mine.ko"/' "$W/sori.lua"
mkdir -p "$W/models"
cp "$BUILD/models/tone.ko" "$W/models/mine.ko"
policy <<'LUA'
local t = sori.policy "test"
t:rule "unsure" { when = { tone = "unsure" }, act = { hold "read it" } }
t:rule "all" { when = { kind = "comment" }, act = { tag "seen" } }
return t
LUA
start
tone() { equals "$2" "SELECT d.tone FROM decision d JOIN journal j USING (seq) JOIN interaction i ON i.id = j.interaction WHERE i.native = '$1'"; }
say a "배송이 너무 늦고 포장도 엉망이라 정말 화가 납니다" a
wait_for 20 "negative" tone a 3
# What runs is a copy under its content's name; a file that goes bad is refused, and changes nothing.
echo broken > "$W/models/.b"; mv "$W/models/.b" "$W/models/mine.ko"
wait_for 20 "the broken file is refused" bash -c "'$SORI' status -w '$W' | grep -q 'too short to be a model'"
stored "one refusal" 1 "SELECT count(*) FROM generation WHERE state = 5"
COPY=$(ls "$W"/data/parts/mine.*.ko | while read -r f; do [ "$(stat -c %s "$f")" -lt 100 ] || echo "$f"; done)
echo broken > "$T/b"; cp "$COPY" "$T/copy"; mv "$T/b" "$COPY"
for p in $(pid_of classifier); do kill -9 "$p"; done
say b "배송이 너무 늦고 포장도 엉망이라 정말 화가 납니다" b
wait_for 20 "goes on without scores" tone b 4
grep -qw "$(id_of b)" <(sori inbox) || fail "it does not wait for a person"
english() { [ -n "$(pid_of classifier)" ]; }
wait_for 20 "English has its model again" english
cp "$T/copy" "$T/b"; mv "$T/b" "$COPY"
cp "$BUILD/models/tone.ko" "$W/models/.b"; mv "$W/models/.b" "$W/models/mine.ko"
again() { N=$((${N:-0} + 1)); say "c$N" "배송이 너무 늦고 포장도 엉망이라 정말 화가 납니다" "c$N"; sleep 1; equals 3 "SELECT max(d.tone = 3) * 3 FROM decision d JOIN journal j USING (seq) JOIN interaction i ON i.id = j.interaction WHERE i.native LIKE 'c%'"; }
wait_for 40 "scored again once the model is mended" again

echo broken > "$W/models/other.ko"
sed -i 's/ko = "mine.ko"/ko = "other.ko"/' "$W/sori.lua"
from=$(date +%s) code=0
sori reload > "$T/reload" 2>&1 || code=$?
expect "a reload to a bad model" 3 "$code"
[ $(($(date +%s) - from)) -le $((5 * SLOW)) ] || fail "the refusal took $(($(date +%s) - from)) s"
cat "$T/reload"
say d "배송이 너무 늦고 포장도 엉망이라 정말 화가 납니다" d
wait_for 20 "the old model goes on" tone d 3
cp "$BUILD/models/tone.ko" "$W/models/other.ko"
sori reload || fail "the mended model is still refused"
say e "배송이 너무 늦고 포장도 엉망이라 정말 화가 납니다" e
wait_for 20 "the new model" tone e 3
