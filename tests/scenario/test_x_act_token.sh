# Searches speak with the application's token and answers with our user's: when that one alone is taken
# back, the connection stays broken for what is to be said, which the log has once, however well polls
# go; and with a new token what waited leaves once.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/flow.sh"
. "$(dirname "$0")/x.sh"
fake_x --plan enterprise
x_workspace 'receive = { "search" }, watch = { "온결" }, plan = "enterprise"'
policy <<'LUA'
local t = sori.policy "test"
t:rule "all" { when = { kind = { "post", "mention", "comment" } }, act = { reply "ok" } }
return t
LUA
start
a=$(says 601 "온결 하나")
wait_for 40 "answered" is "$a" 4
fake set token=2244994945-another >/dev/null
b=$(says 602 "온결 둘")
broken() { sori status --json | grep -q '"state":"broken"'; }
wait_for 40 "the connection is broken" broken
said() { grep -c 'ERROR x: broken' "$T/log"; }
posts() { asked method=POST path=/2/tweets; }
tries=$(posts)
c=$(says 603 "온결 셋")
wait_for 30 "polls go on" equals 1 "SELECT count(*) FROM interaction WHERE native = '$c'"
for i in $(seq 40); do
    broken || fail "it is not broken any more after $i looks, with a dead token"
    sleep 0.2
done
expect "how often the log says it" 1 "$(said)"
expect "tries with a dead token meanwhile" "$tries" "$(posts)"
sori status > "$T/status"
grep -q 'nothing is said, all else goes on' "$T/status" || fail "status does not say what is held: $(cat "$T/status")"
stored "how often its story says it" 1 "SELECT count(*) FROM journal WHERE text LIKE 'held back until a token works again: %401%'"
secret x.token 2244994945-another
for i in "$b" "$c"; do wait_for 30 "$i is answered" is "$i" 4; done
for i in "$a" "$b" "$c"; do expect "answers to $i" 1 "$(answered "$i")"; done
sori check --store || fail "check --store"
