#include "plugins/vd-text.h"

#include <fontconfig/fontconfig.h>
#include <pango/pangocairo.h>
#include <string.h>

#define FONT "DejaVu Sans, Sans"
/* Of a name or a card: more than any picture has room for. */
#define LONGEST_TEXT     1024

#define CLOCK_CHARACTERS "0123456789-:. "

struct VdClockFace {
    VdText characters[sizeof CLOCK_CHARACTERS - 1];
    int advance[sizeof CLOCK_CHARACTERS - 1];
    int height, size;
    guint refs; /* [fonts] */
};

/*
 * One map of fonts for the process: finding them costs tens of milliseconds, on a cold cache
 * seconds, and they take memory. Pango and cairo let one thread use it at a time.
 */
G_LOCK_DEFINE_STATIC(fonts);
static PangoFontMap *font_map; /* [fonts] (nullable) not needed yet */
static GHashTable *faces;      /* [fonts] (nullable) size -> VdClockFace, those in use */

/* --- rasterising ----------------------------------------------------------------------------- */

/* [fonts] Pango ends the process when there is no font at all. */
static bool fonts_exist(void)
{
    const FcFontSet *fonts = FcInit() ? FcConfigGetFonts(NULL, FcSetSystem) : NULL;

    return fonts != NULL && fonts->nfont > 0;
}

static int edge_of(int size)
{
    return size / 16 + 1;
}

/* [fonts] */
static PangoLayout *make_layout(const VdTextStyle *style)
{
    if (font_map == NULL)
        font_map = pango_cairo_font_map_new();
    PangoContext *context = pango_font_map_create_context(font_map);
    PangoLayout *layout = pango_layout_new(context);
    PangoFontDescription *font = pango_font_description_from_string(FONT);
    int edges = 2 * edge_of(style->size);

    pango_font_description_set_absolute_size(font, (double)style->size * PANGO_SCALE);
    pango_layout_set_font_description(layout, font);
    if (style->max_width > 0)
        pango_layout_set_width(layout, MAX(style->max_width - edges, 1) * PANGO_SCALE);
    pango_layout_set_ellipsize(layout, PANGO_ELLIPSIZE_END);
    pango_layout_set_single_paragraph_mode(layout, !style->paragraph);
    if (style->paragraph) {
        pango_layout_set_alignment(layout, PANGO_ALIGN_CENTER);
        pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR);
        pango_layout_set_height(layout, MAX(style->max_height - edges, 1) * PANGO_SCALE);
    }
    pango_font_description_free(font);
    g_object_unref(context);
    return layout;
}

static cairo_surface_t *raster(PangoLayout *layout, const VdText *text, int left, int edge)
{
    cairo_surface_t *surface =
        cairo_image_surface_create(CAIRO_FORMAT_A8, text->width, text->height);
    cairo_t *cairo = cairo_create(surface);

    cairo_move_to(cairo, edge - left, edge);
    pango_cairo_show_layout(cairo, layout);
    cairo_destroy(cairo);
    cairo_surface_flush(surface);
    return surface;
}

/* The letters again and again, each time a little aside. */
static cairo_surface_t *outline(const VdText *text, int edge)
{
    cairo_surface_t *surface =
        cairo_image_surface_create(CAIRO_FORMAT_A8, text->width, text->height);
    cairo_t *cairo = cairo_create(surface);

    for (int y = -edge; y <= edge; y++) {
        for (int x = -edge; x <= edge; x++)
            cairo_mask_surface(cairo, text->light, x, y);
    }
    cairo_destroy(cairo);
    cairo_surface_flush(surface);
    return surface;
}

/* [fonts] */
static void raster_both(VdText *text, PangoLayout *layout, const char *utf8, int size)
{
    g_autofree char *valid = g_utf8_make_valid(utf8, (gssize)strnlen(utf8, LONGEST_TEXT));
    PangoRectangle box;
    int edge = edge_of(size);

    pango_layout_set_text(layout, valid, -1);
    pango_layout_get_pixel_extents(layout, NULL, &box);
    text->width = MIN(box.width, VDK_MAX_SIZE) + 2 * edge;
    text->height = MIN(box.height, VDK_MAX_SIZE) + 2 * edge;
    text->light = raster(layout, text, box.x, edge);
    text->dark = outline(text, edge);
    if (cairo_surface_status(text->light) != CAIRO_STATUS_SUCCESS ||
        cairo_surface_status(text->dark) != CAIRO_STATUS_SUCCESS)
        vd_text_clear(text);
}

void vd_text_set(VdText *text, const char *utf8, const VdTextStyle *style)
{
    vd_text_clear(text);
    if (utf8 == NULL || *utf8 == '\0')
        return;
    G_LOCK(fonts);
    if (fonts_exist()) {
        PangoLayout *layout = make_layout(style);
        raster_both(text, layout, utf8, style->size);
        g_object_unref(layout);
    }
    G_UNLOCK(fonts);
}

void vd_text_clear(VdText *text)
{
    g_clear_pointer(&text->light, cairo_surface_destroy);
    g_clear_pointer(&text->dark, cairo_surface_destroy);
    text->width = text->height = 0;
}

/* --- drawing --------------------------------------------------------------------------------- */

static VdkPlane alpha_of(cairo_surface_t *surface)
{
    return (VdkPlane){
        .data = cairo_image_surface_get_data(surface),
        .width = cairo_image_surface_get_width(surface),
        .height = cairo_image_surface_get_height(surface),
        .pitch = cairo_image_surface_get_stride(surface),
    };
}

static VdkColour dark_on(const VdCanvas *canvas)
{
    return (VdkColour){canvas->full_range ? 0 : 16, 128, 128};
}

static VdkColour light_on(const VdCanvas *canvas)
{
    return (VdkColour){canvas->full_range ? 255 : 235, 128, 128};
}

/* Answers how many there are then: an empty surface adds nothing. */
static size_t add_blit(VdkBlit *blits, size_t n, cairo_surface_t *surface, int x, int y,
                       VdkColour colour)
{
    if (surface == NULL)
        return n;
    blits[n] = (VdkBlit){alpha_of(surface), x, y, colour};
    return n + 1;
}

int vd_text_draw(const VdText *text, const VdCanvas *canvas, int x, int y)
{
    VdkBlit blits[2];
    size_t n = add_blit(blits, 0, text->dark, x, y, dark_on(canvas));

    n = add_blit(blits, n, text->light, x, y, light_on(canvas));
    return canvas->engine->ops->blend(canvas->engine, canvas->image, blits, n);
}

/* --- a clock --------------------------------------------------------------------------------- */

/* [fonts] */
static VdClockFace *make_face(int size)
{
    VdTextStyle style = {.size = size};
    VdClockFace *face = g_new0(VdClockFace, 1);
    PangoLayout *layout = make_layout(&style);
    int digit = 0;

    face->size = size;
    for (size_t i = 0; i < G_N_ELEMENTS(face->characters); i++) {
        char character[2] = {CLOCK_CHARACTERS[i], '\0'};
        VdText *text = &face->characters[i];

        raster_both(text, layout, character, size);
        face->advance[i] = MAX(text->width - 2 * edge_of(size), 0);
        face->height = MAX(face->height, text->height);
        if (g_ascii_isdigit(*character))
            digit = MAX(digit, face->advance[i]);
    }
    g_object_unref(layout);
    for (size_t i = 0; i < 10; i++)
        face->advance[i] = digit;
    return face;
}

/* [fonts] */
static VdClockFace *find_or_make_face(int size)
{
    if (faces == NULL)
        faces = g_hash_table_new(NULL, NULL);
    VdClockFace *face = g_hash_table_lookup(faces, GINT_TO_POINTER(size));
    if (face == NULL && fonts_exist()) {
        face = make_face(size);
        g_hash_table_insert(faces, GINT_TO_POINTER(size), face);
    }
    return face;
}

VdClockFace *vd_clock_face_get(int size)
{
    G_LOCK(fonts);
    VdClockFace *face = find_or_make_face(size);
    if (face != NULL)
        face->refs++;
    G_UNLOCK(fonts);
    return face;
}

void vd_clock_face_unref(VdClockFace *face)
{
    if (face == NULL)
        return;
    G_LOCK(fonts);
    bool last = --face->refs == 0;
    if (last)
        g_hash_table_remove(faces, GINT_TO_POINTER(face->size));
    G_UNLOCK(fonts);
    for (size_t i = 0; last && i < G_N_ELEMENTS(face->characters); i++)
        vd_text_clear(&face->characters[i]);
    if (last)
        g_free(face);
}

/* -1: the face has no such character. */
static int index_of(char character)
{
    const char *at = strchr(CLOCK_CHARACTERS, character);

    return at != NULL && character != '\0' ? (int)(at - CLOCK_CHARACTERS) : -1;
}

int vd_clock_face_height(const VdClockFace *face)
{
    return face != NULL ? face->height : 0;
}

int vd_clock_face_width(const VdClockFace *face, const char *text)
{
    int width = 0;

    for (; face != NULL && *text != '\0'; text++) {
        int i = index_of(*text);

        width += i >= 0 ? face->advance[i] : 0;
    }
    return width;
}

static int keep(cairo_surface_t *surface, VdEngine *engine)
{
    if (surface == NULL)
        return 0;
    VdkPlane alpha = alpha_of(surface);
    return engine->ops->keep(engine, alpha.data, (size_t)alpha.pitch * (size_t)alpha.height);
}

int vd_clock_face_keep(const VdClockFace *face, VdEngine *engine)
{
    int error = 0;

    for (size_t i = 0; face != NULL && i < G_N_ELEMENTS(face->characters) && error == 0; i++) {
        error = keep(face->characters[i].dark, engine);
        if (error == 0)
            error = keep(face->characters[i].light, engine);
    }
    return error;
}

int vd_clock_face_draw(const VdClockFace *face, const char *text, const VdCanvas *canvas, int x,
                       int y)
{
    const VdkColour colours[] = {dark_on(canvas), light_on(canvas)};
    VdkBlit blits[2 * VD_CLOCK_LONGEST];
    size_t n = 0;

    /* All that is dark first: it reaches into its neighbours. */
    for (size_t layer = 0; layer < G_N_ELEMENTS(colours); layer++) {
        int at = x;

        for (size_t c = 0; c < VD_CLOCK_LONGEST && text[c] != '\0'; c++) {
            int i = index_of(text[c]);

            if (i < 0)
                continue;
            const VdText *character = &face->characters[i];
            n = add_blit(blits, n, layer == 0 ? character->dark : character->light, at, y,
                         colours[layer]);
            at += face->advance[i];
        }
    }
    return canvas->engine->ops->blend(canvas->engine, canvas->image, blits, n);
}
