# A person connects X by OAuth 2.0 from nothing: the page on which the account allows the
# application, the address that is pasted, a code that came too late, a denial, an answer to another
# question; then X is polled and answered with the token, which is renewed when its time is over.
# Later the grant is lost, and the person authorises once more: what waited leaves once.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/flow.sh"
. "$(dirname "$0")/x.sh"
command -v python3 >/dev/null || { echo "SKIPPED: python3 is not installed"; exit 77; }
fake_x
workspace 'limits { contact_gap = "0s", hour = 100000 }'
policy_all 'reply "ok"' mention
cat > "$T/person.py" <<'PY'
import re, subprocess, sys, time
from terminal import Terminal
fake, story = sys.argv[1], sys.argv[2]
terminal = Terminal(sys.argv[3:])
until, answer = terminal.until, terminal.answer

def curl(*args):
    return subprocess.run(["curl", "-sS", "--noproxy", "*", *args], check=True, capture_output=True, text=True).stdout

# What the browser does: opens the page that is shown now, and is sent on.
def browse():
    until("/i/oauth2/authorize?")
    until("\n")
    page = re.findall(r"http\S+/i/oauth2/authorize\?\S+", terminal.seen[:terminal.at])[-1]
    head = curl("-D", "-", "-o", "/dev/null", page)
    back = re.search(r"(?im)^location: *(\S+)", head)
    if not back: sys.exit("the page refuses: %s\n%s" % (page, head))
    return back.group(1)

def settings(**given):
    for name, value in given.items(): curl("-o", "/dev/null", "--data-urlencode", "%s=%s" % (name, value), fake + "/_fake/set")

def first():
    until("plan ("); answer("")
    until("handle: "); answer("ongyeol")
    until("user_id: "); answer("2244994945")
    for slot in ("consumer_key", "consumer_secret", "bearer"):
        until(slot + ": "); answer("fake-" + slot.replace("_", "-"))
    until("auth ("); answer("oauth2")
    until("oauth2: "); answer("")
    answer("fake client", "client_id > "); until("blanks cannot be in it"); answer("fake-client", "client_id > ")
    answer("fake-client-secret", "has none) > ")
    answer("not an address", "[http://127.0.0.1/sori] > "); until("was expected"); answer("")
    back = browse()
    answer("http://127.0.0.1:1/elsewhere?code=x", "(not shown) > "); until("not where the browser was sent")
    answer(re.sub(r"state=.", "state=_", back), "(not shown) > "); until("its state is not ours")
    settings(consent="deny")
    answer(browse_again(), "(not shown) > "); until("denied: ")
    settings(consent="allow", code_life=1)
    back = browse_again()
    time.sleep(1.5)
    settings(code_life=30)
    answer(back, "(not shown) > "); until("refuses the code (HTTP 400"); answer("again")
    answer(browse(), "(not shown) > ")
    until("authorised; its token is kept, and was not shown")
    until("account        온결 리빙"); until("receive ("); answer("mentions"); answer("")
    until("watch ("); answer("")
    until("webhook ("); answer("")
    until("daily_budget: "); answer("")
    until('connection "x" is connected')

# The page once more, as shown before: a person may open it twice.
def browse_again():
    seen = terminal.seen
    terminal.at = seen.rindex("http", 0, seen.rindex("/i/oauth2/authorize?"))
    return browse()

def again():
    until("The application is fake-client, its redirect address http://127.0.0.1/sori."); answer("")
    answer(browse(), "(not shown) > ")
    until("authorised; its token is kept"); until("what waited for it goes on")

def given_up():
    until("The application is fake-client"); answer("keep")
    browse(); answer("", "(not shown) > ")
    until("given up; the token of before stays where it is")

{"first": first, "again": again, "given_up": given_up}[story]()
terminal.end()
PY
person() { # STORY ARGUMENTS…
    python3 "$T/person.py" "$X" "$1" "$SORI" connection "${@:2}" -w "$W" > "$T/$1.out" 2>&1 || fail "$(cat "$T/$1.out")"
}
person first add x x --set "api=$X" --set "web=$X" --set every=1s --set mode=auto --allow "127.0.0.1:$PORT"
expect "its secrets" "x.bearer x.consumer_key x.consumer_secret x.oauth2" "$(cd "$W/secrets" && ls -A | xargs)"
expect "the mode of the token's file" 600 "$(stat -c %a "$W/secrets/x.oauth2")"
expect "codes that came too late" 1 "$(audit "code expired")"
expect "codes redeemed" 1 "$(audit "code redeemed")"
token=$(python3 -c 'import json,sys; t=json.load(open(sys.argv[1])); print(t["access_token"], t["refresh_token"], t["client_secret"])' "$W/secrets/x.oauth2")
unseen() { # the markers of this moment, and every code and verifier, are in no output and no log
    local word
    for word in $token fake-client-secret code- verifier; do
        grep -rqF -- "$word" "$T"/*.out "$T/log" 2>/dev/null && fail "$word is shown in $(grep -rlF -- "$word" "$T"/*.out "$T/log")"
    done
    :
}
unseen
"$SORI" connection check x -w "$W" --json > "$T/check.out" || fail "it is not well: $(cat "$T/check.out")"

# ---- it hears and answers with it, and it is renewed
start
a=$(says 501 "@ongyeol 하나")
wait_for 30 "answered with the token" is "$a" 4
"$SORI" connection check x -w "$W" --json > "$T/check.out" || fail "it is not well: $(cat "$T/check.out")"
expect "until when the token is good" "$(sed -n 's/.*"expires_at": *\([0-9]*\).*/\1/p' "$W/secrets/x.oauth2")" \
    "$(python3 -c 'import json,re,sys; print(re.search(r"token.renewed_until\W+(\d+)", open(sys.argv[1]).read()).group(1))' "$T/check.out")"
fake oauth2 do=expire >/dev/null
b=$(says 502 "@ongyeol 둘")
wait_for 60 "answered with the renewed token" is "$b" 4
expect "renewed" 1 "$(audit refreshed)"
expect "a refresh token used twice" 0 "$(audit "refresh token used twice")"

# ---- net dies while X's answer with the new pair is under way: what is lost is said, and mended
fake fail path=/2/oauth2/token wait=15000 >/dev/null
sed -i 's/"expires_at":[0-9]*/"expires_at":1700000000000/' "$W/secrets/x.oauth2"
refreshed() { [ "$(audit refreshed)" -ge 2 ]; }
wait_for 30 "X gave a new pair" refreshed
kill -9 $(pid_of net)
broken() { sori status --json | grep -q '"broken"'; }
wait_for 60 "the connection is broken" broken
c=$(says 503 "@ongyeol 셋")
sori status > "$T/status.out"
grep -q 'being renewed at .* already, and the answer to that did not get here' "$T/status.out" || fail "status does not say what was lost: $(cat "$T/status.out")"
grep -q 'sori connection authorise x' "$T/status.out" || fail "status does not say what to do: $(cat "$T/status.out")"
"$SORI" connection check x -w "$W" > "$T/check.out" && fail "check finds it well"
grep -q 'sori connection authorise x' "$T/check.out" || fail "check does not say what to do: $(cat "$T/check.out")"
said=$("$SORI" connection authorise x -w "$W" 2>&1 </dev/null) && fail "without a terminal: $said"
[[ "$said" == *"needs a terminal"* ]] || fail "without a terminal: $said"
before=$(sha256sum < "$W/secrets/x.oauth2")
python3 "$T/person.py" "$X" given_up "$SORI" connection authorise x -w "$W" > "$T/given_up.out" 2>&1
expect "the exit code of one who gave up" 1 $?
grep -q 'given up; the token of before stays' "$T/given_up.out" || fail "$(cat "$T/given_up.out")"
expect "the token after it was given up" "$before" "$(sha256sum < "$W/secrets/x.oauth2")"
twice=$(audit "refresh token used twice")
kill -9 $(pid_of net)
sleep 3
expect "the used token is shown to X again after a restart" "$twice" "$(audit "refresh token used twice")"
person again authorise x
wait_for 60 "what was said meanwhile is answered" is "$c" 4
for i in "$a" "$b" "$c"; do expect "answers to $i" 1 "$(answered "$i")"; done
expect "files in secrets" "x.bearer x.consumer_key x.consumer_secret x.oauth2" "$(cd "$W/secrets" && ls -A | grep -v renewing | xargs)"
unseen
sori check || fail "check"
