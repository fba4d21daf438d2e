#include "ctl/table.h"

#include <string.h>

#define GAP 2

struct VdCtlTable {
    guint columns;
    char **heads;
    GPtrArray *cells; /* char *, the heads first */
};

VdCtlTable *vd_ctl_table_new(const char *columns)
{
    VdCtlTable *table = g_new0(VdCtlTable, 1);

    table->heads = g_strsplit(columns, "|", -1);
    table->columns = g_strv_length(table->heads);
    table->cells = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < table->columns; i++)
        vd_ctl_table_add(table, table->heads[i] + (table->heads[i][0] == '>' ? 1 : 0));
    return table;
}

void vd_ctl_table_free(VdCtlTable *table)
{
    g_strfreev(table->heads);
    g_ptr_array_unref(table->cells);
    g_free(table);
}

void vd_ctl_table_add(VdCtlTable *table, const char *text)
{
    g_ptr_array_add(table->cells, vd_ctl_plain(text != NULL ? text : "-"));
}

void vd_ctl_table_addf(VdCtlTable *table, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    g_autofree char *text = g_strdup_vprintf(format, args);
    va_end(args);
    vd_ctl_table_add(table, text);
}

static guint width_of(const VdCtlTable *table, guint column)
{
    guint width = 0;

    for (guint i = column; i < table->cells->len; i += table->columns)
        width = MAX(width, (guint)g_utf8_strlen(table->cells->pdata[i], -1));
    return width;
}

static void append_blanks(GString *line, guint count)
{
    g_string_append_printf(line, "%*s", (int)count, "");
}

static void append_cell(const VdCtlTable *table, GString *line, guint at)
{
    guint column = at % table->columns;
    const char *text = table->cells->pdata[at];
    guint blanks = width_of(table, column) - (guint)g_utf8_strlen(text, -1);
    bool right = table->heads[column][0] == '>';

    if (right)
        append_blanks(line, blanks);
    g_string_append(line, text);
    if (column + 1 < table->columns)
        append_blanks(line, (right ? 0 : blanks) + GAP);
}

static void cut(GString *line, guint most)
{
    while (line->len > 0 && line->str[line->len - 1] == ' ')
        g_string_truncate(line, line->len - 1);
    if (most > 0 && g_utf8_strlen(line->str, -1) > (glong)most)
        g_string_truncate(line, (gsize)(g_utf8_offset_to_pointer(line->str, most) - line->str));
}

char *vd_ctl_table_text(const VdCtlTable *table, guint most)
{
    GString *text = g_string_new(NULL);

    for (guint i = 0; i + table->columns <= table->cells->len; i += table->columns) {
        g_autoptr(GString) line = g_string_new(NULL);

        for (guint j = 0; j < table->columns; j++)
            append_cell(table, line, i + j);
        cut(line, most);
        g_string_append_printf(text, "%s\n", line->str);
    }
    return g_string_free(text, FALSE);
}

void vd_ctl_table_print(const VdCtlTable *table)
{
    g_autofree char *text = vd_ctl_table_text(table, 0);

    fputs(text, stdout);
}
