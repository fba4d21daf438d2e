#!/bin/sh
# Runs the launch line of every element's page comment, and has gst-inspect-1.0 describe it.
command -v gst-launch-1.0 >/dev/null || { echo "1..0 # SKIP no gst-launch-1.0"; exit 0; }
export G_DEBUG=fatal-warnings
number=0

tell() {
    number=$((number + 1))
    if [ "$1" = 0 ]; then echo "ok $number $2"; else echo "not ok $number $2"; fi
}

for element in vdcompose vdjpegenc vdmask vdmotion vdscale vdtestsrc; do
    line=$(sed -n '/^ \* |\[/,/^ \* \]|/s/^ \* \(gst-launch-1.0 .*\)/\1/p' \
        "$top_srcdir/plugins/gst$element.c")
    echo "# $line"
    [ -n "$line" ] && eval "timeout 60 $line" >/dev/null
    tell $? "the_launch_line_of_${element}_works"
    said=$(gst-inspect-1.0 "$element" 2>&1 >/dev/null) && [ -z "$said" ]
    tell $? "gst_inspect_describes_$element"
done
echo "1..$number"
