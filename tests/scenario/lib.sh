# Shared by the scenarios: a workspace of its own, the real programs, the store read with sqlite3.
# A script that starts servers of its own defines also_stop. Source this; it makes $W (workspace) and ends everything that was started when the script ends.
set -u
BUILD=${SORI_BUILD:-build/release}
SOURCE=${SORI_SOURCE:-$PWD}
SORI=$BUILD/bin/sori
[ -x "$BUILD/bin/sorid" ] && [ -x "$SORI" ] || { echo "SKIPPED: $BUILD/bin is not built"; exit 77; }
command -v sqlite3 >/dev/null || { echo "SKIPPED: sqlite3 is not installed"; exit 77; }
export PYTHONPATH=$SOURCE/tests/scenario PYTHONDONTWRITEBYTECODE=1 # terminal.py
T=$(mktemp -d "${TMPDIR:-/tmp}/sori-test.XXXXXX")
W=$T/org
KEEPER=
# Times are those of a machine of one's own; others run beside us, and sanitizers take theirs.
SLOW=${SLOW:-$([ -n "${SORI_SANITIZED:-}" ] && echo 4 || echo 2)}

# All processes below PID, PID last.
tree() {
    local child
    for child in $(cat /proc/"$1"/task/*/children 2>/dev/null); do tree "$child"; done
    echo "$1"
}
# The process is there, and no zombie.
lives() { grep -q '^State:.[^ZX]' "/proc/$1/status" 2>/dev/null; }
# kill_tree PID: kill -9 of all below it and of itself. It is stopped first: a keeper sees nobody die, and
# starts nobody anew. What they held (locks, ports) is free afterwards.
kill_tree() {
    local all p
    kill -STOP "$1" 2>/dev/null
    all=$(tree "$1")
    kill -9 $all 2>/dev/null
    wait "$1" 2>/dev/null
    for p in $all; do while lives "$p"; do sleep 0.02; done; done
}
stop_all() {
    [ -z "$KEEPER" ] || kill_tree "$KEEPER"
    wait 2>/dev/null
    KEEPER=
}
cleanup() {
    local code=$?
    stop_all
    if declare -F also_stop >/dev/null; then also_stop; fi
    [ $code = 0 ] || [ $code = 77 ] || { echo '--- log'; tail -40 "$T/log" 2>/dev/null; [ -z "${KEEP:-}" ] || { echo "kept: $T"; trap - EXIT; exit $code; }; }
    rm -rf "$T"
    exit $code
}
trap cleanup EXIT

fail() { echo "FAILED: $*" >&2; exit 1; }
db() { sqlite3 -readonly -cmd '.timeout 10000' "$W/data/sori.db" "$@"; }
# edit_db SQL: while nobody runs, the store is made to say something else
edit_db() { sqlite3 -cmd '.timeout 10000' "$W/data/sori.db" "$1" || fail "the store cannot be changed: $1"; }

# workspace 'lua lines…': a workspace with the bundled policy and these lines in sori.lua
workspace() {
    mkdir -p "$W"/{policy,secrets,data,inbox}
    chmod 700 "$W/secrets" "$W/data"
    cp -r "$SOURCE/scripts/policy/." "$W/policy/"
    {
        echo 'workspace { name = "온결 리빙", timezone = "Asia/Seoul", languages = { "ko", "en" } }'
        echo 'classifier "tone" { plugin = "ngram", models = { ko = "tone.ko", en = "tone.en" } }'
        echo 'department "support" { }'
        echo 'department "lead" { }'
        echo 'department "marketing" { }'
        printf '%s\n' "$@"
        # A policy's worker that is killed again and again would be taken for a bad policy.
        [ -z "${CHAOS:-}" ] || echo 'reload { rollback = "off" }'
    } > "$W/sori.lua"
}
start() {
    "$BUILD/bin/sorid" "$W" >>"$T/out" 2>>"$T/log" &
    KEEPER=$!
    wait_for 30 "the core answers" "$SORI" status -w "$W"
}
# wait_for SECONDS WHAT COMMAND…
wait_for() {
    local end=$((SECONDS + $1 * ${SLOW:-1})) what=$2
    shift 2
    until "$@" >/dev/null 2>&1; do
        [ $SECONDS -lt $end ] || fail "waited in vain: $what"
        sleep 0.1
    done
}
# equals EXPECTED SQL: the store says so
equals() { [ "$(db "$2" 2>/dev/null)" = "$1" ]; }
expect() { # expect WHAT EXPECTED ACTUAL
    [ "$2" = "$3" ] || fail "$1: expected '$2', got '$3'"
    echo "ok: $1 = $2"
}
# stored WHAT EXPECTED SQL: the store says so, or does soon: what is seen elsewhere first may not be
# committed yet.
stored() {
    local end=$((SECONDS + 10 * ${SLOW:-1})) got
    until got=$(db "$3" 2>"$T/sql") && [ "$got" = "$2" ]; do
        [ $SECONDS -lt $end ] || fail "$1: expected '$2', got '$got' $(cat "$T/sql")"
        sleep 0.1
    done
    echo "ok: $1 = $2"
}
# A port that nobody listens on now, and that no other scenario gets as long as this one runs: each has
# sixty to itself, by a lock that this shell holds.
claim_ports() {
    local dir=${TMPDIR:-/tmp}/sori-ports.$UID n
    mkdir -p "$dir"
    for n in $(seq 0 199); do
        exec {PORTS_LOCK}>"$dir/$n"
        flock -n "$PORTS_LOCK" && PORTS=$((20000 + n * 60)) PORTS_COUNT=60 && return
        exec {PORTS_LOCK}>&-
    done
}
PORTS=20000 PORTS_COUNT=12000
command -v flock >/dev/null && claim_ports
free_port() {
    local p
    while :; do
        p=$((PORTS + RANDOM % PORTS_COUNT))
        (exec 3<>"/dev/tcp/127.0.0.1/$p") 2>/dev/null || { echo $p; return; }
    done
}
# A process of ours by name: core, gate, net, stranger, reader, policy, connector …
pid_of() {
    local p parent
    for p in $(tree "$KEEPER"); do
        tr '\0' ' ' < /proc/$p/cmdline 2>/dev/null | grep -qE -- "--(role|kind) $1( |$)" || continue
        # Just forked, not yet what it will be: until then it shows its parent's command line.
        parent=$(sed -n 's/^PPid:\t//p' /proc/$p/status 2>/dev/null)
        cmp -s /proc/$p/cmdline "/proc/$parent/cmdline" || echo "$p"
    done
}
