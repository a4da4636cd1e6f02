# Shared by the scenarios of facebook: a fake Graph, and a workspace that is connected to it.
# Source it after lib.sh and flow.sh.
[ -x "$BUILD/fake/graph" ] || { echo "SKIPPED: $BUILD/fake/graph is not built"; exit 77; }
command -v curl >/dev/null || { echo "SKIPPED: curl is not installed"; exit 77; }
PAGE=104201234567890 APP=314159265358979
FAKE=
also_stop() { [ -n "$FAKE" ] && kill "$FAKE" 2>/dev/null; }
# graph_start [--SETTING VALUE…]: the fake; $G is where it is.
graph_start() {
    "$BUILD/fake/graph" --seed "${SEED:-1}" "$@" >"$T/graph.port" 2>"$T/graph.log" &
    FAKE=$!
    disown $FAKE # stop_all waits for jobs, and this one stays
    wait_for 10 "the fake Graph" test -s "$T/graph.port"
    GRAPH_PORT=$(cat "$T/graph.port") G=http://127.0.0.1:$(cat "$T/graph.port")/_fake
    GATE_PORT=$(free_port)
}
# fake PATH [NAME=VALUE…]: steers it
fake() {
    local path=$1 args=()
    shift
    while [ $# -gt 0 ]; do args+=(--data-urlencode "$1"); shift; done
    curl -fsS --max-time 10 -X POST "${args[@]}" "$G/$path"
}
asked() { curl -fsS --max-time 10 -G "$G/requests" -d count=1 "$@"; } # asked -d method=POST …: how many
answers() { curl -fsS --max-time 10 "$G/replies?count=1&to=$1"; }     # answers ID: replies that stand
said() { curl -fsS --max-time 10 "$G/replies?count=1"; }
answered() { [ "$(answers "$2")" = "$1" ]; }
# page_workspace [lua lines…]: connection "page", further options of it in $OPTIONS
page_workspace() {
    workspace "gate { listen = \"127.0.0.1:$GATE_PORT\" }" \
        "connection \"page\" { channel = \"facebook\", account = \"$PAGE\", app = \"$APP\", graph = \"http://127.0.0.1:$GRAPH_PORT\", every = \"1s\", mode = \"${MODE:-auto}\", ${OPTIONS:-} allow = { \"127.0.0.1:$GRAPH_PORT\" } }" "$@"
    sed -i /^classifier/d "$W/sori.lua"
    secret page_token page-token
    secret app_secret app-secret
    secret verify_token a-word-of-ours
}
secret() { (umask 077; printf '%s\n' "$2" >"$W/secrets/.new"; mv "$W/secrets/.new" "$W/secrets/page.$1"); }
# Webhooks go to the gate, once the Page is subscribed.
hooked() {
    wait_for 30 "the gate listens" curl -s -o /dev/null "http://127.0.0.1:$GATE_PORT/"
    fake set "hook=http://127.0.0.1:$GATE_PORT/in/page" >/dev/null
    wait_for 30 "the Page is subscribed" sh -c "curl -s $G/set | grep -q '\"subscribed\":\"feed'"
}
comment() { fake comment "message=$1" "from=${2:-손님}" "${@:3}"; } # comment TEXT [NAME] [NAME=VALUE…]: its id
of() { db "SELECT count(*) FROM interaction WHERE native = '$1'"; }
heard() { [ "$(of "$1")" = 1 ]; }
act_state() { db "SELECT group_concat(a.state, ' ') FROM action a JOIN interaction i ON i.id = a.interaction WHERE i.native = '$1'"; }
done_with() { [ "$(act_state "$1")" = 4 ]; }
