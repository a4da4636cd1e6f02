# A clock that once stood ten years ahead leaves journal rows in the future. Order never goes back;
# but what is said today is today's, and a clock set today ends today.
. "$(dirname "$0")/lib.sh"
workspace "connection \"book\" { channel = \"hello\", url = \"folder://$W/inbox/\", every = \"1s\", mode = \"approve\", allow = { \"$W/inbox\" } }"
say() { # ID TEXT
    printf '{"id":"%s","text":"%s","author":{"id":"u%s","name":"김하나"},"said_at":"%s"}' "$1" "$2" "$1" \
        "$(date -u +%Y-%m-%dT%H:%M:%SZ)" > "$W/inbox/.$1" && mv "$W/inbox/.$1" "$W/inbox/$1.json"
}
start
sleep 1.1
say a "배송이 너무 늦어요. 정말 실망입니다"
wait_for 20 "the first is decided" equals 1 "SELECT count(*) FROM decision WHERE status = 1"
stop_all
ahead=$((10 * 365 * 86400000))
edit_db "UPDATE journal SET at = at + $ahead"
last=$(db "SELECT max(at) FROM journal")
start
say b "환불이 너무 늦어요. 정말 실망입니다"
wait_for 20 "the second is decided" equals 2 "SELECT count(*) FROM decision WHERE status = 1"
stored "journal times never go back" 0 "SELECT count(*) FROM journal WHERE at < $last"
now=$(($(date +%s) * 1000))
stored "clocks that end within two hours" 2 "SELECT count(*) FROM kase WHERE due BETWEEN $now AND $now + 7200000"
"$SORI" check --store -w "$W" || fail "check --store"
