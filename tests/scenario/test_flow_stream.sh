# A stream: its lines are recorded; what it missed while it was away, while net was gone and while
# everything was gone is filled by a poll; a token that dies breaks the connection, and a new one
# heals it within a minute; setups, budgets, costs and health are where they belong.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/flow.sh"
command -v python3 >/dev/null || { echo "SKIPPED: python3 is not installed"; exit 77; }
[ -f "$BUILD/zoo/streamer.so" ] || { echo "SKIPPED: $BUILD/zoo/streamer.so is not built"; exit 77; }
PORT=$(free_port)
cat > "$T/site.py" <<'PY'
import http.server, json, sys, threading, time, urllib.parse
state = {"n": 0, "left": 90, "mute": 0, "dead": 0, "setups": 0, "evil": 0, "refreshes": 0}
said, streams, lock = [], [], threading.Lock()
class Site(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def log_message(self, *a): pass
    def answer(self, code, body="", head=()):
        body = body.encode()
        self.send_response(code)
        for k, v in head: self.send_header(k, v)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def known(self):
        return not state["dead"] and self.headers.get("Authorization") == "Bearer access%d" % state["n"]
    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        if self.path == "/token":
            with lock:
                state["refreshes"] += 1
                if state["dead"] or "refresh_token=refresh%d&" % state["n"] not in body + "&":
                    return self.answer(400, '{"error":"invalid_grant"}')
                state["n"] += 1
                return self.answer(200, json.dumps({"access_token": "access%d" % state["n"],
                    "refresh_token": "refresh%d" % state["n"], "expires_in": 7200}))
        if self.path == "/evil": state["evil"] += 1
        if self.path == "/rules?dry=1": state["setups"] += 1
        self.answer(200 if self.known() else 401)
    def do_GET(self):
        path, _, query = urllib.parse.unquote(self.path).partition("?")
        if path == "/say":                      # the test itself
            with lock:
                said.append(query)
                for s in streams:
                    try: s.write((query.replace("+", " ") + "\r\n").encode()); s.flush()
                    except OSError: pass
            return self.answer(200)
        if path == "/set":
            k, v = query.split("=")
            state[k] = int(v)
            if k == "mute" and v == "1":
                with lock: streams.clear()
            return self.answer(200)
        if path == "/get": return self.answer(200, str(state[query]))
        if not self.known(): return self.answer(401, "{}")
        if path == "/me": return self.answer(200, "{}", [("x-left", str(state["left"]))])
        if path == "/since":
            return self.answer(200, "".join(s.replace("+", " ") + "\n" for s in said))
        if path != "/stream" or state["mute"]: return self.answer(503)
        self.send_response(200)
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.flush()
        self.close_connection = True
        with lock: streams.append(self.wfile)
        while self.wfile in streams:
            time.sleep(0.5)
            try: self.wfile.write(b"\r\n"); self.wfile.flush()
            except OSError: break
http.server.ThreadingHTTPServer.daemon_threads = True
http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Site).serve_forever()
PY
python3 "$T/site.py" "$PORT" & SITE=$!
disown # it outlives stop_all
also_stop() { kill -9 "$SITE" 2>/dev/null; }
web() { python3 -c 'import sys, urllib.request as u; print(u.urlopen(sys.argv[1] + u.quote(sys.argv[2], safe="/?=+")).read().decode())' "http://127.0.0.1:$PORT" "$1"; }
wait_for 10 "the site answers" web /get?n
workspace "connection \"live\" { channel = \"streamer\", url = \"http://127.0.0.1:$PORT\", every = \"2s\", mode = \"observe\", allow = { \"127.0.0.1:$PORT\" } }"
mkdir -p "$W/plugins"; cp "$BUILD/zoo/streamer.so" "$W/plugins/"
token() { printf '{"access_token":"access%s","refresh_token":"refresh%s","expires_at":%s,"client_id":"me"}\n' "$1" "$1" "$2" > "$W/secrets/.t"; chmod 600 "$W/secrets/.t"; mv "$W/secrets/.t" "$W/secrets/live.token"; }
token 0 1700000000000
field() { "$SORI" status -w "$W" --json | python3 -c 'import sys, json; c = json.load(sys.stdin)["connections"][0]; print(eval(sys.argv[1]))' "$1"; }
says() { [ "$(field "$2")" = "$1" ]; }
has() { equals 1 "SELECT count(*) FROM interaction WHERE native = '$1'"; }
start
wait_for 30 "the stream is open" says open 'c["streams"][0]["state"]'
expect "one refresh for poll, setup and stream" 1 "$(web /get?refreshes)"
grep -q '"refresh1"' "$W/secrets/live.token" || fail "the new pair is not on disk"
expect "set up once" 1 "$(web /get?setups)"
expect "and nothing else" 0 "$(web /get?evil)"
grep -q "sets up: POST http://127.0.0.1:$PORT/rules\$" "$T/log" || fail "no line about the setup"
web '/say?1+스트림으로' >/dev/null
wait_for 10 "a line is recorded" has 1

web '/set?mute=1' >/dev/null # the stream breaks, and does not come back
wait_for 20 "it waits" says waiting 'c["streams"][0]["state"]'
web '/say?2+놓친+말' >/dev/null
wait_for 20 "a poll fills it meanwhile" has 2
web '/set?mute=0' >/dev/null
wait_for 40 "it comes back" says open 'c["streams"][0]["state"]'
wait_for 20 "what it missed is filled" says True '"filled" in c and "missed" not in c'

web '/say?crash' >/dev/null # the decoder dies of it, twice, and the rest goes on
web '/say?3+그+뒤' >/dev/null
wait_for 30 "what follows a bad line" has 3
stored "faults of the bad line" 1 "SELECT count(*) FROM fault WHERE call = 'decode'"

kill -9 "$(pid_of net)"
wait_for 30 "net is back" says open 'c["streams"][0]["state"]'
sleep 12 # so that the mark of what was heard is on disk
stop_all
web '/say?4+없는+동안' >/dev/null
start
wait_for 40 "what was said while nobody listened" has 4

wait_for 30 "it looked after itself" says '온결 리빙 (1234)' 'c["health"]["facts"][0]["value"]'
expect "a name once, and how long its token is good" "account token.renewed_until" \
    "$(field '" ".join(f["name"] for f in c["health"]["facts"])')"
spent() { [ "$(field 'c["spent_today_micros"]')" -gt 3000 ]; } # a day may have just begun
wait_for 60 "what is spent is counted" spent
expect "its budget" "calls 100 90" "$(field '"%s %d %d" % (c["budgets"][0]["bucket"], c["budgets"][0]["limit"], c["budgets"][0]["remaining"])')"
web '/set?left=5' >/dev/null
wait_for 15 "the last share is for replies" says True '"polls_wait_until" in c'
web '/set?left=90' >/dev/null
wait_for 15 "and polls go on" says False '"polls_wait_until" in c'

web '/set?dead=1' >/dev/null
wait_for 30 "a dead token breaks the connection" says broken 'c["state"]'
web '/set?dead=0' >/dev/null
token "$(web /get?n)" 0
wait_for 60 "a new one heals it by itself" says ready 'c["state"]'
for s in access0 refresh0 access1 refresh1; do
    ! grep -q "$s" "$T/log" "$T/out" || fail "$s is in the log"
done
