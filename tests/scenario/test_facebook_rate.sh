# Facebook says that it is too much: 429 with a reset, codes 4 and 32 in a 400. What is to leave waits
# for the reset and leaves once; everybody else goes on meanwhile.
# killed too
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/flow.sh"
. "$(dirname "$0")/graph.sh"
graph_start
page_workspace 'limits { contact_gap = "0s", hour = 100000 }' \
    "connection \"shop\" { channel = \"hello\", url = \"folder://$W/inbox\", every = \"1s\", mode = \"auto\", allow = { \"$W/inbox\" } }"
policy_all 'reply "ok"'
fake post message=가을맞이 >/dev/null
start
hooked
now() { date +%s%3N; }
sent_at() { db "SELECT a.sent_at FROM action a JOIN interaction i ON i.id = a.interaction WHERE i.native = '$1'"; }

round() { # round NAME WAIT ARGUMENTS OF fail…: a refusal that names WAIT seconds
    local name=$1 wait=$2 begun id gap
    shift 2
    curl -fsS -X DELETE "$G/requests" >/dev/null
    fake fail method=POST 'path=*/comments' "header=Retry-After: $wait" "$@" >/dev/null
    begun=$(now)
    id=$(comment "문의합니다 $name" "손님 $name")
    wait_for 20 "$name is refused" sh -c "[ \$(curl -fsS -G '$G/requests' -d count=1 -d method=POST --data-urlencode 'path=*/comments') -ge 1 ]"
    say "h$name" "다른 곳의 글"
    wait_for "$((wait + 20))" "$name leaves after the reset" done_with "$id"
    gap=$(($(sent_at "$id") - begun))
    calm [ "$gap" -ge $((wait * 1000 - 200)) ] || fail "$name: sent after $gap ms, although $wait s were asked for"
    echo "ok: $name left after $gap ms"
    expect "$name: replies" 1 "$(answers "$id")"
    calm expect "$name: tries" 2 "$(asked -d method=POST --data-urlencode 'path=*/comments')"
    wait_for 10 "the other channel is answered" equals 4 "SELECT a.state FROM action a JOIN interaction i ON i.id = a.interaction WHERE i.native = 'h$name'"
    # Where the machine stood still for that long, the reset was over before the other channel was heard.
    freed=no
    calm [ "$(sent_at "h$name")" -lt "$(sent_at "$id")" ] && freed=yes && echo "ok: $name held up nobody else"
}
each() { # each NAME …: a round, up to three times
    local n name=$1
    shift
    for n in '' b c; do
        round "$name$n" "$@"
        [ "$freed" = no ] || return 0
    done
    fail "$name: the other channel had to wait as well"
}
each 429 4 status=429 body=
each 4 4 error=4
each 32 4 error=32
stored "given up" 0 "SELECT count(*) FROM action WHERE state != 4"

# While reading is refused, webhooks are heard and answered.
fake fail method=GET 'path=*/feed' error=80001 "header=Retry-After: 30" times=0 >/dev/null
f=$(comment "읽기가 막힌 동안" 손님넷)
wait_for 20 "heard by webhook" heard "$f"
wait_for 40 "and answered" done_with "$f"
peace
sori check --store || fail "check --store"
