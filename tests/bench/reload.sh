# Sourced by scripts/bench: a workspace with a small policy and a steady flood, and tests/bench/reload.c
# over it. Sets nothing for others; the exit code is that of the program.
calm=$((count / 150)) # seconds of the same flood before, with one generation
[ $calm -ge 10 ] || calm=10
say "reload: $calm s with one generation, then $count generations on $(nproc) cores, 200 interactions a second meanwhile, then $((count / 10)) while nothing is heard …"
people=20000
sed -i '/^connection "flood"/d' "$ws/sori.lua"
rm -rf "$ws/policy"
mkdir -p "$ws/policy/rules" "$ws/policy/tests"
echo 'return { "rules/bench" }' > "$ws/policy/init.lua"
printf 'local t = sori.policy "bench"\nt:rule "r0" { when = { kind = "comment" }, act = { tag "seen" } }\nreturn t\n' > "$ws/policy/rules/bench.lua"
printf 'local t = sori.policy "bench"\nt:case "seen" { given = { kind = "comment", text = "좋아요" }, expect = { status = "decided" } }\n' > "$ws/policy/tests/bench_test.lua"
cat >> "$ws/sori.lua" <<LUA

connection "flood" { channel = "flood", items = 1000000000, seed = $seed, batch = 200, people = $people, every = "1s", mode = "observe" }
LUA
"$built/bin/sorid" "$ws" > "$work/log" 2>&1 &
keeper=$!
for _ in $(seq 200); do "$sori" status -w "$ws" > /dev/null 2>&1 && break; sleep 0.1; done
code=0
"$built/bench/reload" "$ws" "$count" "$keeper" "$seed" "$people" "$sori" "$calm" > "$work/reload.json" || code=$?
if [ $code != 0 ]; then
    say "bench: the end of its log:"
    tail -5 "$work/log" >&2
fi
if [ "$json" = yes ]; then
    cat "$work/reload.json"
else
    # One line a look at the core; everything else as it is.
    awk '
        function value(s) { sub(/^[^:]*: /, "", s); gsub(/[",]/, "", s); return s }
        /"looks": \[/ {
            inside = 1
            printf "%-31s %6s %8s  KB: %8s %10s %6s %6s %6s %8s %9s  %3s %7s %9s\n", "look", "made",
                "heard", "anon", "page_cache", "people", "flow", "free", "database", "manifests",
                "fds", "threads", "processes"
            next
        }
        inside && /^  \]/ { inside = 0; next }
        inside && /"[a-z_]*":/ { name = $1; gsub(/[":]/, "", name); v[name] = value($0) }
        inside && /^    }/ {
            printf "%-31s %6d %8d      %8d %10d %6d %6d %6d %8d %9d  %3d %7d %9d\n", v["phase"],
                v["generations"], v["heard"], v["core_anon_kb"], v["page_cache_kb"], v["people_kb"],
                v["flow_kb"], v["free_kb"], v["db_kb"], v["manifests_kb"], v["core_fds"],
                v["core_threads"], v["processes"]
        }
        inside { next }
        { gsub(/[][",{}]/, ""); sub(/^  /, ""); if (/[^ ]/) print }' "$work/reload.json"
fi
[ $code = 0 ] || exit $code
