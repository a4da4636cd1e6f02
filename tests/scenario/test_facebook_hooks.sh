# A Page's webhooks through the whole of Sori: signed bodies into the gate, decoded, recorded. One by
# one in order; twice, shuffled and in parallel; in bodies of 1,000 changes: the same rows, the same
# counts, the same tasks. No request leaves: the interface is not there, and nothing heard is lost.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/flow.sh"
command -v python3 >/dev/null || { echo "SKIPPED: python3 is not installed"; exit 77; }
[ -f "$BUILD/plugins/facebook.so" ] || { echo "SKIPPED: $BUILD/plugins/facebook.so is not built"; exit 77; }
SECRET=a-secret-of-the-app
cat > "$T/hooks.py" <<'PY'
"""hooks.py MODE PORT SECRET NOW: delivers the same events in one of three ways."""
import hashlib, hmac, http.client, json, random, sys, threading, time
mode, port, secret, now = sys.argv[1], int(sys.argv[2]), sys.argv[3].encode(), int(sys.argv[4])
PAGE, dice = "1234567890321", random.Random(7)
events, clock = [], now - 3 * 3600

def tell(field, **value):
    """One change, and when the platform sent it: no two in one second."""
    global clock
    clock += 7
    value.setdefault("created_time", clock - 1)
    events.append((clock, "changes", {"field": field, "value": value}))

def letter(**parts):
    global clock
    clock += 7
    events.append((clock, "messaging", dict(parts, sender={"id": "55"}, recipient={"id": PAGE},
                                            timestamp=clock * 1000)))

for i in range(120):
    post, cid = "%s_%d" % (PAGE, i % 7), "%d_%d" % (i % 7, 1000 + i)
    by = {"id": str(500 + i % 31), "name": "김하늘 %d" % (i % 31)}
    made = clock + 6
    about = dict(item="comment", post_id=post, comment_id=cid, parent_id=post, created_time=made)
    tell("feed", verb="add", message="배송이 너무 늦어요 %d" % i, **about, **{"from": by})
    if i % 4 == 0:
        tell("feed", verb="edited", message="아직도 안 왔어요 %d" % i, **about, **{"from": by})
    if i % 12 == 0:
        tell("feed", verb="edited", message="왔어요 %d" % i, **about, **{"from": by})
    if i % 9 == 0:
        tell("feed", verb="remove", **about, **{"from": by})
    if i % 10 == 3:
        tell("feed", verb="hide", **about, **{"from": by})
    if i % 20 == 3:
        tell("feed", verb="unhide", **about, **{"from": by})
    if i % 15 == 0:  # an answer below, in the retired spelling; once by the page itself
        who = {"id": PAGE if i % 30 == 0 else "777", "name": "x"}
        tell("feed", item="comment", verb="add", post_id=post, parent_id=cid, message="네 %d" % i,
             comment_id="%s_%d_%d" % (PAGE, i % 7, 5000 + i), **{"from": who})
for i in range(90):
    target, by = "%s_%d" % (PAGE, i % 5), {"id": str(500 + i), "name": "y"}
    made = clock + 6
    tap = dict(post_id=target, parent_id=target, created_time=made, **{"from": by})
    tell("feed", item="reaction", verb="add", reaction_type="like", **tap)
    tell("feed", item="like", verb="add", **tap)
    if i % 3 == 0: tell("feed", item="reaction", verb="edit", reaction_type="anger", **tap)
    if i % 6 == 0: tell("feed", item="reaction", verb="edit", reaction_type="love", **tap)
    if i % 6 == 3: tell("feed", item="reaction", verb="remove", reaction_type="anger", **tap)
for i in range(20):
    by = {"id": str(900 + i), "name": "z"}
    tell("feed", item="share", verb="add", share_id=70 + i, post_id="%s_%d" % (PAGE, 70 + i),
         **({"message": "이거 보세요"} if i % 2 else {}), **{"from": by})
    tell("mention", item="post", verb="add", post_id="88_%d" % i, sender_id=900 + i)
    tell("ratings", item="rating", verb="add", open_graph_story_id=300 + i, reviewer_id=900 + i,
         review_text="좋아요 %d" % i, rating=5)
    letter(message={"mid": "m_%d" % i, "text": "안녕하세요 %d" % i})
    if i % 4 == 0: letter(message_edit={"mid": "m_%d" % i, "text": "고침 %d" % i, "num_edit": 1})
    if i % 5 == 0: letter(message={"mid": "m_%d" % i, "is_deleted": True})
    letter(reaction={"mid": "m_%d" % i, "action": "react", "reaction": "love"})
    if i % 2: letter(reaction={"mid": "m_%d" % i, "action": "unreact"})

def entry(e): return {"id": PAGE, "time": e[0], e[1]: [e[2]]}

def post(entries):
    body = json.dumps({"object": "page", "entry": entries}).encode()  # escaped, as Meta does
    sign = "sha256=" + hmac.new(secret, body, hashlib.sha256).hexdigest()
    for _ in range(100):
        try:
            c = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
            c.request("POST", "/in/page", body, {"X-Hub-Signature-256": sign,
                                                 "Content-Type": "application/json"})
            status = c.getresponse().status
            c.close()
        except (OSError, http.client.HTTPException):
            status = 0
        if status == 200: return
        time.sleep(0.1)  # whose hook it is the gate may hear a moment after it listens
    sys.exit("answered %d" % status)

def parallel(work):
    def run():
        while work:
            try: one = work.pop()
            except IndexError: return
            post([entry(one)])
    threads = [threading.Thread(target=run) for _ in range(6)]
    for t in threads: t.start()
    for t in threads: t.join()

if mode == "count": pass
elif mode == "once":
    for e in events: post([entry(e)])
elif mode == "shuffled":
    twice = events * 2
    dice.shuffle(twice)
    parallel(twice)
elif mode == "batches":
    many = events * 4
    dice.shuffle(many)
    for i in range(0, len(many), 1000): post([entry(e) for e in many[i:i + 1000]])
# The last word, so that one knows when all is recorded.
if mode != "count":
    post([entry((now, "changes", {"field": "feed", "value": {
        "item": "comment", "verb": "add", "post_id": PAGE + "_1", "parent_id": PAGE + "_1",
        "comment_id": "1_9999", "message": "끝", "created_time": now, "from": {"id": "1"}}}))])
print(len(events))
PY
# What a store holds, without the order in which it came. What was hidden is looked up by polling,
# because such news overtake each other: of those the task is compared, not the state.
rows() {
    db "SELECT 'said', s.name, i.native, CASE WHEN i.state > 0 THEN i.kind END, i.share, i.origin, p.native, t.native, a.native,
               CASE WHEN i.native NOT IN (SELECT substr(key, 9) FROM task WHERE key LIKE 'comment:%') THEN i.state END,
               CASE WHEN i.state IN (1, 2) THEN j.text END, CASE WHEN i.state IN (1, 2) THEN i.said_at END
          FROM interaction i JOIN space s ON s.id = i.space LEFT JOIN interaction p ON p.id = i.parent
          LEFT JOIN interaction t ON t.id = i.target LEFT JOIN author a ON a.id = i.author
          LEFT JOIN journal j ON j.seq = i.said
         WHERE i.state IN (1, 2) OR i.kind <> 0 ORDER BY 3"
    db "SELECT 'stands', i.native, r.class, r.actor, r.value FROM reaction r JOIN interaction i ON i.id = r.target WHERE r.value <> 0 ORDER BY 2, 3, 4"
    db "SELECT 'tally', i.native, y.class, sum(y.n) FROM tally y JOIN interaction i ON i.id = y.target GROUP BY 2, 3 HAVING sum(y.n) <> 0 ORDER BY 2, 3"
    db "SELECT 'task', key, body FROM task ORDER BY key"
}
PORT=$(free_port)
NOW=$(date +%s)
for mode in once shuffled batches; do
    rm -rf "$W"
    workspace "gate { listen = \"127.0.0.1:$PORT\" }" \
        'connection "page" { channel = "facebook", graph = "http://127.0.0.1:9", allow = { "127.0.0.1:9" }, every = "1h", mode = "observe" }'
    sed -i /^classifier/d "$W/sori.lua"
    policy_all 'tag "seen"'
    for slot in app_secret page_token verify_token; do
        printf '%s\n' "$SECRET" > "$W/secrets/page.$slot"
        chmod 600 "$W/secrets/page.$slot"
    done
    start
    wait_for 10 "the gate" bash -c "exec 3<>/dev/tcp/127.0.0.1/$PORT"
    timeout 200 python3 "$T/hooks.py" $mode "$PORT" "$SECRET" "$NOW" > "$T/count" || fail "delivering: $mode"
    wait_for 60 "all is recorded: $mode" equals 1 "SELECT count(*) FROM interaction WHERE native = '1_9999' AND state = 1"
    wait_for 30 "all is decided: $mode" equals 0 "SELECT count(*) FROM journal j LEFT JOIN decision d USING (seq) WHERE j.kind IN (1, 2) AND d.seq IS NULL"
    kill -TERM "$KEEPER"; wait "$KEEPER"; KEEPER= # authors, counts and tasks are flushed later, or at the end
    rows > "$T/rows.$mode"
    stored "said more than once ($mode)" 0 "SELECT count(*) FROM (SELECT 1 FROM journal WHERE kind = 1 GROUP BY interaction HAVING count(*) > 1)"
    stored "rejected ($mode)" 0 "SELECT count(*) FROM fault WHERE call = 'reject'"
done
expect "interactions that live" 1 "$([ "$(grep -c ^said "$T/rows.once")" -gt 180 ] && echo 1)"
expect "likes that stand" 60 "$(grep -c '^stands.*|like|' "$T/rows.once")"
expect "loves of posts and messages" 25 "$(grep -c '^stands.*|love|' "$T/rows.once")"
expect "angry ones" 0 "$(grep -c '^stands.*|angry|' "$T/rows.once")"
expect "simple shares" 10 "$(grep -c '^stands.*|share|' "$T/rows.once")"
expect "an answer below, in the retired spelling" 1 "$(grep -c '^said|facebook:graph|0_5105|2|0|0|0_1105|' "$T/rows.once")"
for mode in shuffled batches; do
    diff "$T/rows.once" "$T/rows.$mode" > "$T/diff" || { head -20 "$T/diff"; fail "other rows when $mode"; }
    echo "ok: $mode gives the same $(wc -l < "$T/rows.once") rows of $(cat "$T/count") events"
done
