# Instagram tells of a mention by ids alone: who says what is read, it is answered at our own account,
# once; where that answer's answer is lost nothing is listed that would tell, so a person does, and it
# is not said again. Under the post of an ad, which is in no list, comments are heard by polls as well.
# killed too
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/flow.sh"
. "$(dirname "$0")/graph.sh"
graph_start --object instagram
at="http://127.0.0.1:$GRAPH_PORT"
OPTIONS='recheck = "60s",' page_workspace 'limits { contact_gap = "0s", hour = 100000 }' \
    "connection \"gram\" { channel = \"facebook\", surface = \"instagram_login\", account = \"17841400000000001\", instagram = \"$at\", every = \"1s\", mode = \"auto\", allow = { \"127.0.0.1:$GRAPH_PORT\" } }"
put_secret() { (umask 077; printf '%s\n' "$2" >"$W/secrets/$1"); }
put_secret gram.app_secret app-secret
put_secret gram.verify_token a-word
put_secret gram.instagram_token "{\"access_token\":\"ig-token\",\"expires_at\":$((($(date +%s) + 50 * 86400) * 1000))}"
policy <<'LUA'
local t = sori.policy "test"
t:rule "all" { when = { kind = { "mention", "comment" } }, act = { reply "ok" } }
return t
LUA
start
wait_for 30 "the gate listens" curl -s -o /dev/null "http://127.0.0.1:$GATE_PORT/"
fake set "hook=http://127.0.0.1:$GATE_PORT/in/gram" "subscribed=comments,mentions,messages" >/dev/null
# settled ID: its answer is there. Where a kill falls between the sending and its outcome, a person looks
# and says what became of it, for nothing is listed that would tell.
over() { [[ " $(act_state "$1") " == *" 4 "* ]] || { [ -n "${CHAOS:-}" ] && [ "$(act_state "$1")" = 5 ]; }; }
resolved() { # resolved ID: by what stands there
    sleep 1 # what is on its way has arrived
    if [ "$(answers "$1")" = 1 ]; then sori resolve "$(id_of "$1")" --sent; else sori resolve "$(id_of "$1")" --not-sent; fi
}
settled() {
    until done_with "$1"; do
        wait_for 40 "$1 is answered" over "$1"
        [ "$(act_state "$1")" != 5 ] || resolved "$1" >/dev/null
    done
}
words() { equals "$2" "SELECT group_concat(j.text) FROM interaction i JOIN journal j ON j.seq = i.said WHERE i.native = '$1'"; }

# ---- in a caption, and in a comment under another's media
a=$(fake media message="@ongyeol 담요 덕분에 따뜻해요" from=dul mentions=1)
wait_for 30 "the mention's words are read" words "$a" "@ongyeol 담요 덕분에 따뜻해요"
settled "$a"
expect "answers to it" 1 "$(answers "$a")"
m=$(fake media message="남의 거실" from=nari quiet=1)
b=$(fake remark under="$m" message="@ongyeol 이 조명 있나요" from=hana mentions=1)
wait_for 30 "the comment's words are read" words "$b" "@ongyeol 이 조명 있나요"
settled "$b"
expect "answers to it" 1 "$(answers "$b")"
calm expect "requests at our account" 2 "$(asked -d method=POST -d 'path=*/mentions')"

# ---- an answer that is lost
fake fail method=POST 'path=*/mentions' cut=after >/dev/null
c=$(fake remark under="$m" message="@ongyeol 가격은요" from=sora mentions=1)
unknown() { [ "$(act_state "$c")" = 5 ]; }
wait_for 40 "nobody knows whether it was said" unknown
while [ -n "${CHAOS:-}" ] && sleep 1 && [ "$(answers "$c")" = 0 ]; do # killed before it left
    resolved "$c" >/dev/null
    wait_for 40 "nobody knows whether it was said" unknown
done
needs() { sori inbox > "$T/inbox"; grep -q "resolve" "$T/inbox"; }
wait_for 60 "a person is asked" needs
sleep 3
expect "answers to it" 1 "$(answers "$c")"
sori resolve "$(id_of "$c")" --sent >/dev/null || fail "resolve"
wait_for 20 "it is settled" done_with "$c"

# ---- an ad of the Page: a comment by webhook, then one that no webhook tells of
fake set "object=page" "hook=http://127.0.0.1:$GATE_PORT/in/page" "subscribed=feed,mention" >/dev/null
ad=$(fake post message="광고: 가을 담요" ad=1 quiet=1)
e=$(fake comment under="$ad" message="광고 보고 왔어요" from=junho)
wait_for 40 "the comment under the ad is heard" heard "$e"
wait_for 40 "it is answered" done_with "$e"
f=$(fake comment under="$ad" message="얼마예요" from=yeji quiet=1)
wait_for 100 "polls hear what no webhook told" heard "$f"
wait_for 40 "it is answered" done_with "$f"
peace
for i in "$a" "$b" "$c" "$e" "$f"; do expect "answers to $i" 1 "$(answers "$i")"; done
sori check --store || fail "check --store"
