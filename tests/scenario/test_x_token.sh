# Our access at X is taken back while all is in flow: the connection is broken within one call, what
# X sends by webhook is recorded as before, replies wait, and with a new token each leaves once.
# killed too
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/flow.sh"
. "$(dirname "$0")/x.sh"
free_gate
fake_x ${CHAOS:+--tries 6} --public "https://sori.example=http://$GATE"
x_workspace 'receive = { "mentions", "activity" }, webhook = "https://sori.example/in/x"' "gate { listen = \"$GATE\" }"
policy <<'LUA'
local t = sori.policy "test"
t:rule "all" { when = { kind = { "mention", "comment", "share" } }, act = { reply "ok" } }
return t
LUA
start
subscribed() { [ "$(asked method=POST path=/2/activity/subscriptions status=200)" -ge 9 ]; }
wait_for 40 "the webhook is registered and nine events are subscribed to" subscribed
calm expect "checks of the address that were answered well" 1 "$(audit "crc good")"
a=$(says 401 "@ongyeol 하나")
wait_for 30 "answered" is "$a" 4
stored "interactions of one post by webhook and poll" 1 "SELECT count(*) FROM interaction WHERE native = '$a'"

# ---- taken back
calls() { curl -fsS --noproxy '*' "$X/_fake/requests?status=401&count=1"; }
fake set token=2244994945-another >/dev/null
broken() { sori status --json | grep -q '"broken"'; }
b=$(says 402 "@ongyeol 둘")
wait_for 30 "the connection is broken" broken
refused=$(calls)
calm [ "$refused" -le 2 ] || fail "$refused calls with a dead token before the connection was broken"
calm echo "ok: calls that were refused = $refused"
c=$(says 403 "@ongyeol 셋")
e=$(says 404 "온결에서 산 조명" quote_of="$(says $US "새 조명" quiet=1)")
for i in "$b" "$c" "$e"; do wait_for 30 "$i comes by webhook" equals 1 "SELECT count(*) FROM interaction WHERE native = '$i' AND state = 1"; done
decided() { [ -n "$(state "$1")" ]; }
for i in "$b" "$c" "$e"; do wait_for 30 "$i is decided" decided "$i"; done
sleep 3
for i in "$b" "$c" "$e"; do
    expect "answers to $i while the token is dead" 0 "$(answered "$i")"
    case $(state "$i")${CHAOS:-} in 1 | 2 | [1235]1) ;; *) fail "the reply to $i is not held: $(state "$i")" ;; esac
done
later=$(calls)
calm [ "$later" -le $((refused + 2)) ] || fail "X is asked again and again with a dead token: $later times"
sori status > "$T/status"
calm grep -qi "401\|refuse\|unauthor" "$T/status" || { cat "$T/status"; fail "status does not say why"; }

# ---- a new token, written where the old one was
secret x.token 2244994945-another
for i in "$b" "$c" "$e"; do wait_for 90 "$i is answered" is "$i" 4; done
peace
for i in "$a" "$b" "$c" "$e"; do expect "answers to $i" 1 "$(answered "$i")"; done
expect "X never had to refuse the same words" 0 "$(audit "duplicate content")"
expect "signatures that were wrong, clocks, nonces" "" "$(fake audit | grep -oE 'refused: (signature|timestamp|nonce)[^,]*')"

# ---- bodies that were not signed by X
body='{"data":{"event_type":"post.delete","filter":{"user_id":"2244994945"},"payload":{"id":"1","author_id":"2"}}}'
code=$(curl -s -o /dev/null -w '%{http_code}' --noproxy '*' "http://$GATE/in/x" -H 'content-type: application/json' \
    -H 'x-twitter-webhooks-signature: sha256=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=' -d "$body")
expect "an event with a wrong signature" 401 "$code"
fake set consumer_secret=another >/dev/null
expect "a webhook that does not know the secret" 0 "$(fake crc x=1)"
sori check --store || fail "check --store"
