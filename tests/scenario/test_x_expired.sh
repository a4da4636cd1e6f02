# Eight people are to be answered, and polls go on, when the token's time is over: it is renewed once
# for all of them, four times in a row, and each is answered once. Where a kill takes X's answer with
# the new pair along, that is said, and a person who authorises again loses nothing.
# killed too
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/flow.sh"
. "$(dirname "$0")/x.sh"
fake_x
x_workspace 'receive = { "mentions" }, auth = "oauth2"'
x_oauth2 x fake-access-0 fake-refresh-0 1700000000000
policy_all 'reply "ok"' mention
lost=0
# As a person does who reads what is said: another grant, where the old one is gone.
mend() {
    sori status --json > "$T/status" 2>/dev/null || return 0
    grep -q 'sori connection authorise x' "$T/status" || return 0
    grep -q '"state":"broken"' "$T/status" || return 0
    [ "$(sha256sum < "$W/secrets/x.oauth2")" != "${mended:-}" ] || return 0
    local pair
    pair=$(fake oauth2 do=issue)
    lost=$((lost + 1))
    x_oauth2 x "$(sed 's/.*"access_token": *"\([^"]*\)".*/\1/' <<<"$pair")" \
        "$(sed 's/.*"refresh_token": *"\([^"]*\)".*/\1/' <<<"$pair")" $((($(date +%s) + 7200) * 1000))
    mended=$(sha256sum < "$W/secrets/x.oauth2")
}
all_answered() {
    [ -z "${CHAOS:-}" ] || mend
    local i
    for i in "${said[@]}"; do is "$i" 4 || return 1; done
}
start
all=()
for round in 1 2 3 4; do
    said=()
    # The first is over from the beginning, and may be on its way to be renewed by now.
    if [ $round != 1 ]; then
        sed 's/"expires_at": *[0-9]*/"expires_at":1700000000000/' "$W/secrets/x.oauth2" > "$T/token"
        (umask 077; cp "$T/token" "$W/secrets/.x.new" && mv "$W/secrets/.x.new" "$W/secrets/x.oauth2")
    fi
    for i in 1 2 3 4 5 6 7 8; do said+=("$(says $((round * 10 + i)) "@ongyeol $round 번째 $i")"); done
    wait_for 60 "the eight of round $round are answered" all_answered
    calm expect "renewed" "$round" "$(audit refreshed)"
    all+=("${said[@]}")
done
peace
for i in "${all[@]}"; do
    [ "$(answered "$i")" = 1 ] || fail "$i was answered $(answered "$i") times"
done
echo "ok: ${#all[@]} were answered once"
calm expect "a refresh token used twice" 0 "$(audit "refresh token used twice")"
[ "$lost" != 0 ] || expect "a refresh token used twice" 0 "$(audit "refresh token used twice")"
[ -z "${CHAOS:-}" ] || echo "  answers of X that died with net, and were said: $lost"
expect "the mode of the token's file" 600 "$(stat -c %a "$W/secrets/x.oauth2")"
sori check --store || fail "check --store"
