# A reply whose answer was lost on Facebook: it is looked for under the comment, and found or sent
# again; it stands there once. What was liked or hidden is looked at as well.
# killed too
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/flow.sh"
. "$(dirname "$0")/graph.sh"
graph_start
page_workspace 'limits { contact_gap = "0s", hour = 100000 }'
policy <<'LUA'
local t = sori.policy "test"
t:rule "rude" { when = { kind = "comment", words = { "바보" } }, act = { hide() } }
t:rule "nice" { when = { kind = "comment", words = { "최고" } }, act = { like(), reply "ok" } }
t:rule "all" { when = { kind = "comment" }, act = { reply "ok" } }
return t
LUA
fake post message=가을맞이 >/dev/null
start
hooked

# Nothing leaves before the trouble waits for it: polls hear of a comment as well as webhooks.
sori pause >/dev/null || fail pause
a=$(comment "배송이 늦어요" 김하나 quiet=1)
b=$(comment "언제 오나요" 이준호 quiet=1)
c=$(comment "색이 달라요" 오민석 quiet=1)
d=$(comment "바보 같은 가게" 안티 quiet=1)
e=$(comment "정말 최고예요" 박하나 quiet=1)
fake fail method=POST "path=*/$a/comments" cut=after >/dev/null  # done there, no answer
fake fail method=POST "path=*/$b/comments" cut=before >/dev/null # nothing done, no answer
fake fail method=POST "path=*/$c/comments" cut=after >/dev/null  # and the search meets a broken gateway
fake fail method=GET "path=*/$c/comments" error=html >/dev/null
fake fail method=POST "path=*/$d" cut=after >/dev/null
fake fail method=POST "path=*/$e/likes" cut=after >/dev/null
for id in $a $b $c $d $e; do fake tell "id=$id" >/dev/null; done
sori resume >/dev/null || fail resume

wait_for 40 "the lost reply is found" done_with "$a"
expect "replies to the first" 1 "$(answers "$a")"
expect "times it was sent" 1 "$(asked -d method=POST --data-urlencode "path=*/$a/comments")"
sori why "$(id_of "$a")" >"$T/why"
grep -qi unknown "$T/why" && grep -q reconcile "$T/why" || { cat "$T/why"; fail "why tells nothing of the doubt"; }
native=$(db "SELECT a.native FROM action a JOIN interaction i ON i.id = a.interaction WHERE i.native = '$a'")
grep -q "\"id\":\"$native\"" <<<"$(curl -s "$G/things?kind=comment")" || fail "the id that was found is none of the platform's: $native"

wait_for 40 "the reply that never arrived is sent again" done_with "$b"
expect "replies to the second" 1 "$(answers "$b")"
expect "times it was sent" 2 "$(asked -d method=POST --data-urlencode "path=*/$b/comments")"

wait_for 60 "found once the platform is back" done_with "$c"
expect "replies to the third" 1 "$(answers "$c")"

# States are looked at: hidden stays hidden, liked stays liked, each once.
thing() { curl -s "$G/things?kind=comment" | grep -o "{\"id\":\"$1\"[^{]*{[^}]*}[^}]*}"; }
wait_for 40 "the lost hiding is found" done_with "$d"
grep -q '"hidden":true' <<<"$(thing "$d")" || fail "it is not hidden there: $(thing "$d")"
both() { [ "$(act_state "$e")" = "4 4" ]; }
wait_for 40 "the lost like is found, and the reply leaves" both
expect "replies to the fifth" 1 "$(answers "$e")"
expect "likes of ours" 1 "$(grep -o "\"likes\":\[[^]]*" <<<"$(thing "$e")" | grep -o "\"$PAGE\"" | wc -l)"

peace
expect "replies that stand in all" 4 "$(said)"
stored "our own words, none of them answered" 0 "SELECT count(*) FROM action a JOIN interaction i ON i.id = a.interaction WHERE i.origin != 0"
sori check --store || fail "check --store"
