# Sourced by the scripts beside it: where the source is and where to build.
#
# $src    the source tree, by a name without a space: autoconf and libtool cannot live with one, so
#         such a tree is reached through a link
# $build  an empty or earlier build directory for $1
# $onnxruntime  where tools/onnxruntime/fetch puts it, for all builds
top=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd -P)
paths_set() {
    case $top in
    *[!A-Za-z0-9_/.,:+@%-]*)
        base=${XDG_CACHE_HOME:-${HOME:-/nonexistent}/.cache}
        case $base in *[!A-Za-z0-9_/.,:+@%-]*) base=/nonexistent ;; esac
        mkdir -p "$base/vedette" 2>/dev/null && [ -O "$base/vedette" ] || {
            base=/tmp/vedette-$(id -u)
            mkdir -p -m 700 "$base/vedette"
            [ -O "$base" ] || { echo "$base is somebody else's" >&2; exit 1; }
        }
        base=$base/vedette/$(printf %s "$top" | cksum | tr ' ' -)
        mkdir -p "$base"
        ln -sfn "$top" "$base/source"
        src=$base/source
        build=$base/$1
        ;;
    *)
        src=$top
        build=$top/build/$1
        ;;
    esac
    onnxruntime=$(dirname "$build")/onnxruntime
}

# configure_and_make CONFIGURE-ARGUMENTS...: brings $build up to date
configure_and_make() {
    [ ! -f "$onnxruntime/installed" ] || set -- "--with-onnxruntime=$onnxruntime" "$@"
    [ -x "$src/configure" ] || (cd "$src" && autoreconf -fi) || return
    mkdir -p "$build"
    if [ ! -f "$build/config.status" ] || [ "$(cat "$build/.arguments" 2>/dev/null)" != "$*" ]; then
        (cd "$build" && "$src/configure" -q "$@") || return
        printf '%s\n' "$*" > "$build/.arguments"
    fi
    make -s -C "$build" -j"$(nproc)"
}
