# X's webhooks through the whole of Sori: its check of the address (CRC), signed bodies in both ways of
# writing Korean, forged ones; then the same events once in order, and twice, shuffled, in parallel and
# while the core is killed: the same rows. No request leaves: the interface is not there.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/flow.sh"
command -v python3 >/dev/null || { echo "SKIPPED: python3 is not installed"; exit 77; }
[ -f "$BUILD/plugins/x.so" ] || { echo "SKIPPED: $BUILD/plugins/x.so is not built"; exit 77; }
SECRET=a-secret-of-the-app
cat > "$T/hooks.py" <<'PY'
"""hooks.py MODE PORT SECRET NOW: checks the gate, or delivers the same events in one of two ways."""
import base64, hashlib, hmac, http.client, json, random, sys, threading, time, urllib.parse
mode, port, secret, now = sys.argv[1], int(sys.argv[2]), sys.argv[3].encode(), int(sys.argv[4])
ME, dice = "1111111111111111111", random.Random(7)

def mac(data): return "sha256=" + base64.b64encode(hmac.new(secret, data, hashlib.sha256).digest()).decode()
def ask(method, path, body=None, sign=None):
    c = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    c.request(method, path, body, dict({"Content-Type": "application/json"},
                                       **({"x-twitter-webhooks-signature": sign} if sign else {})))
    r = c.getresponse()
    status, answer = r.status, r.read()
    c.close()
    return status, answer

made = 0
def snowflake(age):
    """An id of so many seconds ago."""
    global made
    made += 1
    return str((((now - age) * 1000 - 1288834974657) << 22) + made)

def event(kind, payload, **more):
    return {"data": dict({"event_uuid": str(made), "filter": {"user_id": ME}, "event_type": kind, "tag": "t",
                          "payload": payload}, **more)}
def post(id, by, text, **more):
    at = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(((int(id) >> 22) + 1288834974657) // 1000))
    return dict({"id": id, "author_id": by, "text": text, "created_at": at, "lang": "ko",
                 "edit_history_tweet_ids": [id], "conversation_id": id}, **more)
def named(start, end): return {"mentions": [{"start": start, "end": end, "username": "shop", "id": ME}]}

if mode == "gate":
    token = "a b+c/%"
    status, answer = ask("GET", "/in/x?crc_token=" + urllib.parse.quote(token, safe=""))
    assert status == 200 and json.loads(answer) == {"response_token": mac(token.encode())}, (status, answer)
    assert ask("GET", "/in/x")[0] >= 400 and ask("GET", "/in/nobody?crc_token=a")[0] >= 400
    bodies = []
    for ascii in (True, False):
        id = snowflake(60)
        e = event("post.mention.create", post(id, "22", "@shop 배송이 늦어요 &amp; 또", entities=named(0, 5)))
        bodies.append(json.dumps(e, ensure_ascii=ascii).encode())
        assert ask("POST", "/in/x", bodies[-1], mac(bodies[-1]))[0] == 200
    for body in bodies:
        changed = body.replace(b"shop", b"shoq", 1)
        hexed = "sha256=" + hmac.new(secret, body, hashlib.sha256).hexdigest()
        for forged, sign in ((changed, mac(body)), (body, None), (body, mac(body)[:-2]), (body, hexed),
                             (body, mac(body)[7:]), (body, mac(body + b" "))):
            status = ask("POST", "/in/x", forged, sign)[0]
            assert status == 401, (status, sign)
    sys.exit(0)

events, ours = [], [snowflake(20000 + i) for i in range(5)]
for o in ours: events.append(event("post.create", post(o, ME, "새 소식 " + o[-3:])))
for i in range(100):
    who, root = str(500 + i % 23), ours[i % 5]
    people = {"users": [{"id": who, "name": "김하늘 " + who, "username": "u" + who,
                         "public_metrics": {"followers_count": 7}}]}
    m = snowflake(9000 - i)
    events.append(event("post.mention.create", post(m, who, "@shop 언제 와요 %d" % i, entities=named(0, 5)), includes=people))
    if i % 4 == 0:  # an edit: a new id, the same post
        events.append(event("post.mention.create", dict(post(snowflake(8000 - i), who, "@shop 언제 오나요 %d" % i,
            entities=named(0, 5)), edit_history_tweet_ids=[m, str(made)]), includes=people))
    if i % 9 == 0: events.append(event("post.delete", {"id": m, "author_id": who}))
    events.append(event("post.reply.create", post(snowflake(7000 - i), who, "@shop 네 %d" % i, conversation_id=root,
        in_reply_to_user_id=ME, referenced_tweets=[{"type": "replied_to", "id": root}], display_text_range=[6, 9],
        entities=named(0, 5)), includes=people))
    events.append(event("like.create", {"id": "%032x" % i, "timestamp_ms": str((now - i) * 1000),
        "liked_tweet_id": root, "liked_tweet_author_id": ME}, includes={"users": [{"id": str(3000 + i)}]}))
    if i % 5 == 0:
        quote = {"referenced_tweets": [{"type": "quoted", "id": root}]}
        events.append(event("post.quote.create", post(snowflake(6000 - i), who, "이거 봐요 %d" % i, **quote), includes=people))
        again = {"referenced_tweets": [{"type": "retweeted", "id": root}]}
        events.append(event("post.repost.create", post(snowflake(5000 - i), str(4000 + i), "RT @shop: …", **again)))
        d = snowflake(4000 - i)
        events.append(event("dm.received", {"direct_message_events": [{"type": "message_create", "id": d,
            "created_timestamp": str((now - 4000 + i) * 1000), "message_create": {"sender_id": who,
            "message_data": {"text": "주문 번호는 %d" % i}}}], "users": {who: {"data": people["users"][0]}}}))
        events.append({"data": {"event_type": "follow.follow", "payload": {"i": i}}})

def send(e):
    body = json.dumps(e, ensure_ascii=dice.random() < .5).encode()
    for _ in range(100):
        try:
            if ask("POST", "/in/x", body, mac(body))[0] == 200: return
        except OSError: pass
        time.sleep(.1)
    sys.exit("not taken")

if mode == "once":
    for e in events: send(e)
else:
    twice = events * 2
    dice.shuffle(twice)
    def run():
        while True:
            try: e = twice.pop()
            except IndexError: return
            send(e)
            time.sleep(.01)
    threads = [threading.Thread(target=run) for _ in range(4)]
    for t in threads: t.start()
    for t in threads: t.join()
send(event("post.mention.create", post("2000000000000000999", "9", "@shop 끝", entities=named(0, 5))))
print(len(events))
PY
rows() {
    db "SELECT 'said', s.name, i.native, i.kind, i.share, i.origin, p.native, t.native, a.native, i.state, i.said_at,
               CASE WHEN i.state IN (1, 2) THEN j.text END
          FROM interaction i JOIN space s ON s.id = i.space LEFT JOIN interaction p ON p.id = i.parent
          LEFT JOIN interaction t ON t.id = i.target LEFT JOIN author a ON a.id = i.author
          LEFT JOIN journal j ON j.seq = i.said WHERE i.state IN (1, 2) ORDER BY 3"
    db "SELECT 'stands', i.native, r.class, r.actor, r.value FROM reaction r JOIN interaction i ON i.id = r.target WHERE r.value <> 0 ORDER BY 2, 3, 4"
    db "SELECT 'tally', i.native, y.class, sum(y.n) FROM tally y JOIN interaction i ON i.id = y.target GROUP BY 2, 3 ORDER BY 2, 3"
}
PORT=$(free_port)
NOW=$(date +%s)
hooks() { timeout 200 python3 "$T/hooks.py" "$1" "$PORT" "$SECRET" "$NOW"; }
begin() {
    rm -rf "$W"
    workspace "gate { listen = \"127.0.0.1:$PORT\" }" \
        'connection "x" { channel = "x", user_id = "1111111111111111111", handle = "shop", api = "http://127.0.0.1:9", allow = { "127.0.0.1:9" }, every = "1h", mode = "observe" }'
    sed -i /^classifier/d "$W/sori.lua"
    policy <<'LUA'
local t = sori.policy "test"
t:rule "all" { when = { kind = { "mention", "comment" } }, act = { tag "seen" } }
return t
LUA
    for slot in consumer_key consumer_secret token token_secret bearer; do
        printf '%s\n' "$SECRET" > "$W/secrets/x.$slot"
        chmod 600 "$W/secrets/x.$slot"
    done
    start
    wait_for 10 "the gate" bash -c "exec 3<>/dev/tcp/127.0.0.1/$PORT"
}

begin
hooks gate || fail "CRC and signatures"
wait_for 20 "both spellings are there" equals 2 "SELECT count(*) FROM journal WHERE text = '@shop 배송이 늦어요 & 또'"
stored "of what was forged" 2 "SELECT count(*) FROM interaction"
stop_all

for mode in once shuffled; do
    begin
    hooks $mode > "$T/count" &
    delivering=$!
    if [ $mode = shuffled ]; then
        for i in 1 2 3; do
            sleep 1
            kill -9 $(pid_of core) 2>/dev/null && echo "ok: the core was killed"
        done
    fi
    wait $delivering || fail "delivering: $mode"
    wait_for 60 "all is recorded: $mode" equals 1 "SELECT count(*) FROM interaction WHERE native = '2000000000000000999' AND state = 1"
    wait_for 30 "all is decided: $mode" equals 0 "SELECT count(*) FROM journal j LEFT JOIN decision d USING (seq) WHERE j.kind IN (1, 2) AND d.seq IS NULL"
    # Authors and counts are flushed a moment later.
    wait_for 20 "all is flushed: $mode" equals "0 0" "SELECT (SELECT count(*) FROM interaction i LEFT JOIN author a ON a.id = i.author WHERE i.author IS NOT NULL AND a.id IS NULL) || ' ' || (SELECT (SELECT count(*) FROM reaction WHERE value <> 0) - coalesce(sum(n), 0) FROM tally)"
    rows > "$T/rows.$mode"
    stored "said more than once ($mode)" 0 "SELECT count(*) FROM (SELECT 1 FROM journal WHERE kind = 1 GROUP BY interaction HAVING count(*) > 1)"
    stop_all
done
count() { grep -c "$1" "$T/rows.once"; }
expect "likes" 100 "$(count '^stands.*|like|')"
expect "simple shares" 20 "$(count '^stands.*|share|')"
expect "specific shares" 20 "$(count '^said.*이거 봐요')"
expect "messages" 20 "$(count '^said|x:|dm/')"
expect "comments" 100 "$(count '^said.*@shop 네')"
expect "mentions that were edited, and not removed" 22 "$(count '^said.*언제 오나요')"
expect "mentions as they were, and not removed" 66 "$(count '^said.*언제 와요')"
diff "$T/rows.once" "$T/rows.shuffled" > "$T/diff" || { head -20 "$T/diff"; fail "other rows when shuffled"; }
echo "ok: shuffled gives the same $(wc -l < "$T/rows.once") rows of $(cat "$T/count") events"
