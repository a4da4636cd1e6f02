# Connecting X over its fake: keys given by files, options that are lists, and at a terminal a token
# of OAuth 2.0 whose parts are asked for one by one. What the platform rotates while it is tried is
# what is kept.
. "$(dirname "$0")/lib.sh"
command -v python3 >/dev/null || { echo "SKIPPED: python3 is not installed"; exit 77; }
for part in fake/x plugins/x.so; do
    [ -f "$BUILD/$part" ] || { echo "SKIPPED: $BUILD/$part is not built"; exit 77; }
done
"$BUILD/fake/x" --port 0 > "$T/x.port" 2> "$T/x.log" &
FAKE=$!
disown # stop_all waits for what is ours alone
also_stop() { kill "$FAKE" 2>/dev/null; }
wait_for 10 "the fake's port" grep -q . "$T/x.port"
API=127.0.0.1:$(head -1 "$T/x.port")
workspace
for slot in consumer_key=fake-consumer-key consumer_secret=fake-consumer-secret bearer=fake-bearer token=2244994945-fake-token token_secret=fake-token-secret; do
    echo "${slot#*=}" > "$T/${slot%%=*}"
    SLOTS+=(--slot "${slot%%=*}=$T/${slot%%=*}")
done
said=$("$SORI" connection add x "${SLOTS[@]}" -w "$W" 2>&1 </dev/null)
[[ "$said" == *"missing: --set user_id=…"* ]] || fail "what is missing is not named: $said"
said=$("$SORI" connection add x -w "$W" --set user_id=2244994945 --set "api=http://$API" --allow "$API" \
    --set receive=mentions --set receive=search --set 'watch="온결 리빙" lang:ko' "${SLOTS[@]}" 2>&1 </dev/null) || fail "$said"
[[ "$said" == *"온결 리빙 (@ongyeol, 2244994945)"* ]] || fail "whose account it is is not told: $said"
grep -q 'fake-token\|fake-bearer\|fake-consumer' <<<"$said" && fail "a secret is shown: $said"
grep -qF 'receive = { "mentions", "search" }' "$W/sori.lua" || fail "$(cat "$W/sori.lua")"
grep -qF 'watch = { "\"온결 리빙\" lang:ko" }' "$W/sori.lua" || fail "$(cat "$W/sori.lua")"
"$SORI" connection check x -w "$W" || fail "it is not well"
cat > "$T/person.py" <<'PY'
import sys
from terminal import Terminal
terminal = Terminal(sys.argv[1:])
until, answer = terminal.until, terminal.answer

until("plan ("); answer("")
until("handle: "); answer("ongyeol")
until("user_id: "); answer(""); until("is needed"); answer("2244994945")
for slot in ("consumer_key", "consumer_secret", "bearer"):
    until(slot + ": "); answer("fake-" + slot.replace("_", "-"))
until("auth ("); answer("oauth2")
until("oauth2: "); answer("type"); answer("fake-access-0", "(not shown) > ")
answer("fake-refresh-0", "refresh_token (not shown) > "); answer("fake-client", "client_id > ")
answer("fake-client-secret", "none) > "); answer("7200", "not known) > ")
until("account        온결 리빙"); until("receive ("); answer("mentions"); answer("")
until("watch ("); answer("")
until("webhook ("); answer("")
until("daily_budget: "); answer("5.00")
until('connection "second" is connected')
terminal.end()
PY
python3 "$T/person.py" "$SORI" connection add x second -w "$W" --set "api=http://$API" --allow "$API" > "$T/person.out" 2>&1 || fail "$(cat "$T/person.out")"
grep -qE 'fake-(access|refresh|client-secret|bearer|consumer)' "$T/person.out" && fail "a secret is shown: $(cat "$T/person.out")"
expect "its secrets" "second.bearer second.consumer_key second.consumer_secret second.oauth2" "$(cd "$W/secrets" && ls second.* | xargs)"
python3 - "$W/secrets/second.oauth2" <<'PY' || fail "the token's file is not what net reads"
import json, sys, time
t = json.load(open(sys.argv[1]))
assert t["refresh_token"] and t["client_id"] == "fake-client" and t["client_secret"] == "fake-client-secret"
assert abs(t["expires_at"] / 1000 - time.time() - 7200) < 120
PY
"$SORI" connection check second -w "$W" --json | grep -q '"account":"온결 리빙' || fail "the second is not well"
echo "ok: OAuth 2.0, part by part"
