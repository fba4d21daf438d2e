#pragma once

#include <glib.h>

/* What stands in docs/ of the source tree, for tests that hold it against the program. */

static inline char *document_path(const char *name)
{
    const char *top = g_getenv("top_srcdir");

    return g_build_filename(top != NULL ? top : ".", "docs", name, NULL);
}

static inline char *document_text(const char *name)
{
    g_autofree char *path = document_path(name);
    g_autoptr(GError) error = NULL;
    char *text = NULL;

    g_file_get_contents(path, &text, NULL, &error);
    g_assert_no_error(error);
    return text;
}

/* A man page's source as people see its letters: "\-" is "-". */
static inline char *man_page_text(const char *name)
{
    g_autofree char *text = document_text(name);
    GString *plain = g_string_new(text);

    g_string_replace(plain, "\\-", "-", 0);
    return g_string_free(plain, FALSE);
}
