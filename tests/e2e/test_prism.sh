# Every request of whole scenarios is one that the platforms' own documents allow, as Prism reads
# them: the x plugin's against X's document 2.166, the facebook plugin's against the part of the
# Graph that was derived from its vendor's node descriptions. The real programs talk to the fakes,
# and what the fakes were asked is asked of Prism again. Paths that a document lacks are named.
# SORI_SPECS names the documents (default ../shared/specs). Prism comes by npm into build/prism.
. "$(dirname "$0")/../scenario/lib.sh"
. "$(dirname "$0")/../scenario/flow.sh"
SPECS=$(realpath -m "${SORI_SPECS:-$SOURCE/../shared/specs}")
for f in x/openapi-2.166.json x/openapi-2.167.json meta/graph-subset-openapi.json; do
    [ -f "$SPECS/$f" ] || { echo "SKIPPED: $SPECS/$f is not there"; exit 77; }
done
command -v node >/dev/null && command -v npm >/dev/null || { echo "SKIPPED: node and npm are not installed"; exit 77; }
VERSION=5.14.2 HOME_OF_PRISM=$(dirname "$BUILD")/prism
PRISM=$HOME_OF_PRISM/node_modules/.bin/prism
if [ ! -x "$PRISM" ] || ! "$PRISM" --version 2>/dev/null | grep -q "^$VERSION$"; then
    [ -n "${SORI_E2E_INSTALL:-}" ] || { echo "SKIPPED: Prism $VERSION is not installed (--install does it)"; exit 77; }
    mkdir -p "$HOME_OF_PRISM"
    npm install --no-audit --no-fund --prefix "$HOME_OF_PRISM" "@stoplight/prism-cli@$VERSION" >"$T/npm" 2>&1 ||
        { echo "SKIPPED: npm cannot install Prism: $(tail -1 "$T/npm")"; exit 77; }
fi
PRISMS=
stop_prisms() { [ -z "$PRISMS" ] || kill $PRISMS 2>/dev/null; PRISMS=; }

# prism NAME DOCUMENT: serves it; $BASE is where
prism() {
    . "$(dirname "$0")/../scenario/x.sh" # free_gate
    free_gate
    BASE=http://$GATE
    "$PRISM" mock -h 127.0.0.1 -p "${GATE#*:}" "$2" >"$T/prism.$1" 2>&1 &
    PRISMS="$PRISMS $!"
    disown $!
    wait_for 60 "Prism serves $1" grep -q "Prism is listening" "$T/prism.$1"
}
requests() { curl -fsS --noproxy '*' "$1/_fake/requests"; }

# ---- X: everything that the product does with it, by webhook with OAuth 1.0a …
. "$(dirname "$0")/../scenario/x.sh"
also_stop() { stop_prisms; [ -z "$FAKE_PID" ] || kill "$FAKE_PID" 2>/dev/null; }
words() { # a policy that does what a word asks for
    policy <<'LUA'
local t = sori.policy "test"
t:rule "hide" { when = { words = { "욕설" } }, act = { hide() } }
t:rule "like" { when = { words = { "좋아요" } }, act = { like() } }
t:rule "delete" { when = { words = { "광고" } }, act = { delete() } }
t:rule "private" { when = { words = { "비밀" } }, act = { private_reply "ok" } }
t:rule "long" { when = { words = { "자세히" } }, act = { reply "long" } }
t:rule "all" { when = { kind = { "mention", "comment", "message" } }, act = { reply "ok" } }
return t
LUA
    local l
    for l in ko en; do printf -- '---\nabout: test\n---\n%s\n' "$(for i in $(seq 12); do printf '%d번째 안내 말씀을 드립니다 고맙습니다. ' "$i"; done)" > "$W/policy/replies/long.$l.md"; done
}
both_sent() { [ "$(asked method=POST path='/2/dm_conversations/*' status=201)" -ge 2 ]; }
x_scenario() { # OPTIONS
    x_workspace "plan = \"enterprise\", long_reply = \"split\", watch = { \"온결\", \"조명 lang:ko\" }, $1" "gate { listen = \"$GATE\" }"
    [ -z "${2:-}" ] || x_oauth2 x fake-access-0 fake-refresh-0 1700000000000
    words
    start
    local a b c d e f own
    wait_for 60 "X is connected" test -n "$(sleep 8; asked path=/2/activity/subscriptions method=POST)"
    a=$(says 801 "@ongyeol 안녕하세요")
    b=$(says 802 "@ongyeol 자세히 알려 주세요")
    own=$(says $US "새 조명입니다")
    c=$(says 803 "욕설" reply_to="$own")
    d=$(says 804 "@ongyeol 정말 좋아요")
    e=$(says 805 "@ongyeol 비밀 얘기")
    fake message author=806 text="안녕하세요" >/dev/null
    for i in "$a" "$b" "$c" "$d" "$e"; do wait_for 60 "$i is acted on" is "$i" 4; done
    wait_for 60 "both messages are sent" both_sent
    # Answers that are lost, so that what was said is looked for.
    fake fail method=POST path=/2/tweets cut=after >/dev/null
    fake fail method=POST path='/2/dm_conversations/*' cut=after >/dev/null
    e=$(says 807 "@ongyeol 답이 사라집니다")
    f=$(says 808 "@ongyeol 비밀 둘")
    for i in "$e" "$f"; do wait_for 60 "$i is in doubt" is "$i" 5; done
    for i in $(seq 12); do says 809 "온결 글 $i" quiet=1 >/dev/null; done
    for i in "$e" "$f"; do wait_for 90 "$i is found" is "$i" 4; done
    sori connection check >"$T/check" 2>&1 || true
}
bad=0
replay() { # NAME ARGUMENTS…
    local name=$1
    shift
    node "$(dirname "$0")/prism.mjs" "$T/$name.json" "$T/prism.$name" "$@" >"$T/$name.said" || bad=1
    grep -v '^ok' "$T/$name.said" | sort | uniq -c | sed 's/^ *1 //'
    grep -q '^ok' "$T/$name.said" || { echo "nothing was replayed of $name"; bad=1; }
}
covers() { grep -qE "^ok .*$2" "$T/$1.said" || { echo "no scenario of $1 makes the request $2"; bad=1; }; }

NEWER=post.reply.create,post.quote.create,post.repost.create
free_gate
fake_x --plan enterprise --page 5 --public "https://sori.example=http://$GATE"
x_scenario 'receive = { "mentions", "search", "stream", "activity" }, webhook = "https://sori.example/in/x"'
requests "$X" > "$T/x1.json"
stop_all
kill "$FAKE_PID" 2>/dev/null
# … and with OAuth 2.0, its events as a stream.
free_gate
rm -rf "$W" "$T/fake.port"
fake_x --plan enterprise --page 5
x_scenario 'receive = { "mentions", "search", "stream", "activity" }, auth = "oauth2"' oauth2
requests "$X" > "$T/x2.json"
stop_all
kill "$FAKE_PID" 2>/dev/null
FAKE_PID=
node -e 'const fs = require("fs"); fs.writeFileSync(process.argv[1], JSON.stringify(process.argv.slice(2).flatMap((f) => JSON.parse(fs.readFileSync(f, "utf8")))))' "$T/x.json" "$T/x1.json" "$T/x2.json"
prism x-newer "$SPECS/x/openapi-2.167.json"
newer=$BASE
prism x "$SPECS/x/openapi-2.166.json"
code=$(curl -s -o /dev/null -w '%{http_code}' --noproxy '*' -X PUT "$BASE/2/tweets/20/hidden" -H 'authorization: Bearer x' -H 'content-type: application/json' -d '{"hidden":"yes"}')
expect "Prism refuses what the document does not allow" 422 "$code"
echo "== X"
replay x "$BASE" --newer "$newer" --newer-events "$NEWER"
for r in 'GET /2/users/me' 'GET /2/users/[0-9]+/mentions' 'GET /2/users/[0-9]+/tweets' 'GET /2/tweets/search/recent' \
    'GET /2/tweets/search/stream$' 'GET /2/tweets/search/stream/rules' 'POST /2/tweets/search/stream/rules' 'POST /2/tweets$' \
    'PUT /2/tweets/[0-9]+/hidden' 'POST /2/users/[0-9]+/likes' 'POST /2/dm_conversations/with/[0-9]+/messages' \
    'GET /2/dm_conversations/with/[0-9]+/dm_events' 'POST /2/activity/subscriptions' 'GET /2/activity/subscriptions' \
    'GET /2/activity/stream' 'GET /2/webhooks' 'POST /2/webhooks'; do covers x "$r"; done
# What no scenario can reach (unlike, unhide, publish, delete) the plugin's own tests ask for.
if [ -x "$BUILD/tests/test_x_act" ]; then
    SORI_PRISM=$PRISM SORI_SPECS=$SPECS SORI_BUILD=$BUILD bash "$(dirname "$0")/../specs/test_x_prism.sh" || bad=1
fi
stop_prisms

# ---- the Graph: a Page, and the Instagram account that is linked to it
. "$(dirname "$0")/../scenario/graph.sh"
also_stop() { stop_prisms; [ -z "$FAKE" ] || kill "$FAKE" 2>/dev/null; }
rm -rf "$W"
graph_start
page_workspace 'limits { contact_gap = "0s", hour = 100000 }' \
    "connection \"insta\" { channel = \"facebook\", surface = \"instagram\", account = \"17841400000000001\", page = \"$PAGE\", app = \"$APP\", graph = \"http://127.0.0.1:$GRAPH_PORT\", every = \"1s\", mode = \"auto\", allow = { \"127.0.0.1:$GRAPH_PORT\" } }"
for slot in page_token app_secret verify_token; do cp -p "$W/secrets/page.$slot" "$W/secrets/insta.$slot"; done
words
fake post message="겨울맞이" quiet=1 at=-60 >/dev/null
comment "전에 한 말" "손님" at=-50 quiet=1 >/dev/null
fake message message="전에 보낸 말" from="손님" at=-50 quiet=1 >/dev/null
media=$(fake media message="새 조명" quiet=1 at=-60)
fake remark under="$media" message="예뻐요" from="손님하나" at=-40 quiet=1 >/dev/null
start
hooked
acted=()
for text in "안녕하세요" "욕설" "정말 좋아요" "광고" "비밀 얘기"; do acted+=("$(comment "$text" "손님$RANDOM" at=0)"); done
fake message message="문의합니다" from="손님" at=0 >/dev/null
for text in "안녕하세요" "욕설"; do acted+=("$(fake remark under="$media" message="$text" from="손님둘" at=0)"); done
for i in "${acted[@]}"; do wait_for 60 "$i is acted on" done_with "$i"; done
fake fail method=POST path='/*/comments' cut=after >/dev/null
lost=$(comment "답이 사라집니다" "손님" at=0)
wait_for 90 "$lost is found" done_with "$lost"
sori connection check >"$T/check" 2>&1 || true
requests "${G%/_fake}" > "$T/graph.json"
curl -fsS --noproxy '*' "$G/things" > "$T/things.json"
stop_all
prism graph "$SPECS/meta/graph-subset-openapi.json"
code=$(curl -s -o /dev/null -w '%{http_code}' --noproxy '*' "$BASE/v25.0/PagePost/1_2/comments?filter=all")
[ "$code" -ge 400 ] || fail "Prism allows filter=all: $code"
echo "== the Graph"
replay graph "$BASE" --kinds "$T/things.json"
for r in 'GET .*/Page/[0-9]+' 'GET .*/PagePost/[0-9_]+/comments' 'POST .*/Comment/[0-9_]+/comments' 'POST .*/Comment/[0-9_]+/likes' \
    'POST .*/Comment/[0-9_]+$' 'DELETE .*/Comment/[0-9_]+$' 'POST .*/Page/[0-9]+/messages' 'GET .*/Page/[0-9]+/conversations' \
    'Page/[0-9]+/subscribed_apps' 'GET .*/IGUser/[0-9]+/media' \
    'GET .*/IGMedia/[0-9]+/comments' 'POST .*/IGComment/[0-9]+/replies' 'POST .*/IGComment/[0-9]+$'; do covers graph "$r"; done
stop_prisms
[ $bad = 0 ] || fail "requests that the platform's document does not allow, or none at all"
