# A back-test over a month of 25,000 decisions a day: made by the product itself from beginning to end,
# then decided once more by the policy that made them, by one with a changed rule, and in closed mode;
# and 100 old decisions are explained. Sourced by scripts/bench, which has made the workspace.
say "backtest: $items interactions are heard, scored and decided first …"
"$built/bin/sorid" "$ws" > "$work/log" 2>&1 &
keeper=$!
if ! "$built/bench/watch" "$ws" "$items" "$keeper" $((items / 2000 + 120)) "$sori" > "$work/made.json"; then
    say "bench: not all was decided; the end of its log:"
    tail -20 "$work/log" >&2
    exit 1
fi

# cpu NAME: µs of CPU of a process of ours so far, as `sori status` knows it
cpu() {
    "$sori" status --json -w "$ws" | python3 -c 'import json, sys
s = json.load(sys.stdin); s = s[0] if isinstance(s, list) else s
print(sum(p["cpu_us"] for p in s["processes"] if p["name"] == sys.argv[1]))' "$1"
}
# run NAME DIR [OPTION…]: one back-test; its report, and seconds and CPU seconds beside it
run() {
    local name=$1 dir=$2 core reader from
    shift 2
    sleep 2 # status is told once a second
    core=$(cpu core) reader=$(cpu reader) from=$(date +%s%N)
    TIMEFORMAT='%U %S'
    { time "$sori" policy backtest "$dir" -w "$ws" --json --sample 3 "$@" > "$work/$name.report"; } 2> "$work/$name.time"
    local wall=$(($(date +%s%N) - from))
    sleep 2
    awk -v wall="$wall" -v core=$(($(cpu core) - core)) -v reader=$(($(cpu reader) - reader)) \
        '{ printf "%.3f %.3f %.3f %.3f\n", wall / 1e9, $1 + $2, reader / 1e6, core / 1e6 }' "$work/$name.time" > "$work/$name.cost"
    say "  $name: $(cut -d' ' -f1 "$work/$name.cost") s"
}
cp -r "$ws/policy" "$work/other"
# Nobody answers questions any more.
sed -i 's,"rules/question"\, *,,' "$work/other/init.lua"

say "backtest: back-tests on $(nproc) cores …"
run itself "$ws/policy"
run closed "$ws/policy" --closed
run changed "$work/other"

say "backtest: 100 decisions are explained …"
sqlite3 -readonly "$ws/data/sori.db" "SELECT j.interaction FROM decision d JOIN journal j USING (seq) WHERE d.status IN (1, 2) AND d.seq IN (SELECT abs(random()) % (SELECT max(seq) FROM decision) FROM decision LIMIT 200) LIMIT 100" > "$work/ids"
while read -r id; do "$sori" why "$id" --json -w "$ws"; done < "$work/ids" > "$work/whys"
kill -TERM "$keeper"
wait "$keeper" || say "bench: sorid ended with code $?"
keeper=

python3 - "$work" "$json" <<'PY'
import json, os, sys
work, as_json = sys.argv[1], sys.argv[2] == "yes"
def one(name):
    r = json.load(open(f"{work}/{name}.report"))
    wall, cpu, reader, core = map(float, open(f"{work}/{name}.cost").read().split())
    return {"items": r["compared"], "seconds": wall, "items_per_s": round(r["compared"] / wall),
            "changed": r["changed"], "renamed": r["renamed"], "cpu_s_policies_and_report": cpu,
            "cpu_s_reader": reader, "cpu_s_core": core}
whys = [d for line in open(f"{work}/whys") for d in json.loads(line)["decisions"] if d["status"] in ("decided", "none")]
out = {"cores": os.cpu_count(), **one("itself"), "closed": one("closed"), "without_a_page": one("changed"),
       "why_explained": len(whys), "why_same": sum(d["replay"] == "same" for d in whys)}
if as_json:
    print(json.dumps(out, indent=2))
else:
    print(f"items                 {out['items']} in {out['seconds']} s on {out['cores']} cores   (750,000 in under 10 wanted)")
    print(f"items_per_s           {out['items_per_s']}")
    print(f"changed               {out['changed']}   (a bundle against itself: 0)")
    print(f"cpu seconds           policies and report {out['cpu_s_policies_and_report']}, reader {out['cpu_s_reader']}, core {out['cpu_s_core']}")
    for k in ("closed", "without_a_page"):
        print(f"{k:21} {out[k]['seconds']} s, {out[k]['changed']} change")
    print(f"why                   {out['why_same']} of {out['why_explained']} replay to the same bytes")
PY
