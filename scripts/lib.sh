# What the scripts share. Sourced with bash; SORI is the root of the sources.
SORI=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

say() { printf '%s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

# Debian package, then why it is needed.
sori_packages() {
    cat <<'LIST'
build-essential        the C compiler
cmake                  the build
ninja-build            the build
pkg-config             finding the libraries
libcurl4-openssl-dev   HTTP out
libjansson-dev         JSON at the edges
liblua5.4-dev          policies and configuration
libsqlite3-dev         the store
libmicrohttpd-dev      HTTP in, behind our own check of every request
libxml2-dev            feeds as they really are
libicu-dev             texts in their composed form; lunar holidays and time zones
libgumbo-dev           HTML 5 as browsers read it
libssl-dev             HMAC and SHA-256
libevent-dev           event loop of core and net
libidn2-dev            international host names
libpsl-dev             the top-level domains, which tell a link from two words
zlib1g-dev             CRC-32, and corpora in .gz
libcmocka-dev          unit tests
LIST
}
# What only the tests need.
sori_test_packages() {
    cat <<'LIST'
sqlite3                scenarios look into the store
python3                a scenario's platform of lies
procps                 looking for processes that were left
curl                   asking the servers of the tests
clang-format           how the code must be written
lua-check              the bundled policy, as editors check it
LIST
}
# What only the samples of channels need.
sori_sample_packages() {
    cat <<'LIST'
curl                   speaking to the fake platforms
LIST
}
# What only the sanitizers need: the second compiler, so that each build is tried.
sori_sanitizer_packages() {
    cat <<'LIST'
clang                  the sanitizers' build, and a second opinion on every warning
libclang-rt-dev        the sanitizers
llvm                   names in what the sanitizers report
LIST
}

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; return; fi
    command -v sudo >/dev/null || die "This needs root, and sudo is not here: run as root once: $*"
    sudo "$@"
}

is_installed() { [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

# need "package why" lines on stdin: installs what is missing, saying what and why.
need() {
    local package why missing=()
    command -v dpkg-query >/dev/null || { say "This is no Debian: the packages are yours to see to."; return 0; }
    while read -r package why; do
        is_installed "$package" && continue
        [ ${#missing[@]} = 0 ] && say "Installing what is missing:"
        say "  $package: $why"
        missing+=("$package")
    done
    [ ${#missing[@]} = 0 ] && return 0
    if [ "$(id -u)" != 0 ] && ! command -v sudo >/dev/null; then
        say "Installing needs root, and sudo is not here. As root, once:"
        say "  apt-get update && apt-get install -y --no-install-recommends ${missing[*]}"
        return 1
    fi
    as_root apt-get update -q >&2
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}" >&2 && return 0
    say "They could not be installed; above stands why. They are: ${missing[*]}"
    return 1
}

# build PRESET [TARGET]: configures when needed and builds; quick when nothing changed.
build() {
    local preset=$1 log=$SORI/build/$1.log launcher=() target=(${2:+--target "$2"})
    sori_packages | need || return 1
    case $preset in asan | tsan | fuzz) sori_sanitizer_packages | need || return 1 ;; esac
    mkdir -p "$SORI/build"
    command -v ccache >/dev/null && launcher=(-DCMAKE_C_COMPILER_LAUNCHER=ccache)
    [ -f "$SORI/build/$preset/build.ninja" ] || say "Building ($preset); the first time takes a few minutes."
    if ! (cd "$SORI" && cmake --preset "$preset" "${launcher[@]}" && cmake --build --preset "$preset" "${target[@]}" -j "$(nproc)") >"$log" 2>&1; then
        grep -E -A5 'FAILED|error' "$log" | head -60 >&2
        say "The build failed; all of it is in $log"
        return 1
    fi
}
