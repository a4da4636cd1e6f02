# A stream is asked for the first time, and all of Sori dies before it is known to be open. What was
# said from then on was to be heard: it is read by search.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/flow.sh"
. "$(dirname "$0")/x.sh"
fake_x --connections 9
x_workspace 'receive = { "stream" }, watch = { "온결" }'
heard() { equals 1 "SELECT count(*) FROM interaction WHERE native = '$1' AND state = 1"; }
called() { [ "$(asked path=/2/tweets/search/stream)" -ge 1 ]; }
opened() { [ "$(audit "streams opened")" -ge "$1" ]; }
fake fail path=/2/tweets/search/stream wait=60000 >/dev/null # the answer is on its way
start
wait_for 40 "the stream is asked for" called
sleep 1
stop_all
a=$(says 601 "온결 처음 듣는 말")
curl -fsS --noproxy '*' -X DELETE "$X/_fake/fail" >/dev/null
start
wait_for 40 "the stream is open" opened 1
b=$(says 602 "온결 흐르는 말")
wait_for 10 "lines flow" heard "$b"
wait_for 120 "what was said before it was open is read" heard "$a"
expect "read by search" 1 "$([ "$(asked path=/2/tweets/search/recent)" -ge 1 ] && echo 1)"
stored "interactions" 2 "SELECT count(*) FROM interaction WHERE native IN ('$a', '$b')"
sori check --store || fail "check --store"
