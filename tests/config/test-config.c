#include "base/error.h"
#include "base/limits.h"
#include "config/options.h"

#include <string.h>

/* --- help --------------------------------------------------------------------------------- */

static GPtrArray *new_errors(void)
{
    return g_ptr_array_new_with_free_func((GDestroyNotify)vd_config_error_free);
}

/* All errors of a text, one a line, as people see them. */
static char *errors_of_bytes(const char *text, gsize length)
{
    g_autoptr(GPtrArray) errors = new_errors();
    g_autoptr(VdConfig) config = vd_config_parse(text, length, "x.conf", errors);
    GString *all = g_string_new(NULL);

    g_assert_true((config == NULL) == (errors->len > 0));
    for (guint i = 0; i < errors->len; i++) {
        g_autofree char *line = vd_config_error_text(errors->pdata[i]);
        g_string_append_printf(all, "%s%s", i > 0 ? "\n" : "", line);
    }
    return g_string_free(all, FALSE);
}

static char *errors_of(const char *text)
{
    return errors_of_bytes(text, strlen(text));
}

static VdConfig *parse(const char *text)
{
    g_autoptr(GPtrArray) errors = new_errors();
    VdConfig *config = vd_config_parse(text, strlen(text), "x.conf", errors);

    for (guint i = 0; i < errors->len; i++) {
        g_autofree char *line = vd_config_error_text(errors->pdata[i]);
        g_test_message("%s", line);
    }
    g_assert_nonnull(config);
    return config;
}

static char *option_of(const VdConfig *config, const char *id, const char *name)
{
    const VdCameraConfig *camera = vd_config_find(config, id);

    return vd_option_text(vd_option_find("camera", name), camera);
}

/* --- what is read --------------------------------------------------------------------------- */

static void an_empty_text_gives_the_defaults(void)
{
    g_autoptr(VdConfig) config = parse("");

    g_assert_cmpuint(config->cameras->len, ==, 0);
    g_assert_cmpstr(config->listen, ==, "127.0.0.1:8080");
    g_assert_cmpint(config->max_connections, ==, 1100);
    g_assert_cmpint(config->max_viewers, ==, 1000);
    g_assert_cmpstr(config->log_level, ==, "info");
}

static void a_camera_has_its_options_or_the_defaults_or_the_presets(void)
{
    g_autoptr(VdConfig) config = parse("\xef\xbb\xbf# comment\r\n"
                                       "[camera front]\r\n"
                                       "uri = rtsp://10.0.0.7/live \r\n"
                                       "  name=T\xc3\xbcr\\s\r\n"
                                       "stream-fps=5\n"
                                       "[defaults]\n"
                                       "stream-fps=20\n"
                                       "transport=udp\n"
                                       "annotate=No\n"
                                       "masks=0,0 1,0 1,1\n"
                                       "[camera back]\n"
                                       "uri=/srv/a b.mp4");
    const VdCameraConfig *front = vd_config_find(config, "front");
    const VdCameraConfig *back = vd_config_find(config, "back");

    g_assert_true(config->cameras->pdata[0] == back); /* sorted */
    g_assert_cmpstr(front->name, ==, "T\xc3\xbcr ");
    g_assert_cmpstr(back->name, ==, "back");
    g_assert_cmpstr(front->uri, ==, "rtsp://10.0.0.7/live");
    g_assert_cmpstr(back->uri, ==, "file:///srv/a%20b.mp4");
    g_assert_cmpint(front->stream_fps, ==, 5);
    g_assert_cmpint(back->stream_fps, ==, 20);
    g_assert_cmpint(front->transport, ==, VD_TRANSPORT_UDP);
    g_assert_false(back->annotate);
    g_assert_cmpuint(back->n_masks, ==, 1);
    g_assert_cmpint(back->masks[0].points[2].x, ==, 65536);
    g_assert_cmpint(front->latency_ms, ==, -1);
    g_assert_null(front->password);
}

/* clang-format off */
static const struct { const char *given, *becomes; } uris[] = {
    {"/dev/video0", "v4l2:///dev/video0"},
    {"v4l2:/dev/video1", "v4l2:///dev/video1"},
    {"v4l2:///dev/video1", "v4l2:///dev/video1"},
    {"/srv/100%.mp4", "file:///srv/100%25.mp4"},
    {"file:/srv/x.mp4", "file:///srv/x.mp4"},
    {"file:///srv/x.mp4", "file:///srv/x.mp4"},
    {"test:moving?seed=3", "test:moving?seed=3"},
    {"RTSP://u:p%40@host:8554/x?y", "RTSP://u:p%40@host:8554/x?y"},
    {"http://[fe80::1]:81/mjpg", "http://[fe80::1]:81/mjpg"},
    {"rtsps://host", "rtsps://host"},
};
/* clang-format on */

static void uris_and_paths_become_uris(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(uris); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(VdCameraConfig) camera = vd_camera_config_new("a", uris[i].given, &error);

        g_assert_no_error(error);
        g_assert_cmpstr(camera->uri, ==, uris[i].becomes);
        g_assert_cmpstr(camera->name, ==, "a");
    }
}

static void secrets_are_not_shown(void)
{
    g_autoptr(VdConfig) config = parse("[camera a]\nuri=rtsp://joe:geheim@h/x?pwd=geheim\n"
                                       "user=joe\npassword=geheim\n[camera b]\nuri=test:quiet\n");
    g_autofree char *uri = option_of(config, "a", "uri");
    g_autofree char *user = option_of(config, "a", "user");
    g_autofree char *password = option_of(config, "a", "password");
    g_autofree char *unset = option_of(config, "b", "password");

    g_assert_cmpstr(uri, ==, "rtsp://***@h/x?pwd=***");
    g_assert_cmpstr(user, ==, "***");
    g_assert_cmpstr(password, ==, "***");
    g_assert_cmpstr(unset, ==, "");
}

/* --- what is wrong -------------------------------------------------------------------------- */

#define CAMERA "[camera a]\nuri=test:quiet\n"
/* clang-format off */
#define NO_SCHEME "x.conf:2: uri: it does not begin with a scheme: write a camera as " \
    "rtsp://192.0.2.10/stream, a file as /srv/clip.mp4; allowed are rtsp, rtsps, http, https, " \
    "file, v4l2, test and absolute paths"
#define WRONG_PORT "x.conf:2: uri: the port must be a number from 1 to 65535"
#define NOT_READ "x.conf:2: uri: it cannot be read as SCHEME://[USER:PASSWORD@]HOST[:PORT]/PATH; " \
    "in USER and PASSWORD write %40 for @, %2F for /, %3A for :, %23 for #, %3F for ?, %25 for %, " \
    "or use user= and password="
static const struct { const char *text, *errors; } wrongs[] = {
    {"[vedette]\nlisen=1\n", "x.conf:2: lisen: unknown option; did you mean listen?"},
    {"[vedette]\nMax_Viewers=1\n", "x.conf:2: Max_Viewers: unknown option; did you mean max-viewers?"},
    {"[vedette]\nxyzzyq=1\n",
     "x.conf:2: xyzzyq: unknown option (vedetted --help-config lists them all)"},
    {"[vedette]\nuri=test:quiet\n",
     "x.conf:2: uri: the option is not allowed here: it belongs into [camera ID] or [defaults]"},
    {"[defaults]\nlisten=1\n",
     "x.conf:2: listen: the option is not allowed here: it belongs into [vedette]"},
    {"[defaults]\nuri=test:quiet\n",
     "x.conf:2: uri: not allowed in [defaults]: each camera has its own"},
    {"[vedete]\nx=1\n", "x.conf:1: unknown group [vedete] (did you mean [vedette]?): allowed are "
     "[vedette], [mqtt], [webhook NAME], [defaults] and [camera ID]"},
    {"[camra front]\nx=1\n", "x.conf:1: unknown group [camra] (did you mean [camera]?): allowed are "
     "[vedette], [mqtt], [webhook NAME], [defaults] and [camera ID]"},
    {"x=1\ny=1\n", "x.conf:1: stands before the first group: allowed are [vedette], [mqtt], [webhook NAME], [defaults] "
     "and [camera ID]"},
    {"[vedette\n", "x.conf:1: a group's name ends with ] and nothing stands behind it"},
    {"[vedette]\n[vedette]\n", "x.conf:2: [vedette] is given twice: it begins in line 1 already"},
    {CAMERA CAMERA, "x.conf:3: camera 'a' is given twice: it stands in x.conf, line 1 already"},
    {CAMERA "loop=1\nloop=0\n", "x.conf:4: loop: given twice: it stands in line 3 already"},
    {"[camera a]\n", "x.conf:1: uri: missing: every camera needs it, as in "
     "uri=rtsp://192.0.2.10/stream"},
    {"[camera a]\nuri=\n", "x.conf:2: uri: the value is empty"},
    {"[camera A]\nuri=test:quiet\n", "x.conf:1: [camera ID]: a camera's id has 1 to 63 letters "
     "a-z, digits and -, and does not begin with -"},
    {"[camera]\nuri=test:quiet\n", "x.conf:1: [camera ID]: a camera's id has 1 to 63 letters "
     "a-z, digits and -, and does not begin with -"},
    {"[vedette]\nrubbish secret\n", "x.conf:2: neither [group], nor option=value, nor # comment"},
    {"[vedette]\n=secret\n", "x.conf:2: the option's name is missing before the ="},
    {CAMERA "rtsp://joe:secret@h/?x=1\n", "x.conf:3: what stands before the = is no option's "
     "name: names are made of a-z and -"},
    {CAMERA "password=se\\cret\n", "x.conf:3: only s, t, n, r and \\ may stand behind a "
     "backslash: write \\\\ for one itself"},
    {CAMERA "password=secret\npassword-file=/nonexistent/x\n",
     "x.conf:4: password-file: cannot be read: No such file or directory\n"
     "x.conf:4: password-file: both password and password-file are given (the other in line 3): "
     "only one of them is allowed"},
    {CAMERA "stream-fps=61\n",
     "x.conf:3: stream-fps: '61' is out of range: allowed are 1 to 60 (frames/s)"},
    {CAMERA "latency-ms=100ms\n", "x.conf:3: latency-ms: '100ms' is not a whole number: allowed "
     "are -1 to 5000 (ms; the unit is not written)"},
    {CAMERA "latency-ms=99999999999999999999\n", "x.conf:3: latency-ms: '99999999999999999999' is "
     "out of range: allowed are -1 to 5000 (ms)"},
    {CAMERA "loop=perhaps # really\n", "x.conf:3: loop: 'perhaps # really' is neither true nor "
     "false; comments stand on lines of their own"},
    {CAMERA "transport=tpc\n", "x.conf:3: transport: 'tpc' is unknown (did you mean 'tcp'?): "
     "allowed are auto, tcp, udp"},
    {CAMERA "transport=rtsp://joe:secret@h/x\n",
     "x.conf:3: transport: 'rtsp://***@h/x' is unknown: allowed are auto, tcp, udp"},
    {"[vedette]\nlog-level=loud\n",
     "x.conf:2: log-level: 'loud' is unknown: allowed are error, warning, info, debug"},
    {"[vedette]\nmax-connections=4097\n", "x.conf:2: max-connections: '4097' is out of range: allowed "
     "are 8 to 4096 (connections)"},
    {"[vedette]\nmax-connections=500\n", "x.conf:2: max-connections: 500 connections are less than "
     "1000 viewers, the default of max-viewers: set max-viewers to at most 500 as well"},
    {"[vedette]\nmax-viewers=1101\n", "x.conf:2: max-viewers: 1101 viewers are more than 1100 "
     "connections, the default of max-connections: set max-connections to at least 1101 as well"},
    {"[vedette]\nmax-viewers=11\nmax-connections=10\n", "x.conf:2: max-viewers: 11 viewers are "
     "more than max-connections=10 of line 3: allowed are 1 to 10"},
    {"[vedette]\nmax-connections=10\nmax-viewers=x\n", "x.conf:3: max-viewers: 'x' is not a whole "
     "number: allowed are 1 to 4096 (streams; the unit is not written)"},
    {"[vedette]\nmax-connections=10\n[vedette]\n", "x.conf:2: max-connections: 10 connections are "
     "less than 1000 viewers, the default of max-viewers: set max-viewers to at most 10 as well\n"
     "x.conf:3: [vedette] is given twice: it begins in line 1 already"},
    {"[camera a]\nloop=x\n", "x.conf:1: uri: missing: every camera needs it, as in "
     "uri=rtsp://192.0.2.10/stream\nx.conf:2: loop: 'x' is neither true nor false"},
    {"[camera a]\nloop=x\n[camera b]\n", "x.conf:1: uri: missing: every camera needs it, as in "
     "uri=rtsp://192.0.2.10/stream\nx.conf:2: loop: 'x' is neither true nor false\n"
     "x.conf:3: uri: missing: every camera needs it, as in uri=rtsp://192.0.2.10/stream"},
    {CAMERA "masks=0,0 1,1\n", "x.conf:3: masks: polygon 1 has too few points: 3 to 64 are allowed"},
    {CAMERA "masks=0,0 1,0 1,1; 0,0 1,0 1,1.5\n", "x.conf:3: masks: polygon 2, point 3 is wrong: "
     "write x,y with both from 0 to 1, points apart by blanks, and a ; behind the last"},
    {CAMERA "masks=0,0 0.5,0.5 1,1\n",
     "x.conf:3: masks: the points of polygon 1 lie on one line: nothing is inside"},
    {CAMERA "zones=a: 0,0 1,1\n",
     "x.conf:3: zones: zone 'a' has too few points: 3 to 64 are allowed"},
    {"[camera a]\nuri=rstp://joe:secret@h/x\n", "x.conf:2: uri: unknown scheme 'rstp' (did you "
     "mean 'rtsp'?); allowed are rtsp, rtsps, http, https, file, v4l2, test and absolute paths"},
    {"[camera a]\nuri=joe:secret@h/x\n", NO_SCHEME},
    {"[camera a]\nuri=10.0.0.1/stream\n", NO_SCHEME},
    {"[camera a]\nuri=clip.mp4\n", NO_SCHEME},
    {"[camera a]\nuri=rtsp://host:554x/x\n", WRONG_PORT},
    {"[camera a]\nuri=rtsp://joe:secret@host:554x/x\n", WRONG_PORT},
    {"[camera a]\nuri=rtsp://[::1]:http\n", WRONG_PORT},
    {"[camera a]\nuri=rtsp://host:99999999999/x\n", WRONG_PORT},
    {"[camera a]\nuri=rtsp://h:-1/\n", WRONG_PORT},
    {"[camera a]\nuri=rtsp://joe:se/cret@host:554x/x\n", NOT_READ},
    {"[camera a]\nuri=rtsp://2001:db8::1/x\n", NOT_READ},
    {"[camera a]\nuri=rtsp://joe:se/cret@h/x\n", NOT_READ},
    {"[camera a]\nuri=rtsp:///x\n", "x.conf:2: uri: the host is missing: "
     "SCHEME://[USER:PASSWORD@]HOST[:PORT]/PATH"},
    {"[camera a]\nuri=rtsp://h:0/x\n", "x.conf:2: uri: the port must be a number from 1 to 65535"},
    {"[camera a]\nuri=rtsp://h/a b\n", "x.conf:2: uri: blanks, \", < and > are not allowed in a URI: write %20 for a blank, "
     "%22 for \", %3C for < and %3E for >"},
    {"[camera a]\nuri=file:clip.mp4\n",
     "x.conf:2: uri: file: needs an absolute path, as in file:///srv/clip.mp4"},
    {"[camera a]\nuri=test:\n", "x.conf:2: uri: the scene is missing, as in test:moving"},
    {"[camera a]\nuri=test:movign\n", "x.conf:2: uri: the test scene 'movign' is unknown (did you mean "
     "'moving'?): allowed are moving, quiet, light, failing"},
    {"[camera a]\nuri=test:moving?figure=4\n", "x.conf:2: uri: the parameter 'figure' is unknown (did "
     "you mean 'figures'?): allowed are width, height, fps, seed, figures, noise, up, down"},
    {CAMERA "analysis-uri=test:moving?width=99999\n", "x.conf:3: analysis-uri: the parameter "
     "width='99999' is wrong: a whole number from 16 to 4096 is allowed"},
    {"[vedette]\nlisten=8080\n", "x.conf:2: listen: the port is missing: write ADDRESS:PORT, "
     "[ADDRESS6]:PORT or the path of a Unix socket"},
    {"[vedette]\nlisten=::1:80\n", "x.conf:2: listen: a numeric address is wanted before the port: "
     "write it as 127.0.0.1:8080, an IPv6 one as [::1]:8080, or write the path of a Unix socket"},
    {"[vedette]\nlisten=localhost:8080\n", "x.conf:2: listen: a numeric address is wanted before "
     "the port: write it as 127.0.0.1:8080, an IPv6 one as [::1]:8080, or write the path of a Unix "
     "socket"},
    {"[vedette]\nlisten=[::1]:80000\n",
     "x.conf:2: listen: the port must be a number from 0 to 65535"},
    {"[vedette]\nlisten=\n",
     "x.conf:2: listen: the value is empty: leave the line out for the default"},
    {CAMERA "name=a\\nb\n", "x.conf:3: name: control characters are not allowed in a name"},
    {"# \xff\xfe\n[vedette]\nlisten=\xff\n", "x.conf:1: the line is not valid UTF-8\n"
     "x.conf:3: the line is not valid UTF-8"},
};
/* clang-format on */

static void each_error_says_where_what_and_what_is_allowed(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(wrongs); i++) {
        g_autofree char *errors = errors_of(wrongs[i].text);

        g_assert_cmpstr(errors, ==, wrongs[i].errors);
        g_assert_null(strstr(errors, "cret"));
    }
}

static void every_error_is_reported(void)
{
    g_autofree char *errors = errors_of("[vedette]\nmax-viewers=0\nrubbish\n"
                                        "[camera a]\nfile-fps=x\n[nonsense]\n[camera a]\n");
    g_auto(GStrv) lines = g_strsplit(errors, "\n", -1);

    g_assert_cmpuint(g_strv_length(lines), ==, 7);
}

static void a_nul_byte_is_refused(void)
{
    static const char text[] = "[vedette]\nlisten=127.0.0.1:80\0rubbish\n";
    g_autofree char *errors = errors_of_bytes(text, sizeof text - 1);

    g_assert_cmpstr(errors, ==, "x.conf:2: the line holds a NUL byte");
}

/* --- limits: one over ------------------------------------------------------------------------- */

static void one_camera_too_many_is_refused(void)
{
    g_autoptr(GString) text = g_string_new(NULL);

    for (int i = 0; i < VD_MAX_CAMERAS; i++)
        g_string_append_printf(text, "[camera c%d]\nuri=test:quiet\n", i);
    g_autoptr(VdConfig) config = parse(text->str);
    g_assert_cmpuint(config->cameras->len, ==, VD_MAX_CAMERAS);
    g_string_append(text, "[camera x]\nuri=test:quiet\n[camera y]\nuri=test:quiet\n");
    g_autofree char *errors = errors_of(text->str);
    g_assert_cmpstr(errors, ==, "x.conf:1025: too many cameras: 512 are allowed");
}

static void one_webhook_too_many_is_refused(void)
{
    g_autoptr(GString) text = g_string_new(NULL);

    for (int i = 0; i < VD_MAX_WEBHOOKS; i++)
        g_string_append_printf(text, "[webhook w%d]\nurl=http://a/\n", i);
    g_autoptr(VdConfig) config = parse(text->str);
    g_assert_cmpuint(config->webhooks->len, ==, VD_MAX_WEBHOOKS);
    g_string_append(text, "[webhook x]\nurl=http://a/\n");
    g_autofree char *errors = errors_of(text->str);
    g_assert_cmpstr(errors, ==, "x.conf:33: too many webhooks: 16 are allowed");
}

static char *repeat(const char *text, gsize times)
{
    GString *out = g_string_new(NULL);

    for (gsize i = 0; i < times; i++)
        g_string_append(out, text);
    return g_string_free(out, FALSE);
}

static void check_length(const char *before, gsize most, const char *after, const char *expected)
{
    g_autofree char *filling = repeat("a", most + 1);
    g_autofree char *over = g_strconcat(before, filling, after, NULL);
    g_autofree char *full = g_strconcat(before, filling + 1, after, NULL);
    g_autofree char *errors = errors_of(over), *none = errors_of(full);

    g_assert_cmpstr(none, ==, "");
    g_assert_nonnull(strstr(errors, expected));
}

static void texts_have_longest_lengths(void)
{
    check_length("[camera ", VD_MAX_ID, "]\nuri=test:quiet\n", "1 to 63");
    check_length(CAMERA "name=", VD_MAX_NAME, "\n", "at most 127 bytes");
    check_length(CAMERA "user=", VD_MAX_PASSWORD, "\n", "at most 255 bytes");
    check_length(CAMERA "password=", VD_MAX_PASSWORD, "\n", "at most 255 bytes");
    check_length("[camera a]\nuri=rtsp://h/", VD_MAX_URI - 9, "\n", "at most 2047 bytes");
    check_length("[vedette]\nlisten=/", 106, "\n", "at most 107 bytes");
    check_length("#", VD_MAX_CONFIG_LINE - 1, "\n", "20480 bytes are allowed");
}

static void polygons_have_limits(void)
{
    g_autofree char *points = repeat(" 0.5,0.5", VD_MAX_POLYGON_POINTS - 2);
    g_autofree char *full = g_strconcat(CAMERA "masks=0,0 1,0", points, NULL);
    g_autofree char *over = g_strconcat(full, " 1,1", NULL);
    g_autofree char *many = repeat("0,0 1,0 1,1;", VD_MAX_POLYGONS);
    g_autofree char *all = g_strconcat(CAMERA "masks=", many, NULL);
    g_autofree char *one_more = g_strconcat(all, " 0,0 1,0 1,1", NULL);
    g_autoptr(VdConfig) config = parse(full);
    g_autofree char *points_over = errors_of(over);
    g_autofree char *none = errors_of(all);
    g_autofree char *polygons_over = errors_of(one_more);

    g_assert_cmpuint(vd_config_find(config, "a")->masks[0].n_points, ==, VD_MAX_POLYGON_POINTS);
    g_assert_cmpstr(points_over, ==,
                    "x.conf:3: masks: polygon 1 has too many points: 3 to 64 are allowed");
    g_assert_cmpstr(none, ==, "");
    g_assert_cmpstr(polygons_over, ==, "x.conf:3: masks: too many polygons: 16 are allowed");
}

static void errors_and_files_have_a_limit(void)
{
    g_autofree char *rubbish = repeat("x\n", VD_MAX_CONFIG_ERRORS + 5);
    g_autofree char *large = repeat("#######\n", VD_MAX_CONFIG_FILE / 8);
    g_autofree char *over = g_strconcat(large, "#", NULL);
    g_autofree char *errors = errors_of(rubbish), *none = errors_of(large), *one = errors_of(over);
    g_auto(GStrv) lines = g_strsplit(errors, "\n", -1);

    g_assert_cmpuint(g_strv_length(lines), ==, VD_MAX_CONFIG_ERRORS + 1);
    g_assert_cmpstr(lines[VD_MAX_CONFIG_ERRORS], ==,
                    "x.conf:1001: more than 1000 errors: the rest is left out");
    g_assert_cmpstr(none, ==, "");
    g_assert_cmpstr(one, ==, "x.conf: too large: 1048576 bytes are allowed");
}

/* --- differences ------------------------------------------------------------------------------ */

/* clang-format off */
static const struct { const char *line; VdApply apply; } changes[] = {
    {"", VD_APPLY_NOTHING},
    {"stream-fps=15", VD_APPLY_NOTHING}, /* the default */
    {"stream-fps=14", VD_APPLY_LIVE},
    {"masks=0,0 1,0 1,1", VD_APPLY_LIVE},
    {"zones=a: 0,0 1,0 1,1", VD_APPLY_LIVE},
    {"name=x", VD_APPLY_LIVE},
    {"analysis-width=320", VD_APPLY_ANALYSIS},
    {"analysis=no\nstream-fps=14", VD_APPLY_ANALYSIS},
    {"password=x", VD_APPLY_RECONNECT},
    {"transport=tcp\nanalysis=no", VD_APPLY_RECONNECT},
};
/* clang-format on */

static void a_change_is_as_strong_as_its_strongest_option(void)
{
    g_autoptr(VdConfig) old = parse(CAMERA);

    for (gsize i = 0; i < G_N_ELEMENTS(changes); i++) {
        g_autofree char *text = g_strconcat(CAMERA, changes[i].line, NULL);
        g_autoptr(VdConfig) now = parse(text);

        g_assert_cmpint(vd_camera_config_compare(old->cameras->pdata[0], now->cameras->pdata[0]),
                        ==, changes[i].apply);
        g_assert_cmpint(vd_config_compare_daemon(old, now), ==, VD_APPLY_NOTHING);
    }
    g_autoptr(VdConfig) level = parse("[vedette]\nlog-level=debug\n");
    g_autoptr(VdConfig) listen = parse("[vedette]\nlisten=[::1]:80\n");
    g_assert_cmpint(vd_config_compare_daemon(old, level), ==, VD_APPLY_LIVE);
    g_assert_cmpint(vd_config_compare_daemon(level, listen), ==, VD_APPLY_RESTART);
}

static void cameras_of_the_command_line_make_a_configuration(void)
{
    g_autoptr(GPtrArray) cameras =
        g_ptr_array_new_with_free_func((GDestroyNotify)vd_camera_config_unref);
    g_autoptr(GError) error = NULL;

    g_ptr_array_add(cameras, vd_camera_config_new("b", "test:quiet", NULL));
    g_ptr_array_add(cameras, vd_camera_config_new("a", "test:quiet", NULL));
    g_autoptr(VdConfig) config = vd_config_new(cameras);
    g_assert_true(config->cameras->pdata[0] == cameras->pdata[1]);
    g_assert_null(vd_config_find(config, "c"));
    g_assert_null(vd_camera_config_new("a", "", &error));
    g_assert_error(error, VD_ERROR, VD_ERROR_INVALID);
    g_clear_error(&error);
    g_assert_null(vd_camera_config_new("a b", "test:quiet", &error));
    g_assert_error(error, VD_ERROR, VD_ERROR_INVALID);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(name) g_test_add_func("/config/" #name, name)
    ADD(an_empty_text_gives_the_defaults);
    ADD(a_camera_has_its_options_or_the_defaults_or_the_presets);
    ADD(uris_and_paths_become_uris);
    ADD(secrets_are_not_shown);
    ADD(each_error_says_where_what_and_what_is_allowed);
    ADD(every_error_is_reported);
    ADD(a_nul_byte_is_refused);
    ADD(one_camera_too_many_is_refused);
    ADD(one_webhook_too_many_is_refused);
    ADD(texts_have_longest_lengths);
    ADD(polygons_have_limits);
    ADD(errors_and_files_have_a_limit);
    ADD(a_change_is_as_strong_as_its_strongest_option);
    ADD(cameras_of_the_command_line_make_a_configuration);
    return g_test_run();
}
