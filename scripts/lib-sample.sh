# The sample workspace: a folder of JSON files is its channel (sdk/example/hello.c), and a feeder
# drops voices into it, one by one. Sourced after lib.sh.

# sample_make BIN DIR: a fresh workspace.
sample_make() {
    local bin=$1 dir=$2
    rm -rf "$dir"
    "$bin/sori" new workspace "$dir" >/dev/null
    mkdir -p "$dir/inbox"
    cat >"$dir/sori.lua" <<LUA
-- The sample: one connection, whose channel is a folder of JSON files.
workspace { name = "온결 리빙", timezone = "Asia/Seoul", languages = { "ko", "en" } }
connection "shop" { channel = "hello", url = "folder://$dir/inbox", every = "1s", mode = "approve",
                    allow = { "$dir/inbox" } }
classifier "tone" { plugin = "ngram", models = { ko = "tone.ko", en = "tone.en" } }
department "support" { hours = "mon-fri 09:00-12:00 13:00-18:00", holidays = "kr" }
department "lead" { hours = "mon-fri 09:00-18:00", holidays = "kr" }
department "marketing" { hours = "mon-fri 09:00-18:00", holidays = "kr" }
LUA
}

# sample_feed DIR PID [SECONDS]: drops the voices over a minute once Sori listens, while PID lives.
sample_feed() {
    local dir=$1 pid=$2 over=${3:-60} count n=0 pause line
    count=$(grep -c . "$SORI/scripts/sample/voices.jsonl")
    pause=$(awk -v s="$over" -v n="$count" 'BEGIN { printf "%.3f", s / n }')
    while [ ! -S "$dir/data/sori.sock" ]; do
        kill -0 "$pid" 2>/dev/null || return 0
        sleep 0.2
    done
    sleep 2
    while IFS= read -r line; do
        kill -0 "$pid" 2>/dev/null || return 0
        n=$((n + 1))
        # Said now: what is older than the connection would be recorded and never answered.
        printf '%s, "said_at": "%s"}\n' "${line%\}}" "$(date -u +%Y-%m-%dT%H:%M:%SZ)" >"$dir/inbox/.new"
        mv "$dir/inbox/.new" "$dir/inbox/$(printf '%03d' "$n").json"
        sleep "$pause"
    done <"$SORI/scripts/sample/voices.jsonl"
}
