# Every request that the X connector's tests make is one that X's own document allows, as Prism reads
# it. Needs Prism (SORI_PRISM or `prism` in the path) and the document (SORI_SPECS).
set -u
prism=${SORI_PRISM:-$(command -v prism)}
document=${SORI_SPECS:-../shared/specs}/x/openapi-2.166.json
skip() { echo "SKIPPED: $1"; exit 77; }
[ -n "$prism" ] && [ -x "$prism" ] || skip "no Prism: npm install @stoplight/prism-cli, then SORI_PRISM=.../prism"
[ -f "$document" ] || skip "$document is not there"
W=$(mktemp -d)
server=
trap '[ -n "$server" ] && kill "$server" 2>/dev/null; rm -rf "$W"' EXIT

for name in map poll act setup payloads; do
    test=$SORI_BUILD/tests/test_x_$name
    [ -x "$test" ] || skip "$test is not built"
    SORI_X_REQUESTS=$W/all "$test" >"$W/said" 2>&1 || { cat "$W/said"; exit 1; }
done

while :; do # one that nobody listens on
    port=$((20000 + RANDOM % 12000))
    (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || break
done
"$prism" mock -h 127.0.0.1 -p $port "$document" >"$W/log" 2>&1 &
server=$!
for i in $(seq 1 120); do
    grep -q "Prism is listening" "$W/log" && break
    kill -0 "$server" 2>/dev/null || { cat "$W/log"; exit 1; }
    sleep 0.5
done

# What Prism answers to one request.
ask() { # METHOD PATH BODY
    local body=()
    [ -n "$3" ] && body=(-H 'content-type: application/json' --data-binary "$3")
    curl -s -o /dev/null -w '%{http_code}' -m 30 -X "$1" -H 'authorization: Bearer x' "${body[@]}" \
        "http://127.0.0.1:$port$2"
}

# It does refuse: else all that follows would prove nothing.
[ "$(ask PUT /2/tweets/20/hidden '{"hidden":"yes"}')" = 422 ] || { echo "Prism refuses nothing"; exit 1; }

count=0 bad=0
while IFS=$'\t' read -r method url body; do
    # Three events are in X's documentation, and not yet in this document.
    case $body in *'"event_type":"post.reply.create"'* | *'"event_type":"post.quote.create"'* | \
        *'"event_type":"post.repost.create"'*) continue ;; esac
    count=$((count + 1))
    status=$(ask "$method" "${url#https://api.x.com}" "$body")
    case $status in 2*) ;; *)
        bad=$((bad + 1))
        echo "$status $method $url $body"
        grep Violation "$W/log" | tail -1
        ;;
    esac
done < <(grep -F "https://api.x.com" "$W/all" | sed 's/208000000000000[0-9]*/2080000000000000001/g' | sort -u)
echo "$count requests, $bad refused"
[ "$count" -gt 30 ] && [ "$bad" = 0 ]
