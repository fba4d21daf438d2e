#include <gst/gst.h>
#include <stdio.h>
#include <stdlib.h>

#include "plugins/vd-messages.h"

/*
 * bench-detection CLIP TRUTH WIDTH HEIGHT FPS "PROPERTIES OF VDDETECT" [motion]
 *
 * Plays the clip through vddetect, every frame, and prints the average precision (AP50, of all
 * points) of its persons against MOTChallenge boxes, and what a run of the model costs.
 */
typedef struct Rectangle {
    double left, top, right, bottom;
} Rectangle;

typedef struct Truth {
    int frame;
    Rectangle box;
    gboolean found;
} Truth;

typedef struct Guess {
    int frame;
    Rectangle box;
    int score;
    gboolean right;
} Guess;

typedef struct Bench {
    GArray *truths, *guesses; /* Truth, Guess */
    double width, height, fps;
    guint64 looks, runs, cost_us;
} Bench;

/* --- what there is ---------------------------------------------------------------------------- */

static void read_truths(Bench *bench, const char *path)
{
    FILE *file = fopen(path, "re");
    Truth truth = {0};
    double width, height;

    if (file == NULL) {
        perror(path);
        exit(2);
    }
    while (fscanf(file, "%d,%*d,%lf,%lf,%lf,%lf%*[^\n]", &truth.frame, &truth.box.left,
                  &truth.box.top, &width, &height) == 5) {
        truth.frame--; /* they count from 1 */
        truth.box.right = truth.box.left + width;
        truth.box.bottom = truth.box.top + height;
        g_array_append_val(bench->truths, truth);
    }
    fclose(file);
}

/* --- what is found ---------------------------------------------------------------------------- */

static void take_objects(Bench *bench, int frame, GBytes *bytes)
{
    gsize size;
    const VdObject *objects = g_bytes_get_data(bytes, &size);

    for (gsize i = 0; i < size / sizeof *objects; i++) {
        const VdObject *object = &objects[i];
        double x = object->x * bench->width / 65536, y = object->y * bench->height / 65536;
        Guess guess = {frame,
                       {x, y, x + object->width * bench->width / 65536,
                        y + object->height * bench->height / 65536},
                       object->score,
                       FALSE};

        g_array_append_val(bench->guesses, guess);
    }
}

static GstBusSyncReply on_message(GstBus *bus, GstMessage *message, gpointer data)
{
    Bench *bench = data;
    g_autoptr(GBytes) objects = NULL;
    guint64 pts, cost_us;
    guint runs;

    if (!gst_message_has_name(message, VD_DETECT_MESSAGE))
        return GST_BUS_PASS;
    gst_structure_get(gst_message_get_structure(message), VD_DETECT_PTS, G_TYPE_UINT64, &pts,
                      VD_DETECT_RUNS, G_TYPE_UINT, &runs, VD_DETECT_COST, G_TYPE_UINT64, &cost_us,
                      VD_DETECT_OBJECTS, G_TYPE_BYTES, &objects, NULL);
    bench->looks++;
    bench->runs += runs;
    bench->cost_us += cost_us;
    take_objects(bench, (int)((double)pts * bench->fps / GST_SECOND + 0.5), objects);
    gst_message_unref(message);
    return GST_BUS_DROP;
}

static void play(Bench *bench, const char *clip, const char *properties, gboolean motion)
{
    g_autofree char *line = g_strdup_printf(
        "filesrc location=\"%s\" ! decodebin ! %s vddetect detect-fps=60 wait=true classes=person "
        "min-score=0.02 %s ! fakesink sync=false",
        clip, motion ? "vdmotion !" : "", properties);
    g_autoptr(GError) error = NULL;
    g_autoptr(GstElement) pipeline = gst_parse_launch(line, &error);

    if (error != NULL) {
        fprintf(stderr, "%s\n", error->message);
        exit(2);
    }
    g_autoptr(GstBus) bus = gst_element_get_bus(pipeline);
    gst_bus_set_sync_handler(bus, on_message, bench, NULL);
    gst_element_set_state(pipeline, GST_STATE_PLAYING);
    g_autoptr(GstMessage) message = gst_bus_timed_pop_filtered(
        bus, GST_CLOCK_TIME_NONE, GST_MESSAGE_EOS | GST_MESSAGE_ERROR | GST_MESSAGE_WARNING);
    if (GST_MESSAGE_TYPE(message) != GST_MESSAGE_EOS) {
        gst_message_parse_warning(message, &error, NULL);
        fprintf(stderr, "%s\n", error != NULL ? error->message : "the clip cannot be played");
        exit(2);
    }
    gst_element_set_state(pipeline, GST_STATE_NULL);
}

/* --- how good that is ------------------------------------------------------------------------- */

static double area(const Rectangle *box)
{
    return (box->right - box->left) * (box->bottom - box->top);
}

static double overlap(const Rectangle *a, const Rectangle *b)
{
    double width = MIN(a->right, b->right) - MAX(a->left, b->left);
    double height = MIN(a->bottom, b->bottom) - MAX(a->top, b->top);

    return width <= 0 || height <= 0 ? 0 : width * height / (area(a) + area(b) - width * height);
}

static Truth *match(Bench *bench, const Guess *guess)
{
    Truth *best = NULL;
    double most = 0.5;

    for (guint i = 0; i < bench->truths->len; i++) {
        Truth *truth = &g_array_index(bench->truths, Truth, i);
        double shared =
            truth->frame == guess->frame && !truth->found ? overlap(&truth->box, &guess->box) : 0;

        if (shared >= most) {
            most = shared;
            best = truth;
        }
    }
    return best;
}

static int by_score(gconstpointer a, gconstpointer b)
{
    return ((const Guess *)b)->score - ((const Guess *)a)->score;
}

/* The area under the precision that a recall can have at best. */
static double average_precision(Bench *bench, double *recall)
{
    guint n = bench->guesses->len, hits = 0;
    double *precision = g_new0(double, n + 1);
    double sum = 0, best = 0;

    g_array_sort(bench->guesses, by_score);
    for (guint i = 0; i < n; i++) {
        Guess *guess = &g_array_index(bench->guesses, Guess, i);
        Truth *truth = match(bench, guess);

        if (truth != NULL)
            truth->found = guess->right = TRUE;
        hits += truth != NULL;
        precision[i] = hits / (i + 1.0);
    }
    for (guint i = n; i-- > 0;) {
        best = MAX(best, precision[i]);
        sum += g_array_index(bench->guesses, Guess, i).right ? best : 0;
    }
    g_free(precision);
    *recall = (double)hits / bench->truths->len;
    return sum / bench->truths->len;
}

int main(int argc, char **argv)
{
    Bench bench = {.truths = g_array_new(FALSE, FALSE, sizeof(Truth)),
                   .guesses = g_array_new(FALSE, FALSE, sizeof(Guess))};
    double recall;

    gst_init(&argc, &argv);
    if (argc < 7) {
        fprintf(stderr, "bench-detection CLIP TRUTH WIDTH HEIGHT FPS PROPERTIES [motion]\n");
        return 2;
    }
    bench.width = g_ascii_strtod(argv[3], NULL);
    bench.height = g_ascii_strtod(argv[4], NULL);
    bench.fps = g_ascii_strtod(argv[5], NULL);
    read_truths(&bench, argv[2]);
    play(&bench, argv[1], argv[6], argc > 7);
    double precision = average_precision(&bench, &recall);
    printf("%.3f %.3f %" G_GUINT64_FORMAT " %.2f %.1f %.1f\n", precision, recall, bench.looks,
           (double)bench.runs / (double)MAX(bench.looks, 1),
           (double)bench.cost_us / 1000 / (double)MAX(bench.runs, 1),
           (double)bench.cost_us / 1000 / (double)MAX(bench.looks, 1));
    g_array_unref(bench.truths);
    g_array_unref(bench.guesses);
    return 0;
}
