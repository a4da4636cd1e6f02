# What Facebook's lists and webhooks do to whoever believes them: pages with rows missing, an empty
# page in the middle, cursors that expire, a removal before its creation, everything delivered twice
# and shuffled, the same comment by webhook and by list: each voice is one interaction.
# killed too
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/flow.sh"
. "$(dirname "$0")/graph.sh"
SEED=${SEED:-$RANDOM}
echo "seed $SEED"
graph_start
OPTIONS='recheck = "60s",' page_workspace 'limits { contact_gap = "0s", hour = 100000 }'
policy <<'LUA'
local t = sori.policy "test"
t:note "seen" { when = { kind = "comment" }, act = { tag "seen" } }
return t
LUA
count() { db "SELECT count(*) FROM interaction i JOIN journal j ON j.seq = i.said WHERE i.kind = 2 AND j.text LIKE '$1%'"; }

# 430 comments in the order of their times; of the second hundred all are withheld, of the rest some.
fake post message=가을맞이 at=-9000 quiet=1 >/dev/null
fake comment message="앞의 글" times=70 at=-8000 quiet=1 >/dev/null
fake comment message="숨은 글" times=30 at=-7000 quiet=1 private=1 >/dev/null
fake comment message="숨은 글" times=100 at=-6000 quiet=1 private=1 >/dev/null
fake comment message="가운데 글" times=60 at=-5000 quiet=1 >/dev/null
fake comment message="숨은 글" times=40 at=-4000 quiet=1 private=1 >/dev/null
fake comment message="끝의 글" times=130 at=-3000 quiet=1 >/dev/null
fake comment under="$(curl -s "$G/things?kind=comment" | grep -o '"id":"[0-9_]*"' | sed -n '1s/.*:"//;1s/"//p')" message="답글" quiet=1 at=-2900 >/dev/null
start
wait_for 40 "all that may be seen is imported" equals 260 "SELECT count(*) FROM interaction i JOIN journal j ON j.seq = i.said WHERE i.kind = 2 AND j.text LIKE '%의 글' OR i.kind = 2 AND j.text LIKE '가운데 글'"
expect "before the withheld page" 70 "$(count '앞의 글')"
expect "between" 60 "$(count '가운데 글')"
expect "after it" 130 "$(count '끝의 글')"
expect "withheld" 0 "$(count '숨은 글')"
stored "a reply on the second level" 1 "SELECT count(*) FROM interaction i JOIN journal j ON j.seq = i.said WHERE i.kind = 2 AND j.text = '답글'"
hooked

# By webhook and, at the same time, in the list: one interaction.
same=$(comment "두 길로 옵니다" 김하나)
wait_for 20 "heard" heard "$same"

# A burst that is held back, then comes shuffled, twice, a removal before its creation.
fake set hold=1 >/dev/null
for n in 1 2 3 4; do eval "c$n=$(comment "섞인 글 $n" "손님 $n")"; done
fake edit "id=$c2" "message=섞인 글 2, 고침" >/dev/null
fake remove "id=$c3" >/dev/null
fake like "id=$c1" from=이준호 type=love >/dev/null
fake like "id=$c1" from=이준호 type=haha >/dev/null
fake hide "id=$c4" >/dev/null
fake set hold=0 >/dev/null
fake release shuffle=1 copies=2 >/dev/null
for id in $c1 $c2 $c3 $c4; do wait_for 20 "$id is known" heard "$id"; done
delivered() { ! grep -q '"over":false' <<<"$(curl -s "$G/deliveries")"; }
wait_for 20 "all is delivered" delivered
state_is() { equals "$2" "SELECT state FROM interaction WHERE native = '$1'"; }
wait_for 20 "the removed one is removed, whatever came first" state_is "$c3" 3
wait_for 20 "the hidden one is hidden" state_is "$c4" 2
wait_for 20 "the edited words" equals "섞인 글 2, 고침" "SELECT j.text FROM interaction i JOIN journal j ON j.interaction = i.id WHERE i.native = '$c2' AND j.kind IN (1, 2) ORDER BY j.seq DESC LIMIT 1"
stored "one person, one reaction" 1 "SELECT COALESCE(sum(n), 0) FROM tally WHERE target = $(id_of "$c1")"

# The list, read again with cursors that expire on the way, gives nothing twice.
fake expire >/dev/null
sleep 17
peace
expect "two ways, one interaction" 1 "$(of "$same")"
stored "rows of all comments" "$((261 + 5))" "SELECT count(*) FROM interaction WHERE kind = 2 AND state != 0"
sori check --store || fail "check --store"
