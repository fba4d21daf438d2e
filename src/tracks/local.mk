# Products and sums stay apart: what tracks are made of is the same on every machine.
noinst_LTLIBRARIES += src/libvdtracks.la
src_libvdtracks_la_SOURCES = src/tracks/assignment.c src/tracks/assignment.h src/tracks/axis.c src/tracks/axis.h \
	src/tracks/mot.c src/tracks/track.c src/tracks/track.h src/tracks/tracks.c src/tracks/tracks.h
src_libvdtracks_la_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) -ffp-contract=off
src_libvdtracks_la_LIBADD = $(GLIB_LIBS) -lm
