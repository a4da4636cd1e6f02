# Sori is down for a while, its gate too: X sent its events to a webhook that nobody answered. It is
# asked to send them again; where it does not do that, mentions are read. Nothing counts twice.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/flow.sh"
. "$(dirname "$0")/x.sh"
free_gate
fake_x --public "https://sori.example=http://$GATE"
x_workspace 'receive = { "activity" }, webhook = "https://sori.example/in/x"' "gate { listen = \"$GATE\" }"
heard() { equals 1 "SELECT count(*) FROM interaction WHERE native = '$1' AND state = 1"; }
likes() { equals "$1" "SELECT coalesce(sum(t.n), 0) FROM tally t JOIN interaction i ON i.id = t.target WHERE i.native = '$own' AND t.class = 'like'"; }
subscribed() { [ "$(asked method=POST path=/2/activity/subscriptions status=200)" -ge 9 ]; }
away() { # Sori is down while this is said: its id is $said
    stop_all
    said=$(says "$1" "@ongyeol 자리를 비우신 동안 $1")
    fake like id="$own" author="1$1" >/dev/null
    # Two minutes of it are enough for a loss to be noticed; the store is told that they are over.
    sqlite3 -cmd '.timeout 20000' "$W/data/sori.db" "UPDATE cursor SET value = CAST(CAST(value AS TEXT) - 180000 AS BLOB) WHERE name = 'awake'"
    start
}
start
wait_for 40 "nine events are subscribed to" subscribed
own=$(says $US "온결 새 소식")
a=$(says 801 "@ongyeol 계실 때")
fake like id="$own" author=1800 >/dev/null
wait_for 20 "heard by webhook" heard "$a"
wait_for 20 "the like is counted" likes 1
expect "mentions that were polled" 0 "$(asked path='/2/users/*/mentions')"
wait_for 20 "it is known since when" equals 1 "SELECT count(*) FROM cursor WHERE name = 'awake'"

away 802
wait_for 90 "what was said meanwhile is sent again" heard "$said"
wait_for 20 "the like of that time is counted, the other one once" likes 2
expect "asked for once" 1 "$(asked method=POST path=/2/webhooks/replay)"
expect "sent again" 1 "$([ "$(audit "events sent again")" -ge 3 ] && echo 1)"
expect "mentions that were polled" 0 "$(asked path='/2/users/*/mentions')"

fake fail method=POST path=/2/webhooks/replay times=0 status=403 body='{"title":"Client Forbidden","status":403}' >/dev/null
away 803
wait_for 120 "what was said meanwhile is read" heard "$said"
grep -q "mentions are read instead" "$T/log" || fail "nobody is told that X does not send again"
sori check --store || fail "check --store"
