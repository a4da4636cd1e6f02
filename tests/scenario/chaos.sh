# Sourced by flow.sh with CHAOS=1: while a scenario runs, one process of ours after another is ended by
# kill -9, any of them, the keeper too, which is started again at once. What is heard, said and lost
# must come out the same; commands wait for a core that answers, and everything may take longer.
# PACE: seconds from one to the next at most.
SEED=${SEED:-$RANDOM} PACE=${PACE:-3} SLOW=4
echo "chaos: seed $SEED"

# The keeper's parent from here on. Ends its killing when $T/peace is there.
reaper() {
    local keeper= all victim
    RANDOM=$SEED
    while :; do
        if [ -z "$keeper" ] || ! kill -0 "$keeper" 2>/dev/null; then
            "$BUILD/bin/sorid" "$W" >>"$T/out" 2>>"$T/log" &
            keeper=$!
        fi
        [ ! -e "$T/peace" ] || break
        sleep "$((RANDOM % PACE)).$((1 + RANDOM % 9))"
        all=($(tree "$keeper"))
        victim=${all[RANDOM % ${#all[@]}]}
        echo "$(date -u +%T.%3N) $(tr '\0' ' ' <"/proc/$victim/cmdline" 2>/dev/null)" >>"$T/kills"
        kill -9 "$victim" 2>/dev/null
        [ "$victim" != "$keeper" ] || wait "$keeper" 2>/dev/null
    done
    touch "$T/peaceful"
    wait "$keeper"
}
start() {
    reaper &
    KEEPER=$!
    wait_for 30 "the core answers" "$SORI" status -w "$W"
}
calm() { :; }
three_killed() { [ "$(wc -l <"$T/kills")" -ge 3 ]; }
peace() {
    wait_for 10 "three are killed" three_killed
    touch "$T/peace"
    wait_for 10 "the killing ends" test -e "$T/peaceful"
    wait_for 30 "the core answers" "$SORI" status -w "$W"
    echo "  killed: $(grep -oE -- '--(role|kind) [a-z]+|sorid /' "$T/kills" | sed 's/.* //; s,/$,keeper,' | sort | uniq -c | tr -s ' \n' ' ')"
}
# A core that was killed answers nobody for a moment. What it did and could not say any more is refused
# when it is asked for again: done already.
sori() {
    local c=$1 i code=4 lost=
    shift
    rm -f "$T/said.before"
    for i in $(seq 100); do
        "$SORI" "$c" -w "$W" "$@" >"$T/said" 2>&1 && code=0 && break
        code=$?
        # What is asked for is wrong: by its words, or twice in the same way.
        [ $code != 2 ] && { [ $code != 3 ] || ! cmp -s "$T/said" "$T/said.before"; } || break
        [ $code != 1 ] || [ -z "$lost" ] || { code=0; break; }
        ! grep -q 'went away before it answered' "$T/said" || lost=1
        mv "$T/said" "$T/said.before"
        sleep 0.3
    done
    cat "$T/said" 2>/dev/null || cat "$T/said.before"
    return "$code"
}
