#include "onnx-maker.h"

#include <glib/gstdio.h>
#include <string.h>

/* Protocol buffers, as much of them as a model needs; the numbers are those of onnx.proto. */
enum { VARINT = 0, LENGTH = 2 };

const OnnxEnd small_input = {ONNX_FLOAT, 4, {1, 3, SMALL_HEIGHT, SMALL_WIDTH}};
const OnnxEnd small_output = {ONNX_FLOAT, 3, {1, SMALL_ROWS, SMALL_COLUMNS}};

static void put_varint(GByteArray *to, guint64 value)
{
    do {
        guint8 byte = (value & 0x7f) | (value > 0x7f ? 0x80 : 0);

        g_byte_array_append(to, &byte, 1);
        value >>= 7;
    } while (value > 0);
}

static void put_number(GByteArray *to, guint field, gint64 value)
{
    put_varint(to, field << 3 | VARINT);
    put_varint(to, (guint64)value);
}

static void put_bytes(GByteArray *to, guint field, const void *data, gsize length)
{
    put_varint(to, field << 3 | LENGTH);
    put_varint(to, length);
    g_byte_array_append(to, data, (guint)length);
}

static void put_text(GByteArray *to, guint field, const char *text)
{
    put_bytes(to, field, text, strlen(text));
}

/* Takes `part`. */
static void put_part(GByteArray *to, guint field, GByteArray *part)
{
    put_bytes(to, field, part->data, part->len);
    g_byte_array_unref(part);
}

/* A size below 0 is one that the model leaves open. */
static GByteArray *value_info(const char *name, const OnnxEnd *end)
{
    GByteArray *shape = g_byte_array_new(), *tensor = g_byte_array_new();
    GByteArray *type = g_byte_array_new(), *info = g_byte_array_new();

    for (int i = 0; i < end->n; i++) {
        GByteArray *size = g_byte_array_new();

        if (end->sizes[i] < 0)
            put_text(size, 2, "any");
        else
            put_number(size, 1, end->sizes[i]);
        put_part(shape, 1, size);
    }
    put_number(tensor, 1, end->type);
    put_part(tensor, 2, shape);
    put_part(type, 1, tensor);
    put_text(info, 1, name);
    put_part(info, 2, type);
    return info;
}

static GByteArray *initializer(const OnnxEnd *end, const float *values)
{
    GByteArray *tensor = g_byte_array_new();
    gsize length = end->type == ONNX_FLOAT ? sizeof(float) : 1;

    for (int i = 0; i < end->n; i++) {
        put_number(tensor, 1, ABS(end->sizes[i]));
        length *= (gsize)ABS(end->sizes[i]);
    }
    g_autoptr(GBytes) zeros = g_bytes_new_take(g_malloc0(length), length);
    put_number(tensor, 2, end->type);
    put_text(tensor, 8, "says");
    put_bytes(tensor, 9, values != NULL ? values : g_bytes_get_data(zeros, NULL), length);
    return tensor;
}

/* The operator's one input and its output. */
static GByteArray *node(const char *kind, const char *input, const char *output)
{
    GByteArray *node = g_byte_array_new();

    put_text(node, 1, input);
    put_text(node, 2, output);
    put_text(node, 4, kind);
    return node;
}

/* Takes the node. */
static GByteArray *with_number(GByteArray *node, const char *name, gint64 value)
{
    enum { INT = 2 };
    GByteArray *attribute = g_byte_array_new();

    put_text(attribute, 1, name);
    put_number(attribute, 3, value);
    put_number(attribute, 20, INT);
    put_part(node, 5, attribute);
    return node;
}

/* Of a loop: goes on when it went on, with the same values. */
static GByteArray *body(void)
{
    static const OnnxEnd count = {ONNX_INT64, 0, {0}}, flag = {ONNX_BOOL, 0, {0}};
    GByteArray *graph = g_byte_array_new();

    put_part(graph, 1, node("Identity", "on", "on again"));
    put_part(graph, 1, node("Identity", "values", "values again"));
    put_text(graph, 2, "body");
    put_part(graph, 11, value_info("round", &count));
    put_part(graph, 11, value_info("on", &flag));
    put_part(graph, 11, value_info("values", &small_output));
    put_part(graph, 12, value_info("on again", &flag));
    put_part(graph, 12, value_info("values again", &small_output));
    return graph;
}

static GByteArray *loop(const char *output)
{
    enum { GRAPH = 5 };
    GByteArray *loop = g_byte_array_new(), *attribute = g_byte_array_new();

    put_text(loop, 1, ""); /* as often as it wants */
    put_text(loop, 1, "go on");
    put_text(loop, 1, "says");
    put_text(loop, 2, output);
    put_text(loop, 4, "Loop");
    put_text(attribute, 1, "body");
    put_part(attribute, 6, body());
    put_number(attribute, 20, GRAPH);
    put_part(loop, 5, attribute);
    return loop;
}

/* Takes the graph. */
static GBytes *model_of(GByteArray *graph)
{
    GByteArray *opset = g_byte_array_new(), *model = g_byte_array_new();

    put_number(opset, 2, 13);
    put_number(model, 1, 8);
    put_part(model, 8, opset);
    put_part(model, 7, graph);
    return g_byte_array_free_to_bytes(model);
}

GBytes *onnx_endless_model(const float *values, bool at_all)
{
    GByteArray *graph = g_byte_array_new();

    put_part(
        graph, 1,
        with_number(node("ReduceMax", at_all ? "says" : "images", "brightest"), "keepdims", 0));
    put_part(graph, 1, with_number(node("Cast", "brightest", "go on"), "to", ONNX_BOOL));
    put_part(graph, 1, loop("output"));
    put_text(graph, 2, "test");
    put_part(graph, 5, initializer(&small_output, values));
    put_part(graph, 11, value_info("images", &small_input));
    put_part(graph, 12, value_info("output", &small_output));
    return model_of(graph);
}

GBytes *onnx_model(const OnnxEnd *input, const OnnxEnd *output, const float *values, int more)
{
    GByteArray *graph = g_byte_array_new();

    for (int i = 0; i <= more; i++) {
        g_autofree char *name = g_strdup_printf("output%d", i);

        put_part(graph, 1, node("Identity", "says", name));
        put_part(graph, 12, value_info(name, output));
    }
    put_text(graph, 2, "test");
    put_part(graph, 5, initializer(output, values));
    put_part(graph, 11, value_info("images", input));
    return model_of(graph);
}

char *onnx_file(GBytes *bytes)
{
    g_autoptr(GError) error = NULL;
    char *path = NULL;
    gsize length;
    const char *data = g_bytes_get_data(bytes, &length);
    int fd = g_file_open_tmp("vedette-XXXXXX.onnx", &path, &error);

    g_assert_no_error(error);
    g_assert_true(g_close(fd, NULL));
    g_assert_true(g_file_set_contents(path, data, (gssize)length, &error));
    return path;
}
