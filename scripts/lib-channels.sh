# The sample of channels: fake platforms on this machine, a workspace that is connected to them, and
# voices that come in over a minute. Sourced after lib.sh.

channels_pids='' # of the fakes that were started
channels_stop() { [ -z "$channels_pids" ] || kill $channels_pids 2>/dev/null || :; }

# A port that nobody listens on now.
channels_free_port() {
    local port
    while :; do
        port=$((20000 + RANDOM % 12000))
        (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || { echo "$port"; return; }
    done
}
channels_secret() { # DIR CONNECTION.SLOT VALUE
    (umask 077 && printf '%s\n' "$3" >"$1/secrets/$2")
}
channels_word() { od -An -N16 -tx1 /dev/urandom | tr -d ' \n'; }

# channels_fake BUILD DIR NAME ARGUMENTS…: starts one; its port is in DIR/fake/NAME.port.
channels_fake() {
    local build=$1 dir=$2 name=$3 i
    shift 3
    [ -x "$build/fake/$name" ] || die "There is no fake for this sample: $build/fake/$name is not built."
    mkdir -p "$dir/fake"
    : >"$dir/fake/$name.port"
    "$build/fake/$name" "$@" >"$dir/fake/$name.port" 2>"$dir/fake/$name.log" &
    channels_pids="$channels_pids $!"
    for i in $(seq 100); do
        [ ! -s "$dir/fake/$name.port" ] || return 0
        sleep 0.1
    done
    die "The fake $name did not start: $(cat "$dir/fake/$name.log")"
}
channels_port() { cat "$1/fake/$2.port"; }
# channels_tell DIR NAME PATH [KEY=VALUE…]: steers a fake.
channels_tell() {
    local dir=$1 name=$2 path=$3 args=()
    shift 3
    while [ $# -gt 0 ]; do args+=(--data-urlencode "$1") && shift; done
    curl -fsS --max-time 10 --noproxy '*' -X POST "${args[@]}" "http://127.0.0.1:$(channels_port "$dir" "$name")/_fake/$path"
}

# One part of the workspace each: the fake, its secrets (made anew each time), its lines of sori.lua.
channels_facebook() { # BUILD DIR
    local dir=$2 secret token port
    secret=$(channels_word) token=$(channels_word)
    channels_fake "$1" "$dir" graph --secret "$secret" --token "$token"
    port=$(channels_port "$dir" graph)
    channels_secret "$dir" facebook.app_secret "$secret"
    channels_secret "$dir" facebook.page_token "$token"
    channels_secret "$dir" facebook.verify_token "$(channels_word)"
    cat >>"$dir/sori.lua" <<LUA
connection "facebook" { channel = "facebook", account = "104201234567890", app = "314159265358979",
                        graph = "http://127.0.0.1:$port", every = "5s", mode = "auto",
                        allow = { "127.0.0.1:$port" } }
LUA
    channels_tell "$dir" graph post message="겨울맞이 거실 꾸미기: 담요와 조명, 이번 주까지 10% 할인" >/dev/null
}
channels_blog() {
    local dir=$2 password port
    password=$(channels_word)
    channels_fake "$1" "$dir" blog --password "$password"
    port=$(channels_port "$dir" blog)
    channels_secret "$dir" blog.password "$password"
    cat >>"$dir/sori.lua" <<LUA
connection "blog" { channel = "blog", url = "http://127.0.0.1:$port", user = "sori", every = "2s",
                    mode = "auto", allow = { "127.0.0.1:$port" } }
LUA
    channels_tell "$dir" blog post title="거실을 따뜻하게 하는 다섯 가지" message="담요, 조명, 그리고 찻상 이야기" >/dev/null
}
channels_x() {
    local dir=$2 port slot value args=()
    for slot in consumer_key consumer_secret token token_secret bearer; do
        value=$(channels_word)
        channels_secret "$dir" "x.$slot" "$value"
        args+=("--$slot" "$value")
    done
    channels_fake "$1" "$dir" x "${args[@]}"
    port=$(channels_port "$dir" x)
    cat >>"$dir/sori.lua" <<LUA
connection "x" { channel = "x", user_id = "2244994945", handle = "ongyeol", receive = { "mentions" },
                 api = "http://127.0.0.1:$port", every = "5s", mode = "auto",
                 allow = { "127.0.0.1:$port" } }
LUA
}

# channels_make BUILD DIR CHANNEL…: a fresh workspace, and the fakes, which go on running.
channels_make() {
    local build=$1 dir=$2 channel
    shift 2
    if [ -e "$dir" ] && [ ! -e "$dir/.sample" ]; then
        die "$dir is there already and is no sample: name a folder that does not exist."
    fi
    rm -rf "$dir"
    "$build/bin/sori" new workspace "$dir" >/dev/null
    : >"$dir/.sample"
    channels_gate=$(channels_free_port)
    cat >"$dir/sori.lua" <<LUA
-- The sample of channels: connections to fake platforms on this machine.
workspace { name = "온결 리빙", timezone = "Asia/Seoul", languages = { "ko", "en" } }
gate { listen = "127.0.0.1:$channels_gate" }
classifier "tone" { plugin = "ngram", models = { ko = "tone.ko", en = "tone.en" } }
department "support" { hours = "mon-fri 09:00-12:00 13:00-18:00", holidays = "kr" }
department "lead" { hours = "mon-fri 09:00-18:00", holidays = "kr" }
department "marketing" { hours = "mon-fri 09:00-18:00", holidays = "kr" }
LUA
    for channel in "$@"; do
        case $channel in
        facebook | blog | x) "channels_$channel" "$build" "$dir" ;;
        *) die "There is no sample \"$channel\": facebook, blog and x are there." ;;
        esac
    done
}

# Where the replies of a channel can be read, as a line for the second terminal.
channels_replies() { # DIR CHANNEL
    case $2 in
    facebook) echo "curl http://127.0.0.1:$(channels_port "$1" graph)/_fake/replies" ;;
    *) echo "curl http://127.0.0.1:$(channels_port "$1" "$2")/_fake/replies" ;;
    esac
}

# channels_lines BIN DIR CHANNEL…: what to type in a second terminal.
channels_lines() {
    local bin=$1 dir=$2 channel
    shift 2
    cat <<TEXT

Sori begins here, on $dir; Ctrl-C ends it, and the fake platforms with it.
In a second terminal, while voices come in:

  export PATH="$bin:\$PATH" SORI_WORKSPACE="$dir"
  sori inbox                  # what waits for a person, of all channels
  sori status                 # connections, processes, counts
  sori why 3                  # why it was decided so
  sori approve 3              # let what waits under that number of the inbox go
TEXT
    for channel in "$@"; do
        printf '  %-60s # replies as %s has them\n' "$(channels_replies "$dir" "$channel")" "$channel"
    done
    for channel in "$@"; do
        [ "$channel" != facebook ] || cat <<TEXT
  curl -d from=나 --data-urlencode message="담요 색상이 예뻐요, 감사합니다" http://127.0.0.1:$(channels_port "$dir" graph)/_fake/comment
TEXT
    done
    echo
}

# What a person sets up in the app's dashboard: callback, fields and verify token, which the platform
# tries at once. Secrets reach curl on its stdin: a command line can be read by everybody.
channels_subscribe() { # DIR
    local dir=$1 i
    for i in $(seq 20); do
        if curl -fsS --max-time 10 --noproxy '*' --config - >/dev/null 2>&1 <<CURL; then return; fi
url = "http://127.0.0.1:$(channels_port "$dir" graph)/v26.0/314159265358979/subscriptions"
header = "Authorization: Bearer 314159265358979|$(<"$dir/secrets/facebook.app_secret")"
data-urlencode = "object=page"
data-urlencode = "fields=feed,mention,ratings,messages,message_echoes,message_edits,message_reactions,messaging_postbacks"
data-urlencode = "callback_url=http://127.0.0.1:$channels_gate/in/facebook"
data-urlencode = "verify_token=$(<"$dir/secrets/facebook.verify_token")"
CURL
        sleep 0.5
    done
    return 1
}

# One voice at its fake. Nothing to answer yet: it is left out.
channels_voice() { # DIR CHANNEL WHAT WHO TEXT
    local dir=$1 who=$4 text=$5 lang=en last
    ! LC_ALL=C grep -q $'[\xea-\xed][\x80-\xbf]' <<<"$text" || lang=ko # X says it of every post: is it Hangul?
    case "$2 $3" in
    "facebook comment" | "facebook message" | "facebook rating")
        channels_tell "$dir" graph "$3" "from=$who" "message=$text" type=positive ;;
    "facebook reply") channels_tell "$dir" graph comment under=reply "from=$who" "message=$text" ;;
    "facebook like") channels_tell "$dir" graph like "id=$channels_post" "from=$who" "type=$text" ;;
    "facebook share") channels_tell "$dir" graph share "id=$channels_post" "from=$who" "message=$text" ;;
    "blog comment") channels_tell "$dir" blog comment "from=$who" "message=$text" ;;
    "blog reply") channels_tell "$dir" blog comment under=reply "from=$who" "message=$text" ;;
    "x say") channels_tell "$dir" x say "username=$who" "name=$who" "author=$(channels_number "$who")" "text=$text" "lang=$lang" ;;
    "x reply")
        last=$(curl -fsS --noproxy '*' "http://127.0.0.1:$(channels_port "$dir" x)/_fake/posts?author=2244994945" |
            grep -o '"id": *"[0-9]*"' | tail -1 | grep -o '[0-9]*')
        [ -z "$last" ] || channels_tell "$dir" x say "username=$who" "name=$who" \
            "author=$(channels_number "$who")" "reply_to=$last" "text=$text" "lang=$lang" ;;
    esac >/dev/null 2>&1 || :
}
channels_number() { printf '%s' "$1" | cksum | cut -d' ' -f1; }

# channels_feed BIN DIR PID SECONDS CHANNEL…: the voices of these channels, once Sori listens.
channels_feed() {
    local bin=$1 dir=$2 pid=$3 over=$4 count pause channel what who text channels
    shift 4
    channels=" $* "
    count=$(cut -f1 "$SORI/scripts/sample/channels.tsv" | grep -cxE "$(echo "$*" | tr ' ' '|')")
    pause=$(awk -v s="$over" -v n="$count" 'BEGIN { printf "%.3f", s / n }')
    until "$bin/sori" status -w "$dir" >/dev/null 2>&1; do
        kill -0 "$pid" 2>/dev/null || return 0
        sleep 0.2
    done
    if [[ $channels == *" facebook "* ]]; then
        channels_subscribe "$dir" || echo "The app of the sample is not subscribed: its webhooks do not come." >&2
        "$bin/sori" connection check facebook -w "$dir" >/dev/null 2>&1 || : # so that status knows
        channels_post=$(curl -fsS --noproxy '*' "http://127.0.0.1:$(channels_port "$dir" graph)/_fake/things?kind=post" |
            grep -o '"id":"[0-9_]*"' | head -1 | grep -o '[0-9_]*')
    fi
    sleep 2
    while IFS=$'\t' read -r channel what who text; do
        [[ $channels == *" $channel "* ]] || continue
        kill -0 "$pid" 2>/dev/null || return 0
        channels_voice "$dir" "$channel" "$what" "$who" "$text"
        sleep "$pause"
    done <"$SORI/scripts/sample/channels.tsv"
}
