#!/bin/sh
# Runs the launch lines of every element's page comment, and has gst-inspect-1.0 describe it.
command -v gst-launch-1.0 >/dev/null || { echo "1..0 # SKIP no gst-launch-1.0"; exit 0; }
export G_DEBUG=fatal-warnings
number=0

tell() {
    number=$((number + 1))
    if [ "$1" = 0 ]; then echo "ok $number $2"; else echo "not ok $number $2"; fi
}
# One a line: what stands between "|[" and "]|".
launch_lines() {
    awk '/^ \* \|\[/ { inside = 1; line = ""; next }
        /^ \* \]\|/ { if (inside) print line; inside = 0 }
        inside { part = substr($0, 4); sub(/\\$/, "", part); line = line part }' "$1"
}
# What is left out where libavcodec is missing, or ONNX Runtime's header.
is_built() {
    case $1 in
    vddetect) [ -e "$top_builddir/plugins/libgstvedettedetect.la" ] ;;
    vdh26?enc) [ -e "$top_builddir/plugins/libgstvedettecodec.la" ] ;;
    esac
}
# GStreamer has that element where it has found an NVIDIA driver.
can_run() {
    case $1 in
    *cudaupload*) gst-inspect-1.0 --exists cudaupload ;;
    esac
}

for element in vdcompose vddetect vdh264enc vdh265enc vdjpegenc vdmask vdmotion vdscale vdtamper vdtestsrc; do
    if ! is_built "$element"; then
        tell 0 "the_launch_line_of_${element}_works # SKIP its library is missing"
        continue
    fi
    launch_lines "$top_srcdir/plugins/gst$element.c" >launch-lines-$$
    [ -s launch-lines-$$ ]
    tell $? "${element}_has_a_launch_line"
    while read -r line; do
        echo "# $line"
        if can_run "$line"; then
            eval "timeout 60 $line" >/dev/null
            tell $? "the_launch_line_of_${element}_works"
        else
            tell 0 "the_launch_line_of_${element}_works # SKIP no NVIDIA driver"
        fi
    done <launch-lines-$$
    rm -f launch-lines-$$
    said=$(gst-inspect-1.0 "$element" 2>&1 >/dev/null) && [ -z "$said" ]
    tell $? "gst_inspect_describes_$element"
done
echo "1..$number"
