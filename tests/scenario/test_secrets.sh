# Secrets stay where they belong. A marker stands in every one of them; Facebook, X and a blog are
# played by a platform that says back whatever it was told, in every kind of error and in what it
# answers well; webhooks come with good and bad signatures, tokens are renewed and refused, workers die
# with requests in hand. Then each marker is looked for in all spellings: in the log, the store, spool,
# backup, what the commands print, pages and command lines, and the memory of all that runs.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/flow.sh"
command -v python3 >/dev/null || { echo "SKIPPED: python3 is not installed"; exit 77; }
[ -z "${SORI_SANITIZED:-}" ] || { echo "SKIPPED: a sanitizer keeps what was freed"; exit 77; }
[ "$(id -u)" = 0 ] || { echo "SKIPPED: only root may look into the memory of others"; exit 77; }
for p in facebook x blog; do [ -f "$BUILD/plugins/$p.so" ] || { echo "SKIPPED: $p.so is not built"; exit 77; }; done
STEM='Zq7+/KxW'                 # begins every marker; has what percent and JSON spell otherwise
ulimit -c unlimited             # a core file is wanted, and must not come

cat > "$T/platform.py" <<'PY'
"""platform.py DIR: three platforms that say back what they were told. DIR/mode says how: good, or an
HTTP status, or hang. Prints its port."""
import http.server, json, os, sys, threading, time, urllib.parse
folder = sys.argv[1]
lock = threading.Lock()
count = [0]
def mode(): return open(folder + "/mode").read().strip()

class Site(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def log_message(self, *a): pass
    def said(self):
        """All that came in, and its parts once more as a platform might have decoded them."""
        line = "%s %s %s" % (self.command, self.path, self.body)
        line += " ".join("%s: %s" % h for h in self.headers.items())
        return line + " " + urllib.parse.unquote_plus(self.path + " " + self.body)
    def answer(self, status, thing, headers={}):
        raw = json.dumps(thing, ensure_ascii=False).replace("/", "\\/" if count[0] % 2 else "/").encode()
        self.send_response(status)
        for k, v in dict(headers, **{"Content-Type": "application/json", "Content-Length": str(len(raw))}).items():
            self.send_header(k, v)
        self.end_headers()
        self.wfile.write(raw)
    def wrong(self, status):
        s = self.said()
        auth = self.headers.get("Authorization", "none")
        self.answer(status, {"error": {"message": s, "type": "OAuthException", "code": 100 if status != 401 else 190,
                                       "error_user_msg": s, "fbtrace_id": auth},
                             "title": auth, "detail": s, "status": status, "errors": [{"message": s, "title": auth}],
                             "code": "rest_error", "data": {"status": status}},
                    {"X-Echo": auth, "WWW-Authenticate": auth, "Link": "<%s>" % self.path,
                     "Location": "http://%s/else?%s" % (self.headers.get("Host"), urllib.parse.urlencode({"t": auth}))})
    def refresh(self, m):
        form = dict(urllib.parse.parse_qsl(self.body))
        if "refused" in form.get("refresh_token", ""):
            self.answer(400, {"error": "invalid_grant", "error_description": "x" * 180 + " " + self.said()})
        elif m != "good": self.answer(503, {"error": "later", "error_description": self.said()})
        else: self.answer(200, {"access_token": open(folder + "/new_access").read(), "expires_in": 7200,
                                "refresh_token": open(folder + "/new_refresh").read(), "token_type": "bearer"})
    def good(self):
        path = self.path.split("?")[0]
        s = self.said()
        if self.command == "POST":
            if path.startswith("/2/"): return self.answer(201, {"data": {"id": str(1900000000000000000 + count[0]), "text": s}})
            return self.answer(200, {"id": "7_%d" % count[0], "success": True, "message": s})
        if path == "/2/users/me": return self.answer(200, {"data": {"id": "1111111111111111111", "username": "shop", "name": s}})
        if path.endswith("/mentions"):
            return self.answer(200, {"data": [{"id": "1800000000000000%03d" % count[0], "author_id": "22", "text": "@shop 언제 와요 " + s}],
                                     "meta": {"result_count": 1, "newest_id": "1800000000000000%03d" % count[0]}})
        if path.startswith("/2/"): return self.answer(200, {"data": [], "meta": {"result_count": 0}})
        if "wp-json" in path: return self.answer(200, [] if "/wp/v2/" in path else {"name": s, "namespaces": ["wp/v2"]})
        if path.endswith("/me"): return self.answer(200, {"id": "1234567890321", "name": s})
        if path.endswith("/debug_token"):
            return self.answer(200, {"data": {"is_valid": True, "type": "PAGE", "app_id": "77", "scopes": [s], "expires_at": 0}})
        if path.endswith("feed"):
            return self.answer(200, {"data": [{"id": "1234567890321_5", "message": "소식 " + s, "created_time": "2026-11-20T00:00:00+0000"}],
                "paging": {"next": "http://%s%s&access_token=%s&after=QQ" % (self.headers["Host"], self.path,
                    urllib.parse.quote(self.headers.get("Authorization", "")[7:], safe=""))} if "after=" not in self.path else {}})
        self.answer(200, {"data": []})
    def do(self):
        self.body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode("utf-8", "replace")
        with lock:
            count[0] += 1
            with open(folder + "/asked", "a") as f: f.write(self.said().replace("\n", " ") + "\n")
        m = mode()
        if m == "hang":
            time.sleep(3)
            m = "500"
        if "oauth2/token" in self.path or "refresh_access_token" in self.path: self.refresh(m)
        elif m == "good": self.good()
        else: self.wrong(int(m))
    do_GET = do_POST = do_PUT = do_DELETE = do

server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Site)
print(server.server_port, flush=True)
server.serve_forever()
PY

cat > "$T/look.py" <<'PY'
"""look.py STEM [--extra FILE] [--files PATH…] [--pids PID…]: finds texts that begin with STEM, and the
lines of FILE, in every spelling. Prints one line a find: where, and what."""
import base64, os, re, sys, urllib.parse
words, extra, paths, pids, to = [], [], [], [], None
for a in sys.argv[1:]:
    if a in ("--extra", "--files", "--pids"): to = {"--extra": extra, "--files": paths, "--pids": pids}[a]
    elif to is None: words.append(a)
    else: to.append(a)
for f in extra: words += open(f).read().split()

def spellings(word):
    raw = word.encode()
    yield raw
    yield raw.replace(b"/", b"\\/")
    for form in ("%%%02X", "%%%02x", "%%25%02X"):
        yield re.sub(rb"[^A-Za-z0-9._~-]", lambda m: (form % m.group()[0]).encode(), raw)
    yield raw.replace(b"+", b"%2B")
    yield raw.hex().encode()
    yield raw.hex().upper().encode()
    for text in raw, urllib.parse.quote(word, safe="").encode():
        for shift in range(3):  # what base64 makes of it wherever it stands
            coded = base64.b64encode(b"\0" * shift + text)
            coded = coded[(0, 2, 3)[shift]:len(coded) - (4 if (shift + len(text)) % 3 else 0)]
            yield coded
            yield coded.replace(b"+", b"-").replace(b"/", b"_")
            yield coded.replace(b"+", b"%2B").replace(b"/", b"%2F")
needles = re.compile(b"|".join(sorted({re.escape(s) for w in words for s in spellings(w)})))
finds = 0
def look(where, data):
    global finds
    for m in needles.finditer(data):
        finds += 1
        around = data[max(0, m.start() - 24):m.end() + 40]
        print(where, repr(around))
        if finds > 200: sys.exit(1)

for path in paths:
    for base, _, names in os.walk(path) if os.path.isdir(path) else [(os.path.dirname(path), [], [os.path.basename(path)])]:
        for name in names:
            full = os.path.join(base, name)
            look(full, name.encode())
            if os.path.isfile(full): look(full, open(full, "rb").read())
for pid in pids:
    proc = "/proc/%s/" % pid
    try: what = open(proc + "cmdline", "rb").read()
    except OSError: continue
    title = "%s (%s)" % (pid, what.replace(b"\0", b" ").decode("utf-8", "replace")[-60:].strip())
    look(title + " cmdline", what)
    look(title + " environ", open(proc + "environ", "rb").read())
    for fd in os.listdir(proc + "fd"):
        try:
            if "memfd:" in os.readlink(proc + "fd/" + fd): look(title + " memfd " + fd, open(proc + "fd/" + fd, "rb").read())
        except OSError: pass
    seen = 0
    with open(proc + "mem", "rb", buffering=0) as mem:
        for line in open(proc + "maps"):
            span, rights = line.split()[:2]
            if rights[0] != "r" or "[v" in line: continue
            at, end = (int(x, 16) for x in span.split("-"))
            name = (line.split() + [""])[5]
            while at < end:
                try:
                    mem.seek(at)
                    data = mem.read(min(end - at, 16 << 20))
                except (OSError, ValueError, OverflowError): break
                if not data: break
                look("%s memory %x %s" % (title, at, name), data)
                at, seen = at + len(data), seen + len(data)
    if not seen: sys.exit("no memory of %s could be read" % title)
sys.exit(1 if finds else 0)
PY
look() { python3 "$T/look.py" "$STEM" "$@"; }

# ---- the search is proven first: it must find what lies there
printf 'a line with %s in it\n' "${STEM}planted" > "$T/planted.log"
python3 - "$STEM" "$T" <<'PY'
import base64, sys
stem, to = (sys.argv[1] + "planted").encode(), sys.argv[2] + "/planted."
for i in range(3): open(to + "base64-%d" % i, "wb").write(base64.b64encode(b"u" * i + b":" + stem))
open(to + "hex", "w").write(stem.hex())
open(to + "percent", "w").write("a=" + sys.argv[1].replace("+", "%2b").replace("/", "%2f"))
open(to + "json", "w").write(sys.argv[1].replace("/", "\\/"))
PY
for f in "$T"/planted.*; do
    look --files "$f" > /dev/null && fail "the search is blind to $f"
done
PLANTED="${STEM}env" python3 -c 'import base64, sys, time; a = base64.b64decode(sys.argv[1]) + b"!"; time.sleep(60)' "$(printf %s "${STEM}mem" | base64)" &
blind=$!
seen_all() { look --pids $blind > "$T/seen"; for where in cmdline environ memory; do grep -q "$where" "$T/seen" || return 1; done; }
wait_for 20 "the search sees what is planted in cmdline, environ and memory" seen_all
kill $blind
rm "$T"/planted.*
echo "ok: the search finds what is planted in logs, memory, environment and command lines"

# ---- the workspace
echo good > "$T/mode"
printf '%s' "${STEM}newaccess01" > "$T/new_access"
printf '%s' "${STEM}newrefresh1" > "$T/new_refresh"
python3 "$T/platform.py" "$T" > "$T/port" 2>> "$T/platform.err" &
PLATFORM=$!
disown $PLATFORM # nothing waits for it
also_stop() { kill "$PLATFORM" 2>/dev/null; }
wait_for 10 "the platform" test -s "$T/port"
AT=127.0.0.1:$(cat "$T/port")
PORT=$(free_port) METRICS=$(free_port)
common="allow = { \"$AT\" }, every = \"1s\", mode = \"auto\""
x="channel = \"x\", user_id = \"1111111111111111111\", handle = \"shop\", plan = \"enterprise\", api = \"http://$AT\", $common"
workspace "gate { listen = \"127.0.0.1:$PORT\" }" "metrics { listen = \"127.0.0.1:$METRICS\" }" \
    "connection \"page\" { channel = \"facebook\", account = \"1234567890321\", app = \"77\", graph = \"http://$AT\", recheck = \"1m\", $common }" \
    "connection \"threads\" { channel = \"facebook\", surface = \"threads\", app = \"77\", threads = \"http://$AT\", $common }" \
    "connection \"x1\" { $x, receive = { \"mentions\", \"search\" }, watch = { \"온결\" } }" \
    "connection \"x2\" { $x, auth = \"oauth2\" }" \
    "connection \"x3\" { $x, auth = \"oauth2\" }" \
    "connection \"blog\" { channel = \"blog\", url = \"http://$AT\", user = \"sori\", use = \"rest\", $common }"
policy <<'LUA'
local t = sori.policy "test"
t:rule "all" { when = { kind = { "comment", "mention" } }, act = { reply "ok" } }
return t
LUA
secret() { printf '%s\n' "$2" > "$W/secrets/$1"; chmod 600 "$W/secrets/$1"; }
n=0
for s in page.app_secret page.page_token page.verify_token threads.app_secret threads.verify_token blog.password \
    x{1,2,3}.{consumer_key,consumer_secret,token,token_secret,bearer}; do
    n=$((n + 1))
    secret $s "${STEM}$(printf '%s' $s | tr -d '._')$n"
done
pair() { secret "$1" "{\"access_token\": \"${STEM}access$2\", \"refresh_token\": \"${STEM}refresh$2\", \"client_id\": \"client\", \"client_secret\": \"${STEM}client$2\", \"expires_at\": $(($(date +%s) * 1000 - 60000))}"; }
pair x2.oauth2 two
pair x3.oauth2 refused
secret threads.threads_token "{\"access_token\": \"${STEM}threads\", \"expires_at\": $(($(date +%s) * 1000 + 600000))}"
# What is made of two secrets is worth as much as they are.
proof=$(printf '%s' "$(cat "$W/secrets/page.page_token")" | openssl dgst -sha256 -hmac "$(cat "$W/secrets/page.app_secret")" 2>/dev/null | sed 's/.* //')
echo "${proof:-none-was-made}" > "$T/derived"
echo 503 > "$T/mode"
start
wait_for 10 "the gate" bash -c "exec 3<>/dev/tcp/127.0.0.1/$PORT"

cat > "$T/hook.py" <<'PY'
"""hook.py PORT SECRETS N: webhooks, well signed, badly signed, and handshakes."""
import base64, hashlib, hmac, http.client, json, sys, time, urllib.parse
port, n = int(sys.argv[1]), int(sys.argv[3])
secret = lambda name: open(sys.argv[2] + "/" + name, "rb").read().strip()
def ask(method, path, body=None, headers={}):
    c = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    c.request(method, path, body, headers)
    r = c.getresponse()
    return r.status, r.read()
now = int(time.time())
fb = json.dumps({"object": "page", "entry": [{"id": "1234567890321", "time": now, "changes": [{"field": "feed", "value": {
    "item": "comment", "verb": "add", "post_id": "1234567890321_5", "parent_id": "1234567890321_5", "comment_id": "5_%d" % n,
    "message": "배송이 늦어요 %d" % n, "created_time": now, "from": {"id": str(50 + n), "name": "김하늘"}}}]}]}).encode()
id = str(((now * 1000 - 1288834974657) << 22) + n)
x = json.dumps({"data": {"event_uuid": "e%d" % n, "filter": {"user_id": "1111111111111111111"}, "event_type": "post.mention.create",
    "tag": "t", "payload": {"id": id, "author_id": str(70 + n), "text": "@shop 언제 와요 %d" % n, "conversation_id": id,
    "created_at": time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(now)), "edit_history_tweet_ids": [id],
    "entities": {"mentions": [{"start": 0, "end": 5, "username": "shop", "id": "1111111111111111111"}]}}}}).encode()
for name, slot, head, body, code in (("page", "app_secret", "X-Hub-Signature-256", fb, lambda d: d.hex()),
        ("x1", "consumer_secret", "x-twitter-webhooks-signature", x, lambda d: base64.b64encode(d).decode())):
    key = secret(name + "." + slot)
    sign = "sha256=" + code(hmac.new(key, body, hashlib.sha256).digest())
    assert ask("POST", "/in/" + name, body, {head: sign, "Content-Type": "application/json"})[0] == 200
    assert ask("POST", "/in/" + name, body + b" ", {head: sign})[0] == 401
    assert ask("POST", "/in/" + name, body, {head: "sha256=" + key.decode()})[0] == 401
verify = urllib.parse.quote(secret("page.verify_token"), safe="")
for word, status in ((verify, 200), (verify + "no", 403)):
    got = ask("GET", "/in/page?hub.mode=subscribe&hub.challenge=42&hub.verify_token=" + word)
    assert (got[0] == 200) == (status == 200), got
assert ask("GET", "/in/x1?crc_token=abc")[0] == 200
PY
hooks() {
    wait_for 20 "the gate" bash -c "exec 3<>/dev/tcp/127.0.0.1/$PORT" # it comes a moment after the core
    python3 "$T/hook.py" "$PORT" "$W/secrets" "$1" || fail "webhooks, round $1"
}
asked() { wc -l < "$T/asked"; }
: > "$T/asked"

# ---- traffic: each kind of answer for a while, with something to answer in each
round=0
for m in 503 400 401 403 429 302 500 good; do
    round=$((round + 1))
    echo $m > "$T/mode"
    before=$(asked)
    [ $round = 1 ] || { stop_all; start; } # limits and dead tokens make connections wait: begun anew
    hooks $round
    for i in $(seq 60); do [ $(($(asked) - before)) -lt 8 ] || break; sleep 0.1; done
    echo "ok: answered $m: $(($(asked) - before)) requests"
done
wait_for 25 "a renewed token is used" grep -q newaccess01 "$T/asked"
hooks 20
wait_for 30 "a reply went out" equals 1 "SELECT count(*) > 0 FROM action WHERE sent_at IS NOT NULL"
grep -q 'Basic ' "$T/asked" || fail "the blog was never asked with its password"
grep -qi 'OAuth oauth_' "$T/asked" || fail "nothing was signed by OAuth 1.0a"
grep -q "appsecret_proof=$proof" "$T/asked" || fail "no proof was sent"

# ---- workers that die with requests in hand
echo hang > "$T/mode"
hooks 21
sleep 1.5
for p in $(pid_of connector); do kill -SEGV "$p" 2>/dev/null; done
sleep 1
echo good > "$T/mode"
wait_for 20 "workers died" grep -q SIGSEGV "$T/log"
back() { [ -n "$(pid_of connector)" ]; }
wait_for 20 "workers are back" back

# ---- what people look at
mkdir "$T/shown"
for c in status inbox "plugin list" "check" "export --since 1d"; do
    $SORI $c -w "$W" --json > "$T/shown/${c// /-}.json" 2> "$T/shown/${c// /-}.err"
    $SORI $c -w "$W" > "$T/shown/${c// /-}.txt" 2>&1
done
for name in page threads x1 x2 x3 blog; do
    $SORI connection check $name -w "$W" --json > "$T/shown/check-$name.json" 2>&1
    $SORI connection check $name -w "$W" > "$T/shown/check-$name.txt" 2>&1
done
for id in $(db "SELECT id FROM interaction LIMIT 30"); do
    for c in show why; do $SORI $c "$id" -w "$W" --json > "$T/shown/$c-$id.json" 2>&1; $SORI $c "$id" -w "$W" > "$T/shown/$c-$id.txt" 2>&1; done
done
$SORI plugin try facebook --set account=1234567890321 --set graph="http://$AT" --allow "$AT" > "$T/shown/try.json" 2>&1
$SORI plugin info x -w "$W" --json > "$T/shown/info.json" 2>&1
$SORI search 언제 -w "$W" --json > "$T/shown/search.json" 2>&1
for what in healthz readyz metrics; do curl -s "http://127.0.0.1:$METRICS/$what" > "$T/shown/$what" 2>&1; done
grep -q '^sori' "$T/shown/metrics" || fail "no metrics were shown"
$SORI backup "$T/copy" -w "$W" > "$T/shown/backup.out" 2>&1 || fail "backup: $(cat "$T/shown/backup.out")"
$SORI new workspace "$T/restored" > /dev/null
$SORI restore "$T/copy" -w "$T/restored" > "$T/shown/restore.out" 2>&1 || fail "restore: $(cat "$T/shown/restore.out")"

# Nothing is proven by texts that never came: what was said back is there, blanked.
for f in "$T/log" "$T/shown/status.json"; do grep -q '\*\*\*\*\*\*' "$f" || fail "nothing that the platform said back is in $f"; done
stored "texts in the store that say a blanked secret" 1 "SELECT count(*) > 0 FROM journal WHERE text LIKE '%******%'"

# ---- the search
echo ok > "$T/finds"
find "$T" "$PWD" -maxdepth 2 \( -name core -o -name 'core.[0-9]*' \) -type f -newer "$T/hook.py" | grep . && fail "a core file was written"
for p in $(tree "$KEEPER" | grep -vx "$KEEPER"); do # the keeper never holds anything of this
    [ "$(awk '/Max core file size/ { print $5 $6 }' /proc/$p/limits)" = 00 ] || echo "core-limit $(tr '\0' ' ' < /proc/$p/cmdline)"
done > "$T/cores"
net=$(pid_of net) gate=$(pid_of gate) others=
for p in $(tree "$KEEPER"); do case " $net $gate " in *" $p "*) ;; *) others="$others $p" ;; esac; done
mapfile -t data < <(find "$W" -mindepth 1 -maxdepth 1 ! -name secrets)
look --extra "$T/derived" --files "$T/log" "$T/out" "$T/shown" "$T/copy" "$T/restored" "${data[@]}" > "$T/finds" || { cut -c1-300 "$T/finds" | head -40; fail "a marker lies in a file"; }
echo "ok: no marker in log, store, spool, backup, nor in what the commands print ($(find "$T/shown" "${data[@]}" -type f | wc -l) files)"
look --extra "$T/derived" --pids $others > "$T/finds" || { cut -c1-300 "$T/finds" | head -40; fail "a marker lies in a process that may not have it"; }
echo "ok: no marker in memory, pages, command line and environment of $(wc -w <<< "$others") processes"
expect "processes that could leave a core file" "" "$(cat "$T/cores")"
look --extra "$T/derived" --pids $gate $net > "$T/held"
grep -E ' (cmdline|environ|memfd)' "$T/held" && fail "a marker in what others can see of net or gate"
echo "ok: only gate holds secrets all the time: $(grep -c -- '--role gate' "$T/held") places"
# net has them for the length of a request; between two there is nothing, not even in freed memory.
sori pause > /dev/null
for i in $(seq 30); do
    look --extra "$T/derived" --pids $net > "$T/held" && break
    sleep 0.3
done
[ -s "$T/held" ] && { cut -c1-300 "$T/held" | head -20; fail "net keeps copies of secrets"; }
echo "ok: net keeps no copy"
