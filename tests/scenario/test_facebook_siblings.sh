# Instagram and Threads in the same plugin: what was there before is imported, new words come by
# webhook and by reading, replies leave in each one's own way (Threads in two steps, the first of
# which may be too early to be published), and stand there once though an answer was lost.
# killed too
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/flow.sh"
. "$(dirname "$0")/graph.sh"
graph_start --object instagram --not_ready 1
at="http://127.0.0.1:$GRAPH_PORT"
OPTIONS='posts = false,' page_workspace 'limits { contact_gap = "0s", hour = 100000 }' \
    "connection \"gram\" { channel = \"facebook\", surface = \"instagram_login\", account = \"17841400000000001\", instagram = \"$at\", every = \"1s\", mode = \"auto\", allow = { \"127.0.0.1:$GRAPH_PORT\" } }" \
    "connection \"threads\" { channel = \"facebook\", surface = \"threads\", account = \"24000000000000001\", threads = \"$at\", every = \"1s\", mode = \"auto\", allow = { \"127.0.0.1:$GRAPH_PORT\" } }"
put_secret() { (umask 077; printf '%s\n' "$2" >"$W/secrets/$1"); }
put_secret gram.app_secret app-secret
put_secret gram.verify_token a-word
end=$((($(date +%s) + 50 * 86400) * 1000))
put_secret gram.instagram_token "{\"access_token\":\"ig-token\",\"expires_at\":$end}"
put_secret threads.app_secret app-secret
put_secret threads.verify_token a-word
put_secret threads.threads_token "{\"access_token\":\"threads-token\",\"expires_at\":$end}"
policy_all 'reply "ok"'
fake media message="새 담요" quiet=1 >/dev/null
old=$(fake remark message="예전 댓글" from=minji at=-900 quiet=1)
fake remark under="$old" message="그 밑의 댓글" from=hana at=-800 quiet=1 >/dev/null
root=$(fake thread message="오늘의 거실" quiet=1)
reply=$(fake thread under="$root" message="어디서 사나요" from=junho at=-700 quiet=1)
start
for id in $old $root $reply; do wait_for 30 "$id is imported" heard "$id"; done
wait_for 20 "Instagram's second level" equals 1 "SELECT count(*) FROM interaction i JOIN journal j ON j.seq = i.said WHERE j.text = '그 밑의 댓글'"
wait_for 30 "the gate listens" curl -s -o /dev/null "http://127.0.0.1:$GATE_PORT/"

# Instagram, by webhook; its answer is lost.
fake set "hook=http://127.0.0.1:$GATE_PORT/in/gram" "subscribed=comments,mentions,messages" >/dev/null
fake fail method=POST 'path=*/replies' cut=after >/dev/null
a=$(fake remark message="색이 예뻐요" from=sora)
wait_for 20 "the comment on Instagram is heard" heard "$a"
wait_for 40 "it is answered" done_with "$a"
expect "replies on Instagram" 1 "$(answers "$a")"

# Threads, by webhook; published in two steps, the first try too early; then an answer is lost.
fake set "hook=http://127.0.0.1:$GATE_PORT/in/threads" >/dev/null
b=$(fake thread under="$root" message="배송 되나요" from=nari)
wait_for 20 "the reply on Threads is heard" heard "$b"
wait_for 40 "it is answered" done_with "$b"
expect "replies on Threads" 1 "$(answers "$b")"
fake fail method=POST 'path=*/threads_publish' cut=after >/dev/null
c=$(fake thread under="$root" message="선물 포장도 되나요" from=yeji)
wait_for 40 "found after a lost answer" done_with "$c"
expect "replies on Threads" 1 "$(answers "$c")"
peace
ready() { grep -q "^$1 .*ready" <<<"$(sori status)"; }
for name in page gram threads; do
    wait_for 20 "connection $name is ready" ready $name
done
sori check --store || fail "check --store"
