# Shared by the scenarios of the flow: a workspace whose channels are folders, and small policies.
# Source it after lib.sh.

# A workspace with one connection "shop" of the hello plugin over $W/inbox; further lines as given.
MODE=${MODE:-auto}
hello_workspace() {
    workspace "connection \"shop\" { channel = \"hello\", url = \"folder://$W/inbox\", every = \"1s\", mode = \"$MODE\", allow = { \"$W/inbox\" } }" "$@"
}
# The same over the puppet, which says what test lines say (tests/zoo/puppet.c).
puppet_workspace() {
    [ -f "$BUILD/zoo/puppet.so" ] || { echo "SKIPPED: $BUILD/zoo/puppet.so is not built"; exit 77; }
    workspace "connection \"shop\" { channel = \"puppet\", url = \"folder://$W/inbox\", every = \"1s\", mode = \"$MODE\", allow = { \"$W/inbox\" } }" "$@"
    mkdir -p "$W/plugins"
    cp "$BUILD/zoo/puppet.so" "$W/plugins/"
}
# policy: the policy of the workspace becomes this one file, from stdin
policy() {
    rm -rf "$W/policy.new"
    mkdir -p "$W/policy.new/rules" "$W/policy.new/replies"
    echo 'return { "rules/test" }' > "$W/policy.new/init.lua"
    cat > "$W/policy.new/rules/test.lua"
    local l
    for l in ko en; do printf -- '---\nabout: %s\n---\n%s\n' test "${REPLY:-감사합니다}" > "$W/policy.new/replies/ok.$l.md"; done
    rm -rf "$W/policy"
    mv "$W/policy.new" "$W/policy"
}
# policy_all ACT [KIND]: one rule, which does this to every comment (or KIND)
policy_all() {
    printf 'local t = sori.policy "test"\nt:rule "all" { when = { kind = "%s" }, act = { %s } }\nreturn t\n' "${2:-comment}" "$1" | policy
}
# say ID TEXT [AUTHOR]: one file of the hello channel, there all at once
say() {
    printf '{"id": "%s", "text": "%s", "author": {"id": "%s", "name": "%s"}}\n' "$1" "$2" "${3:-u$1}" "${3:-u$1}" > "$W/inbox/.$1"
    mv "$W/inbox/.$1" "$W/inbox/$1.json"
}
# items NAME: the puppet's lines from stdin, there all at once
items() {
    cat > "$W/inbox/.$1"
    mv "$W/inbox/.$1" "$W/inbox/$1.item"
}
# lingers NUMBER: so often the puppet has said that it waits at a moment of interest
lingers() { [ "$(grep -c ': lingers ' "$T/log")" -ge "$1" ]; }
# own_programs: copies of the programs, so that slow_workers can put something before the workers
own_programs() {
    local i
    mkdir -p "$T/built/bin"
    cp "$BUILD/bin/sorid" "$BUILD/bin/sori" "$BUILD/bin/sori-worker" "$T/built/bin/"
    for i in plugins models zoo; do [ ! -e "$BUILD/$i" ] || ln -s "$(realpath "$BUILD/$i")" "$T/built/$i"; done
    BUILD=$T/built SORI=$T/built/bin/sori
    mv "$BUILD/bin/sori-worker" "$BUILD/bin/worker"
    slow_workers :
}
# slow_workers COMMAND: each new worker runs this shell command first
slow_workers() {
    printf '#!/bin/sh\n%s\nexec "%s" "$@"\n' "$1" "$BUILD/bin/worker" > "$BUILD/bin/.new"
    chmod +x "$BUILD/bin/.new"
    mv "$BUILD/bin/.new" "$BUILD/bin/sori-worker"
}
sori() { local c=$1; shift; "$SORI" "$c" -w "$W" "$@"; }
id_of() { db "SELECT id FROM interaction WHERE native = '$1'"; }
decided() { equals "$1" "SELECT count(*) FROM decision"; }
replies() { ls "$W/inbox" | grep -c '^reply-'; }

# With CHAOS=1 a scenario that says "killed too" runs while its processes are killed (chaos.sh).
calm() { "$@"; } # what tells of seconds or counts tries: left out while processes are killed
peace() { :; }   # the killing ends
[ -z "${CHAOS:-}" ] || . "$(dirname "${BASH_SOURCE[0]}")/chaos.sh"
