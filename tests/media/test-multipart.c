#include "media/multipart.h"

#include "base/limits.h"

#include <string.h>

/* A JPEG as the reader sees it: SOI, a comment that holds an end marker, a scan with a stuffed byte
 * and a restart marker, EOI. The comment's last byte tells one from the other. */
#define PICTURE(c)                     \
    "\xff\xd8\xff\xfe\x00\x06\xff\xd9" \
    "-" c "\xff\xda\x00\x02--\xff\x00\xff\xd0\r\n--b\r\xff\xd9"
#define P1          PICTURE("1")
#define P2          PICTURE("2")
#define LENGTH_OF_P "28"
G_STATIC_ASSERT(sizeof(P1) - 1 == 28);

typedef struct Row {
    const char *name;
    const char *type;
    const char *body;
    gsize length;
    const char *pictures; /* the numbers in the parts that came, in order; x for another part */
} Row;

#define ROW(name, type, body, pictures)              \
    {                                                \
        name, type, body, sizeof(body) - 1, pictures \
    }
#define TYPE "multipart/x-mixed-replace; boundary=b"
#define H    "Content-Type: image/jpeg\r\n"

static const Row rows[] = {
    ROW("as it should be", TYPE,
        "--b\r\n" H "Content-Length: " LENGTH_OF_P "\r\n\r\n" P1 "\r\n--b\r\n" H
        "Content-Length: " LENGTH_OF_P "\r\n\r\n" P2 "\r\n",
        "12"),
    ROW("no length", TYPE, "--b\r\n" H "\r\n" P1 "\r\n--b\r\n" H "\r\n" P2 "\r\n--b\r\n", "12"),
    ROW("the end of a picture is enough", TYPE, "--b\r\n" H "\r\n" P1 "\r\n--b\r\n" H "\r\n" P2,
        "12"),
    ROW("a blank line first", TYPE, "\r\n--b\r\n" H "\r\n" P1 "\r\n\r\n--b\r\n" H "\r\n" P2, "12"),
    ROW("garbage first", TYPE, "hello\r\nnothing: here\r\n\r\n--b\r\n" H "\r\n" P1, "1"),
    ROW("binary garbage first", TYPE, "\x01\x80\xff\n\x00--\n--b\r\n" H "\r\n" P1, "1"),
    ROW("no first boundary", TYPE, H "\r\n" P1 "\r\n--b\r\n" H "\r\n" P2, "12"),
    ROW("no first boundary but a length", TYPE,
        "content-length: " LENGTH_OF_P "\r\n\r\n" P1 "\r\n--b\r\n" H "\r\n" P2, "12"),
    ROW("announced with dashes", "multipart/x-mixed-replace;boundary=--b",
        "--b\r\n" H "\r\n" P1 "\r\n--b\r\n" H "\r\n" P2, "12"),
    ROW("announced with dashes and more of them", "multipart/x-mixed-replace;boundary=--b",
        "----b\r\n" H "\r\n" P1 "\r\n----b\r\n" H "\r\n" P2, "12"),
    ROW("quoted", "Multipart/x-mixed-replace; Boundary = \"b\"; x=y", "--b\r\n" H "\r\n" P1, "1"),
    ROW("quoted with a blank", "multipart/x-mixed-replace; boundary=\"b c\"",
        "--b c\r\n" H "\r\n" P1, "1"),
    ROW("another boundary than announced", "multipart/x-mixed-replace; boundary=foo",
        "--bar\r\n" H "\r\n" P1 "\r\n--bar\r\n" H "\r\n" P2, "12"),
    ROW("a wrong type without a boundary", "application/octet-stream",
        "\r\n--bar\r\n" H "\r\n" P1 "\r\n--bar\r\n" H "\r\n" P2, "12"),
    ROW("no type at all", NULL, "--bar\r\n" H "\r\n" P1 "\r\n--bar\r\n" H "\r\n" P2, "12"),
    ROW("LF only", TYPE,
        "--b\ncontent-type: image/jpeg\nCONTENT-LENGTH:" LENGTH_OF_P "\n\n" P1
        "\n--b\nContent-type: image/jpeg\n\n" P2,
        "12"),
    ROW("folded headers", TYPE,
        "--b\r\nContent-Type:\r\n image/jpeg\r\nX: a\r\n\tb\r\n\r\n" P1 "\r\n--b\r\n" H "\r\n" P2,
        "12"),
    ROW("a blank before the length's end", TYPE,
        "--b\r\nContent-Length:   " LENGTH_OF_P " \t \r\n\r\n" P1 "\r\n", "1"),
    ROW("a length that is too small", TYPE,
        "--b\r\nContent-Length: 12\r\n\r\n" P1 "\r\n--b\r\n" H "\r\n" P2, "12"),
    ROW("a length that is too large", TYPE,
        "--b\r\nContent-Length: 45\r\n\r\n" P1 "\r\n--b\r\n" H "\r\n" P2 "\r\n--b\r\n", "12"),
    ROW("a length that is none", TYPE,
        "--b\r\nContent-Length: many\r\n\r\n" P1 "\r\n--b\r\nContent-Length:\r\n\r\n" P2, "12"),
    ROW("a negative length", TYPE, "--b\r\nContent-Length: -28\r\n\r\n" P1, "1"),
    ROW("length nought", TYPE, "--b\r\nContent-Length: 0\r\n\r\n\r\n--b\r\n" H "\r\n" P2, "2"),
    ROW("a blank line too many", TYPE,
        "--b\r\nContent-Length: " LENGTH_OF_P "\r\n\r\n\r\n" P1 "\r\n--b\r\n" H "\r\n" P2, "12"),
    ROW("no headers", TYPE, "--b\r\n\r\n" P1 "\r\n--b\r\n\r\n" P2, "12"),
    ROW("a blank line before the headers", TYPE,
        "--b\r\n\r\n" H "\r\n" P1 "\r\n--b\r\n\r\ncontent-length: " LENGTH_OF_P "\r\n\r\n" P2,
        "12"),
    ROW("a part without anything", TYPE, "--b\r\n\r\n--b\r\n" H "\r\n" P1, "1"),
    ROW("a text between", TYPE,
        "--b\r\n" H "\r\n" P1 "\r\n--b\r\nContent-Type: text/plain\r\n\r\nalarm\r\n--b\r\n" H
        "\r\n" P2,
        "1x2"),
    ROW("a text with its length between", TYPE,
        "--b\r\nContent-Length: 5\r\n\r\nalarm\r\n--b\r\n" H "\r\n" P2, "x2"),
    ROW("a picture that was cut", TYPE, "--b\r\n" H "\r\n\xff\xd8\xff\xfe\r\n--b\r\n" H "\r\n" P2,
        "x2"),
    ROW("the closing boundary", TYPE,
        "--b\r\n" H "\r\n" P1 "\r\n--b--\r\n--b\r\n" H "\r\n" P2 "\r\n", "1"),
    ROW("a longer word is no boundary", TYPE, "--bc\r\n--b\r\n" H "\r\n" P1, "1"),
};

static void note(const guint8 *body, gsize length, void *data)
{
    bool picture = length == sizeof(P1) - 1 && body[0] == 0xff && body[8] == '-';

    g_string_append_c(data, picture ? (char)body[9] : 'x');
}

/* Feeds the row in pieces of `piece` bytes, after a first one of `first`. */
static void check(const Row *row, gsize first, gsize piece)
{
    g_autoptr(GString) got = g_string_new(NULL);
    VdMultipart *multipart = vd_multipart_new(row->type, note, got);
    g_autoptr(GError) error = NULL;

    for (gsize at = 0; at < row->length;) {
        gsize take = MIN(at == 0 && first > 0 ? first : piece, row->length - at);
        /* a copy of its own size, so that reading beyond it is seen */
        g_autofree guint8 *bytes = g_memdup2(row->body + at, take);

        g_assert_true(vd_multipart_feed(multipart, bytes, take, &error));
        at += take;
    }
    if (!g_str_equal(got->str, row->pictures))
        g_error("%s, %zu then %zu: \"%s\" came, not \"%s\"", row->name, first, piece, got->str,
                row->pictures);
    vd_multipart_free(multipart);
}

static void cameras_ways_are_understood_whole(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
        check(&rows[i], 0, rows[i].length);
}

static void cameras_ways_are_understood_byte_by_byte(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
        check(&rows[i], 0, 1);
}

static void cameras_ways_are_understood_split_anywhere(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
        for (gsize first = 1; first < rows[i].length; first++)
            check(&rows[i], first, rows[i].length);
}

static void a_picture_comes_with_its_last_byte(void)
{
    const char *body = "--b\r\n" H "\r\n" P1;
    gsize length = strlen("--b\r\n" H "\r\n") + sizeof(P1) - 1;
    g_autoptr(GString) got = g_string_new(NULL);
    VdMultipart *multipart = vd_multipart_new(TYPE, note, got);

    g_assert_true(vd_multipart_feed(multipart, (const guint8 *)body, length - 1, NULL));
    g_assert_cmpstr(got->str, ==, "");
    g_assert_true(vd_multipart_feed(multipart, (const guint8 *)body + length - 1, 1, NULL));
    g_assert_cmpstr(got->str, ==, "1");
    vd_multipart_free(multipart);
}

static bool feed_text(VdMultipart *multipart, const char *text, GError **error)
{
    return vd_multipart_feed(multipart, (const guint8 *)text, strlen(text), error);
}

static void a_length_over_the_limit_is_refused(void)
{
    g_autoptr(GString) got = g_string_new(NULL);
    g_autoptr(GError) error = NULL;
    g_autofree char *most = g_strdup_printf("--b\r\nContent-Length: %d\r\n\r\n", VD_MAX_PART);
    g_autofree char *over = g_strdup_printf("--b\r\nContent-Length: %d\r\n\r\n", VD_MAX_PART + 1);
    VdMultipart *multipart = vd_multipart_new(TYPE, note, got);

    g_assert_true(feed_text(multipart, most, &error));
    vd_multipart_free(multipart);
    multipart = vd_multipart_new(TYPE, note, got);
    g_assert_false(feed_text(multipart, over, &error));
    g_assert_cmpstr(error->message, ==, "a picture is said to have more than 16 MB");
    vd_multipart_free(multipart);
}

static void a_body_over_the_limit_is_refused(void)
{
    g_autoptr(GString) got = g_string_new(NULL);
    g_autoptr(GError) error = NULL;
    g_autofree guint8 *block = g_malloc0(1024 * 1024);
    VdMultipart *multipart = vd_multipart_new(TYPE, note, got);
    guint fed = 0;

    g_assert_true(feed_text(multipart, "--b\r\n\r\n", &error));
    while (fed < 64 && vd_multipart_feed(multipart, block, 1024 * 1024, &error))
        fed++;
    g_assert_cmpuint(fed, ==, VD_MAX_PART / 1024 / 1024);
    g_assert_cmpstr(error->message, ==, "a picture has more than 16 MB");
    vd_multipart_free(multipart);
}

static void endless_headers_are_refused(void)
{
    g_autoptr(GString) got = g_string_new(NULL);
    g_autoptr(GError) error = NULL;
    VdMultipart *multipart = vd_multipart_new(TYPE, note, got);
    guint fed = 0;

    g_assert_true(feed_text(multipart, "--b\r\n", &error));
    while (fed < 100000 && feed_text(multipart, "X-Header: and so on\r\n", &error))
        fed++;
    g_assert_cmpuint(fed, <, 2000);
    g_assert_nonnull(error);
    vd_multipart_free(multipart);
}

static void the_end_is_told(void)
{
    g_autoptr(GString) got = g_string_new(NULL);
    VdMultipart *multipart = vd_multipart_new(TYPE, note, got);

    g_assert_true(feed_text(multipart, "--b\r\n\r\nx\r\n--b\r\n", NULL));
    g_assert_false(vd_multipart_ended(multipart));
    g_assert_true(feed_text(multipart, "\r\ny\r\n--b--\r\n", NULL));
    g_assert_true(vd_multipart_ended(multipart));
    g_assert_cmpstr(got->str, ==, "xx");
    vd_multipart_free(multipart);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(name) g_test_add_func("/multipart/" #name, name)
    ADD(cameras_ways_are_understood_whole);
    ADD(cameras_ways_are_understood_byte_by_byte);
    ADD(cameras_ways_are_understood_split_anywhere);
    ADD(a_picture_comes_with_its_last_byte);
    ADD(a_length_over_the_limit_is_refused);
    ADD(a_body_over_the_limit_is_refused);
    ADD(endless_headers_are_refused);
    ADD(the_end_is_told);
    return g_test_run();
}
