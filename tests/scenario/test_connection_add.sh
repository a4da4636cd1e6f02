# Connecting a Page over the fake Graph API: without a terminal and at one, step by step, with Sori
# running; then what `connection check` says of each layer. Nothing is half written, and no secret
# is shown.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/flow.sh"
command -v python3 >/dev/null || { echo "SKIPPED: python3 is not installed"; exit 77; }
for part in fake/graph plugins/facebook.so; do
    [ -f "$BUILD/$part" ] || { echo "SKIPPED: $BUILD/$part is not built"; exit 77; }
done
"$BUILD/fake/graph" --port 0 > "$T/graph.port" 2> "$T/graph.log" &
GRAPH=$!
disown # stop_all waits for what is ours alone
also_stop() { kill "$GRAPH" 2>/dev/null; }
wait_for 10 "the fake's port" grep -q . "$T/graph.port"
API=127.0.0.1:$(head -1 "$T/graph.port")
GATE=$(free_port)
workspace "gate { listen = \"127.0.0.1:$GATE\", public = \"http://127.0.0.1:$GATE/\" } -- ours"
printf 'app-secret\n' > "$T/secret"
printf 'page-token\n' > "$T/token"
printf 'planted-wrong-token\n' > "$T/wrong"
APP=314159265358979
GIVEN=(--set "app=$APP" --set "graph=http://$API" --allow "$API")
SLOTS=(--slot "app_secret=$T/secret" --slot "page_token=$T/token")
cp "$W/sori.lua" "$T/before.lua"

# says CODE TEXT ARGUMENT…: what `sori connection` answers without a terminal
says() {
    local code=$1 text=$2 said got
    shift 2
    said=$("$SORI" connection "$@" -w "$W" 2>&1 < "${FROM:-/dev/null}"); got=$?
    [ $got = "$code" ] && [[ "$said" == *"$text"* ]] || fail "connection $*: $got, expected $code and '$text': $said"
    [[ "$said" != *planted-* && "$said" != *page-token* && "$said" != *app-secret* ]] || fail "connection $*: a secret is shown"
    echo "ok: connection $1 … ($code, $text)"
}
untouched() {
    cmp -s "$W/sori.lua" "$T/before.lua" || fail "$1: sori.lua was touched"
    [ -z "$(ls -A "$W/secrets")" ] || fail "$1: secrets/ holds $(ls -A "$W/secrets")"
}

# ---- without a terminal ----
says 2 'missing: --slot app_secret=FILE, --slot page_token=FILE' add facebook
says 3 "no plugin 'facebok'" add facebok
says 3 'did you mean "surface"?' add facebook page --set surfce=page
says 3 '(did you mean "page"?)' add facebook page --set surface=pag
says 3 'a credential, which has no place on a command line' add facebook page --set page_token=planted-one
says 3 'has no such credential' add facebook page --slot "pagetoken=$T/token"
says 3 'expected NAME=FILE' add facebook page --slot planted-two
says 3 "cannot be a connection's name" add facebook ../page "${GIVEN[@]}" "${SLOTS[@]}"
printf 'planted-\x01\n' > "$T/odd"
says 3 'without control characters' add facebook page --slot "page_token=$T/odd"
printf '{"access_token": "planted-x", "expires_at": 1700000000}' > "$T/seconds"
says 3 '13 digits' add facebook page --set surface=threads --slot "threads_token=$T/seconds"
printf '{"access_token": planted-y}' > "$T/broken"
says 3 'cannot be read near column' add facebook page --slot "threads_token=$T/broken"
says 1 'nothing was written' add facebook page "${GIVEN[@]}" --slot "app_secret=$T/secret" --slot "page_token=$T/wrong"
untouched "refused ones"
FROM=$T/token says 0 '온결 리빙' add facebook first "${GIVEN[@]}" --set subscribe=false --slot "app_secret=$T/secret" --slot page_token=- --set every=5m
expect "the mode of its secrets" "600 600 600" "$(stat -c %a "$W"/secrets/first.* | xargs)"
expect "the folder holds nothing else" 3 "$(ls -A "$W/secrets" | wc -l)"
head -c "$(stat -c %s "$T/before.lua")" "$W/sori.lua" | cmp -s - "$T/before.lua" || fail "what stood in sori.lua was changed"
"$SORI" check -w "$W" >/dev/null || fail "sori.lua is not sound: $("$SORI" check -w "$W" 2>&1)"
says 3 'already' add facebook first "${GIVEN[@]}" "${SLOTS[@]}"
says 1 'layer page     no' check first
says 1 'set subscribe = true' check first
says 1 '"subscription.app":"no"' check --json
says 1 'no connection "nonesuch"' check nonesuch

# ---- at a terminal, with Sori running ----
cp "$T/before.lua" "$W/sori.lua"
rm "$W"/secrets/first.*
start
cat > "$T/person.py" <<'PY'
"""person.py PROGRAM…: answers questions at a terminal, as ANSWERS has them."""
import os, re, subprocess, sys, time
from terminal import Terminal
API, APP, GATE = os.environ["API"], os.environ["APP"], os.environ["GATE"]
terminal = Terminal(sys.argv[1:])
until, answer = terminal.until, terminal.line

until("A name for this connection"); until("> "); answer("Our Page")
until("cannot be a connection's name"); until("> "); answer("page")
until("surface"); until("[page] > "); answer("pgae")
until('did you mean "page"?'); until("> "); answer("")
until("App ID"); until("> "); answer(APP)
until("app_secret: "); until("(not shown) > "); answer("app-secret")
until("page_token: "); until("(not shown) > "); answer("planted-wrong-token")
until("Asking the platform"); until("the credential was refused"); until("(s)top > "); answer("c")
until("which one?"); answer("page_token")
until("(not shown) > "); answer("page-token")
until("account        온결 리빙"); until("account: "); until("> "); answer("")
until("this once): "); until("\r\n")
word = re.search(r"this once\): (\w+)", terminal.seen).group(1)
until("Written: connection \"page\""); until("The running Sori took it on")
until("Webhook address: http://127.0.0.1:%s/in/page" % GATE); until("(l)ater > ")
form = {"object": "page", "callback_url": "http://127.0.0.1:%s/in/page" % GATE,
        "verify_token": word, "fields": "feed,mention,ratings,messages,message_echoes,"
        "message_edits,message_reactions,messaging_postbacks",
        "access_token": APP + "|app-secret"}
for _ in range(100):  # the gate hears of the connection a moment after it is live
    said = subprocess.run(["curl", "-s", "-X", "POST", "http://%s/v26.0/%s/subscriptions" % (API, APP)] +
                          sum((["--data-urlencode", "%s=%s" % p] for p in form.items()), []),
                          capture_output=True, text=True).stdout
    if '"success"' in said: break
    time.sleep(0.2)
if '"success"' not in said: sys.exit("the platform was not answered: " + said)
answer("d")
until("subscription.app: yes"); until("subscription.page: yes"); until("subscription.live: yes")
until('connection "page" is connected')
terminal.end()
PY
API=$API APP=$APP GATE=$GATE python3 "$T/person.py" "$SORI" connection add facebook -w "$W" \
    --set "graph=http://$API" --allow "$API" > "$T/person.out" 2>&1 || fail "$(cat "$T/person.out")"
grep -qE 'planted-|page-token|app-secret' "$T/person.out" && fail "what was typed without being shown is shown"
echo "ok: connected at a terminal"
expect "its secrets" "page.app_secret page.page_token page.verify_token" "$(ls -A "$W/secrets" | xargs)"
wait_for 20 "the core has it" sh -c "'$SORI' status -w '$W' --json | grep -q '\"name\":\"page\"'"
says 0 'all well' check page
has() { "$SORI" status -w "$W" | grep -q "$1"; }
for line in 'account        온결 리빙' 'token          without an end' 'layer app      yes'; do
    wait_for 10 "status says '$line'" has "$line"
done
echo "ok: status has the facts"
# Times are the workspace's, as everywhere.
"$SORI" connection check page -w "$W" --json > "$T/check.json" || fail "$(cat "$T/check.json")"
"$SORI" connection check page -w "$W" > "$T/check.txt" || fail "$(cat "$T/check.txt")"
grep -q '^times are those of Asia/Seoul$' "$T/check.txt" || fail "whose times: $(cat "$T/check.txt")"
python3 - "$T/check.json" "$T/check.txt" <<'PY' || fail "$(cat "$T/check.txt")"
import datetime, json, re, sys
data = int(json.load(open(sys.argv[1]))["connections"][0]["health"]["facts"]["token.data_until"])
told = re.search(r"access to data .* until (.*)", open(sys.argv[2]).read())[1]
there = datetime.datetime.strptime(told, "%Y-%m-%d %H:%M").replace(tzinfo=datetime.timezone(datetime.timedelta(hours=9)))
assert abs(there.timestamp() - data / 1000) < 600, (told, data)
PY
curl -s -X POST "http://$API/_fake/set" -d subscribed= >/dev/null
curl -s -X POST "http://$API/_fake/set" -d hook= >/dev/null
says 1 'layer app      no' check page
curl -s -X POST "http://$API/_fake/set" -d token=another-token >/dev/null
curl -s -X POST "http://$API/_fake/fail" -d 'error=190.460' -d times=0 >/dev/null
says 1 'the credential was refused' check page

# ---- somebody who stops leaves everything as it was ----
stop_all
cp "$W/sori.lua" "$T/now.lua"
ls -A "$W/secrets" > "$T/now.secrets"
cat > "$T/stops.py" <<'PY'
import sys
from terminal import Terminal
terminal = Terminal(sys.argv[1:])
for text, typed in (("[page] > ", "\n"), ("App ID", "1\n"), ("(not shown) > ", "planted-secret\n"), ("page_token: ", "\x03")):
    terminal.until(text)
    terminal.type(typed)
terminal.end()
PY
python3 "$T/stops.py" "$SORI" connection add facebook other -w "$W" > "$T/stops.out" 2>&1
expect "the exit code of one who stopped" 1 $?
grep -q 'nothing was written' "$T/stops.out" || fail "$(cat "$T/stops.out")"
cmp -s "$W/sori.lua" "$T/now.lua" || fail "sori.lua was touched"
expect "secrets/ afterwards" "$(cat "$T/now.secrets")" "$(ls -A "$W/secrets")"
