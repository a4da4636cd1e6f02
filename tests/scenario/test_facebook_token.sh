# The Page's token is taken back while voices come in: the connection is broken after one call,
# webhooks are heard as before, replies wait; with a new token everything leaves, once, without loss.
# killed too
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/flow.sh"
. "$(dirname "$0")/graph.sh"
graph_start
page_workspace 'limits { contact_gap = "0s", hour = 100000 }'
policy_all 'reply "ok"'
fake post message=가을맞이 >/dev/null
start
hooked
a=$(comment "첫 번째 문의" 하나)
wait_for 20 "the first is answered" done_with "$a"

sori pause >/dev/null || fail pause # nothing is under way at the moment of the revocation
fake revoke subcode=460 >/dev/null
curl -fsS -X DELETE "$G/requests" >/dev/null
sori resume >/dev/null || fail resume
ids=()
for n in $(seq 5); do ids+=("$(comment "끊긴 동안 $n" "손님 $n")"); done
for id in "${ids[@]}"; do wait_for 20 "$id is heard by webhook" heard "$id"; done
broken() { grep -qE '^page .*(broken|auth)' <<<"$(sori status)"; }
wait_for 20 "the connection is broken" broken
sori status | grep '^page'
calm grep -q 'password' <<<"$(sori status --json)" || { sori status; fail "status does not tell why"; }
before=$(asked)
sleep 4
after=$(asked)
calm [ "$((after - before))" -le 2 ] || fail "a broken connection goes on asking: $before, then $after requests"
echo "ok: $before requests until it was known, $((after - before)) in the four seconds after"
left() { asked -d status=200 -d method=POST --data-urlencode 'path=*/comments'; }
expect "replies that left with a dead token" 0 "$(left)"
stored "all are heard" 5 "SELECT count(*) FROM interaction i JOIN journal j ON j.seq = i.said WHERE j.text LIKE '끊긴 동안%'"
stored "given up" 0 "SELECT count(*) FROM action WHERE state NOT IN (1, 2, 3, 4)"

# A new token: written, and the replies leave.
fake set token=page-token-2 >/dev/null
secret page_token page-token-2
for id in "${ids[@]}"; do wait_for 40 "$id is answered" done_with "$id"; done
for id in "${ids[@]}"; do expect "replies to $id" 1 "$(answers "$id")"; done
[ "$(left)" -ge 5 ] || fail "the search for replies that left is blind"
wait_for 20 "the connection is well" sh -c "'$SORI' status -w '$W' | grep -q '^page .*ready'"
b=$(comment "다시 잘 됩니다" 마지막)
wait_for 20 "and goes on" done_with "$b"
peace
sori check --store || fail "check --store"
