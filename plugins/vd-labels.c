#include "plugins/vd-labels.h"

#define WIDEST 16 /* letters' heights */

static void free_text(gpointer data)
{
    vd_text_clear(data);
    g_free(data);
}

void vd_labels_set_size(VdLabels *labels, int size)
{
    vd_labels_clear(labels);
    labels->texts = g_hash_table_new_full(NULL, NULL, NULL, free_text);
    labels->size = size;
}

void vd_labels_clear(VdLabels *labels)
{
    g_clear_pointer(&labels->texts, g_hash_table_unref);
}

bool vd_labels_is_full(const VdLabels *labels)
{
    return labels->texts != NULL && g_hash_table_size(labels->texts) >= VD_LABELS_MOST;
}

const VdText *vd_labels_get(VdLabels *labels, GQuark word, const char *utf8)
{
    if (labels->texts == NULL)
        return NULL;
    VdText *text = g_hash_table_lookup(labels->texts, GUINT_TO_POINTER(word));
    if (text != NULL || vd_labels_is_full(labels))
        return text;
    VdTextStyle style = {
        .size = labels->size, .max_width = WIDEST * labels->size, .max_height = 2 * labels->size};
    text = g_new0(VdText, 1);
    vd_text_set(text, utf8, &style);
    g_hash_table_insert(labels->texts, GUINT_TO_POINTER(word), text);
    return text;
}
