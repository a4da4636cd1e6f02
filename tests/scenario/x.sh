# Shared by the scenarios of X: a fake X (tests/fake/x.h) and a workspace that is connected to it.
# Source it after lib.sh and flow.sh.
[ -x "$BUILD/fake/x" ] && [ -f "$BUILD/plugins/x.so" ] || { echo "SKIPPED: $BUILD/fake/x or plugins/x.so is not built"; exit 77; }
command -v curl >/dev/null || { echo "SKIPPED: curl is not installed"; exit 77; }
FAKE_PID= US=2244994945
also_stop() { [ -z "$FAKE_PID" ] || kill "$FAKE_PID" 2>/dev/null; }

# fake_x [--SETTING VALUE]…: starts it; $X is its address
fake_x() {
    "$BUILD/fake/x" --seed 7 "$@" >"$T/fake.port" 2>>"$T/fake.log" &
    FAKE_PID=$!
    disown "$FAKE_PID" # stop_all waits for what it started, this is not among it
    wait_for 10 "the fake X answers" test -s "$T/fake.port"
    PORT=$(cat "$T/fake.port") X=http://127.0.0.1:$PORT
}
# fake PATH [NAME=VALUE]…: asks the fake for something; GET without values
fake() {
    local path=$1 args=() v
    shift
    for v in "$@"; do args+=(--data-urlencode "$v"); done
    curl -fsS --noproxy '*' "${args[@]}" "$X/_fake/$path" || fail "the fake refuses $path $*"
}
# What somebody says at X; prints the post's id.
says() { fake say author="$1" name="손님$1" username="guest$1" text="$2" "${@:3}"; }
# How many requests that fit: asked method=POST path=/2/tweets
asked() { local q=count=1 a; for a in "$@"; do q="$q&$a"; done; curl -fsS --noproxy '*' "$X/_fake/requests?$q"; }
# Our answers to a post, and their texts.
answers() { curl -fsS --noproxy '*' "$X/_fake/posts?author=$US&reply_to=$1" | tr '{' '\n'; }
answered() { answers "$1" | grep -c '"raw"'; }
audit() { fake audit | grep -o "\"$1\": *[0-9]*" | grep -o '[0-9]*$' || echo 0; }
state() { db "SELECT group_concat(state, ' ') FROM (SELECT a.state FROM action a JOIN interaction i ON i.id = a.interaction WHERE i.native = '$1' ORDER BY a.id)"; }
is() { [ "$(state "$1")" = "$2" ]; }

secret() { (umask 077; printf '%s\n' "$2" > "$W/secrets/.new"; mv "$W/secrets/.new" "$W/secrets/$1"); } # there all at once
# The secrets of a connection, as the fake knows them.
x_secrets() {
    secret "$1.consumer_key" fake-consumer-key
    secret "$1.consumer_secret" fake-consumer-secret
    secret "$1.token" 2244994945-fake-token
    secret "$1.token_secret" fake-token-secret
    secret "$1.bearer" fake-bearer
}
x_oauth2() { # NAME ACCESS REFRESH EXPIRES_AT
    secret "$1.oauth2" "{\"access_token\": \"$2\", \"refresh_token\": \"$3\", \"expires_at\": $4, \"client_id\": \"fake-client\", \"client_secret\": \"fake-client-secret\"}"
}
# x_connection NAME 'lua options': a line of sori.lua
x_connection() {
    echo "connection \"$1\" { channel = \"x\", api = \"$X\", user_id = \"$US\", handle = \"ongyeol\", every = \"1s\", mode = \"${MODE:-auto}\", allow = { \"127.0.0.1:$PORT\" }${2:+, $2} }"
}
# x_workspace 'lua options' [lines…]: a workspace with one connection "x"
x_workspace() {
    local options=$1
    shift
    workspace "$(x_connection x "$options")" "$@" 'limits { contact_gap = "0s", hour = 100000 }'
    x_secrets x
}
# $GATE: an address for a gate that X reaches as https://sori.example
free_gate() {
    GATE=127.0.0.1:$(free_port)
}
