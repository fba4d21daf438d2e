#include "base/uri.h"

/* clang-format off */
static const struct { const char *uri, *shown; } uris[] = {
    {"rtsp://10.0.0.7/live", "rtsp://10.0.0.7/live"},
    {"rtsp://admin:secret@10.0.0.7:554/live", "rtsp://***@10.0.0.7:554/live"},
    {"rtsp://admin@10.0.0.7/live", "rtsp://***@10.0.0.7/live"},
    {"rtsp://admin:p@ss/w?rd@10.0.0.7/live", "rtsp://***@10.0.0.7/live"},
    {"http://cam/mjpg?user=a&pwd=b&fps=5", "http://cam/mjpg?user=***&pwd=***&fps=5"},
    {"http://cam/mjpg?fps=5&access_token=b#x", "http://cam/mjpg?fps=5&access_token=***#x"},
    {"rtsp://admin:secret@", "rtsp://***@"},
    {"admin:secret@10.0.0.7", "***@10.0.0.7"},
    {"", ""},
    {"://", "://"},
    {"/srv/clip 1.mp4", "/srv/clip 1.mp4"},
    {"test:moving?seed=1", "test:moving?seed=1"},
    {"test:moving?password=1", "test:moving?password=***"},
    {"rtsp://host/a@b/c", "rtsp://***@b/c"}, /* it could be a password's end */
    {"rtsp://joe:a@b@c@host/x", "rtsp://***@host/x"},
    {"rtsp://joe:a://b@host/x", "rtsp://***@host/x"},
    {"joe:secret://host/x", "***://host/x"},
    {"rtsp://h/user=joe&password=x&channel=1", "rtsp://h/user=***&password=***&channel=1"},
    {"rtsp://h/user=joe_password=x_channel=1.sdp?real", "rtsp://h/user=***?real"},
    {"http://h/x?usr=a;loginpas=b;c=d", "http://h/x?usr=***;loginpas=***;c=d"},
    {"http://h/x?PassWord=A=B&d", "http://h/x?PassWord=***&d"},
    {"http://h/x?u=joe&p=a&fps=1&t=b", "http://h/x?u=***&p=***&fps=1&t=***"},
    {"http://h/x?SID=1&sessionId=2&side=3", "http://h/x?SID=***&sessionId=***&side=3"},
    {"http://h/x?password", "http://h/x?password"},
    {"http://h/x?password=", "http://h/x?password=***"},
    {"http://h/x#auth=1", "http://h/x#auth=***"},
    {"rtsp://joe:p\xc3\xa4ss@h\xc3\xb6st/\xff", "rtsp://***@h\xc3\xb6st/\xff"},
};
/* clang-format on */

static void secrets_are_hidden_in_uris(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(uris); i++) {
        g_autofree char *shown = vd_redact_uri(uris[i].uri);

        g_assert_cmpstr(shown, ==, uris[i].shown);
    }
}

/* clang-format off */
static const struct { const char *text, *shown; } texts[] = {
    {"Could not connect to rtsp://u:p@host/x, nor to \"http://h/?key=1\" (mail a@b.c)",
     "Could not connect to rtsp://***@host/x, nor to \"http://h/?key=***\" (mail a@b.c)"},
    {"rtsp://u:p@a/ http://v:q@b/", "rtsp://***@a/ http://***@b/"},
    {"<rtsp://u:p@a/>", "<rtsp://***@a/>"},
    {"\"rtsp://u:p\"q'<r@a/x\"", "\"rtsp://***@a/x\""}, /* quotes in a password */
    {"'http://h/?pwd=a'b'", "'http://h/?pwd=***"},
    {"nothing here", "nothing here"},
    {"at the end ://", "at the end ://"},
    {"", ""},
};
/* clang-format on */

static void secrets_are_hidden_inside_texts(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autofree char *shown = vd_redact_text(texts[i].text);

        g_assert_cmpstr(shown, ==, texts[i].shown);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/uri/secrets_are_hidden_in_uris", secrets_are_hidden_in_uris);
    g_test_add_func("/uri/secrets_are_hidden_inside_texts", secrets_are_hidden_inside_texts);
    return g_test_run();
}
