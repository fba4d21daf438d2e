#!/bin/sh
# Makes the clips that tests/bench/run plays, as a camera encodes: one reference, no B frames, a key
# frame every two seconds.
#
#   clips.sh OUTDIR [SOURCE]
#
# SOURCE is footage of moving people; without it, and without ../shared/data, a generated picture.
#   busy1080.mp4 busy360.mp4 busy360-hevc.mp4   40 s, 30 and 15 frames/s, 4 Mb/s and 500 kb/s
#   beacon1080.mp4 beacon360.mp4                the same, flat grey for 200 ms at each key frame
set -eu
out=${1:?usage: clips.sh OUTDIR [SOURCE]}
top=$(CDPATH= cd -- "$(dirname -- "$0")/../.." && pwd)
source=${2-${VEDETTE_SHARED-$top/../shared}/data/pets09_s2l1.mp4}
mkdir -p "$out"

ff() {
    file=$1
    shift
    [ -s "$out/$file" ] && return
    echo "making $file" >&2
    nice ffmpeg -nostdin -v error -y "$@" "$out/part.$file"
    mv "$out/part.$file" "$out/$file"
}

# 20 s at 30 frames/s, then the same backwards, so that the loop has no cut
if [ -e "$source" ]; then
    ff forward.mkv -i "$source" -an -c:v ffv1 -vf \
        "setpts=N/7/TB,fps=7,trim=start_frame=100:end_frame=245,crop=iw:iw*9/16,minterpolate=fps=30:mi_mode=mci:me=epzs:search_param=16:scd=none,trim=end_frame=600"
else
    ff forward.mkv -f lavfi -i testsrc2=size=768x432:rate=30:duration=20 -c:v ffv1
fi
both='[0:v]split[a][b];[b]reverse[r];[a][r]concat=n=2:v=1'
large="$both,scale=1920:1080:flags=bicubic,noise=c0s=9:c0f=p:c0_seed=11,noise=c0s=7:c0f=t:all_seed=12,setsar=1,format=yuv420p"
small="$both,fps=15,scale=640:360:flags=area,noise=c0s=4:c0f=t:all_seed=13,setsar=1,format=yuv420p"
flat() { # FRAMES of a key interval, FRAMES that are flat
    echo "drawbox=c=gray:t=fill:enable='lt(mod(n,$1),$2)'"
}
h264() { # NAME GRAPH KBIT KEY-INTERVAL
    ff "$1.mp4" -i "$out/forward.mkv" -filter_complex "$2" -c:v libx264 -preset veryfast \
        -profile:v high -b:v "${3}k" -maxrate "$(($3 * 3 / 2))k" -bufsize "${3}k" -x264-params \
        "bframes=0:ref=1:keyint=$4:min-keyint=$4:scenecut=0:rc-lookahead=10" -movflags +faststart
}
h264 busy360 "$small" 500 30
h264 beacon360 "$small,$(flat 30 3)" 500 30
h264 busy1080 "$large" 4000 60
h264 beacon1080 "$large,$(flat 60 6)" 4000 60
ff busy360-hevc.mp4 -i "$out/forward.mkv" -filter_complex "$small" -c:v libx265 \
    -preset superfast -b:v 350k -tag:v hvc1 -x265-params \
    "log-level=error:bframes=0:ref=1:keyint=30:min-keyint=30:scenecut=0:repeat-headers=1" \
    -movflags +faststart
