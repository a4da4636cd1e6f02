# The sample of channels as a newcomer meets it: fake platforms, one inbox, replies that stand at each
# of them, comments on our replies, once each; Ctrl-C ends it all. Needs no server of others.
set -uo pipefail
. "$SORI_SOURCE/scripts/lib.sh"
. "$SORI_SOURCE/scripts/lib-channels.sh"
command -v curl >/dev/null || { echo "SKIPPED: curl is not installed"; exit 77; }
bin=$SORI_BUILD/bin
work=$(mktemp -d /tmp/sori-channels-XXXXXX)
dir=$work/sample
export SORI_WORKSPACE=$dir PATH=$bin:$PATH
pid='' failures=0
channels=(facebook blog)
[ -x "$SORI_BUILD/fake/x" ] && channels+=(x)

finish() {
    [ -n "$pid" ] && kill -INT "$pid" 2>/dev/null && wait "$pid" 2>/dev/null
    channels_stop
    rm -rf "$work"
}
trap finish EXIT
wrong() { echo "WRONG: $*"; failures=$((failures + 1)); }
# holds SECONDS "what" COMMAND…: tries for so long.
holds() {
    local end=$((SECONDS + $1)) what=$2
    shift 2
    until "$@" >"$work/out" 2>&1; do
        [ $SECONDS -lt $end ] || { wrong "$what"; cat "$work/out"; return; }
        sleep 0.2
    done
}
shows() { local text=$1; shift; grep -q -- "$text" <<<"$("$@" 2>&1)"; }
at_least() { local n=$1; shift; [ "$("$@")" -ge "$n" ]; }
replies() { $(channels_replies "$dir" "$1") -fsS; }
count() { replies "$1" | grep -c -- '->'; }

channels_make "$SORI_BUILD" "$dir" "${channels[@]}"
[ "$(stat -c %a "$dir"/secrets/* | sort -u)" = 600 ] || wrong "a secret may be read by others"
sori check >"$work/out" 2>&1 || wrong "sori check refuses the sample: $(cat "$work/out")"
channels_lines "$bin" "$dir" "${channels[@]}" >"$work/lines"
for c in "${channels[@]}"; do
    grep -qF "$(channels_replies "$dir" "$c")" "$work/lines" || wrong "nobody is told where the replies of $c are"
done
(channels_make "$SORI_BUILD" "$work" facebook) >/dev/null 2>&1 && wrong "a folder of somebody else must be left alone"
[ -d "$dir" ] || wrong "a folder of somebody else was emptied"

sori run >"$work/run.log" 2>&1 &
pid=$!
channels_feed "$bin" "$dir" "$pid" 15 "${channels[@]}" &
for c in "${channels[@]}"; do
    holds 90 "$c is answered" at_least 2 count "$c"
done
holds 60 "a comment on a reply of ours is heard on Facebook" shows '답글까지 주시다니' sori export --since 1h
holds 60 "a comment on a reply of ours is heard on the blog" shows '빠른 답변 고맙습니다' sori export --since 1h
for c in "${channels[@]}"; do
    shows "^$c .*ready" sori status || wrong "connection $c is not ready: $(sori status)"
done
holds 30 "all layers of Facebook's subscriptions are there" shows 'layer app  *yes' sori status
holds 30 "somebody's trouble waits in the one inbox" shows facebook sori inbox
# X says of a post what language it is in.
unboxed() { sori export --since 1h | grep 'Just unboxed'; }
[ "${channels[-1]}" != x ] || holds 30 "an English post of X is known as one" shows '"lang":"en"' unboxed
# A share with words is a post of its own at the platform: it can be liked.
share() { sori why "$(sori export --since 1h | grep '"channel":"facebook".*반응 최고' | grep -o '^{"id":[0-9]*' | grep -o '[0-9]*')"; }
holds 30 "a share is liked" shows 'outcome: done' share
# Whatever is answered is answered once: no line of a voice stands twice above a reply.
for c in "${channels[@]}"; do
    twice=$(replies "$c" | grep -v -- '^ ' | sort | uniq -d)
    [ -z "$twice" ] || wrong "$c has two replies to: $twice"
done

# A person's own words, from the one inbox to the platform.
id=$(sori inbox | awk '$1 ~ /^[0-9]+$/ && !n { n = $1 } END { print n }')
[ -n "$id" ] || wrong "the inbox has no number: $(sori inbox)"
sori reply "$id" "직접 확인하고 다시 말씀드리겠습니다" >"$work/out" 2>&1 || wrong "reply $id: $(cat "$work/out")"
all_replies() { local c; for c in "${channels[@]}"; do replies "$c"; done; }
holds 30 "a person's words stand at the platform" shows '직접 확인하고' all_replies

kill -INT "$pid"
wait "$pid"
code=$?
pid=''
[ $code = 0 ] || wrong "Ctrl-C ended it with $code"
fakes=$channels_pids
channels_stop
fakes_gone() { local p; for p in $fakes; do ! kill -0 "$p" 2>/dev/null || [ "$(ps -o stat= -p "$p")" = Z ] || return 1; done; }
none_left() { ! pgrep -af "$dir"; }
holds 20 "a fake goes on" fakes_gone
holds 20 "processes are left" none_left
if grep ERROR "$work/run.log" >"$work/out"; then wrong "errors in the log: $(cat "$work/out")"; fi
[ "$failures" = 0 ] && echo "one inbox, ${#channels[@]} channels"
exit "$((failures > 0))"
