tests_http_programs = tests/http/test-fanout tests/http/test-heads tests/http/test-listen tests/http/test-pipe \
	tests/http/test-route tests/http/test-server tests/http/test-streams \
	tests/http/test-streams-video
check_PROGRAMS += $(tests_http_programs)
TESTS += $(tests_http_programs)
tests_http_helpers = tests/http/fake-api.c tests/http/fake-api.h tests/http/raw-client.c \
	tests/http/raw-client.h tests/http/site.c tests/http/site.h
tests_http_test_fanout_SOURCES = tests/http/test-fanout.c $(tests_http_helpers)
tests_http_test_fanout_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_http_test_fanout_LDADD = src/libvdhttp.la $(GLIB_LIBS)
tests_http_test_heads_SOURCES = tests/http/test-heads.c
tests_http_test_heads_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_http_test_heads_LDADD = src/libvdhttp.la $(GLIB_LIBS)
tests_http_test_listen_SOURCES = tests/http/test-listen.c
tests_http_test_listen_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_http_test_listen_LDADD = src/libvdhttp.la $(GLIB_LIBS)
tests_http_test_pipe_SOURCES = tests/http/test-pipe.c
tests_http_test_pipe_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_http_test_pipe_LDADD = src/libvdhttp.la $(GLIB_LIBS)
tests_http_test_route_SOURCES = tests/http/test-route.c $(tests_http_helpers)
tests_http_test_route_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_http_test_route_LDADD = src/libvdhttp.la $(GLIB_LIBS)
tests_http_test_server_SOURCES = tests/http/test-server.c $(tests_http_helpers)
tests_http_test_server_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_http_test_server_LDADD = src/libvdhttp.la $(GLIB_LIBS)
tests_http_test_streams_SOURCES = tests/http/test-streams.c $(tests_http_helpers)
tests_http_test_streams_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_http_test_streams_LDADD = src/libvdhttp.la $(GLIB_LIBS)
tests_http_test_streams_video_SOURCES = tests/http/test-streams-video.c $(tests_http_helpers)
tests_http_test_streams_video_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_http_test_streams_video_LDADD = src/libvdhttp.la $(GLIB_LIBS)
