#include "ctl/ctl.h"
#include "ctl/table.h"
#include "tests/documents.h"

#include <string.h>

static guint count_of(const char *text, const char *word)
{
    guint count = 0;

    for (; (text = strstr(text, word)) != NULL; text += strlen(word))
        count++;
    return count;
}

static void the_man_page_has_every_command_and_option_and_no_other(void)
{
    g_autofree char *page = man_page_text("vedettectl.1");
    const VdCtlOption *options = vd_ctl_options();
    guint count;
    const VdCtlCommand *commands = vd_ctl_commands(&count);

    for (guint i = 0; i < count; i++) {
        g_autofree char *entry = g_strdup_printf("\n.It Cm %s", commands[i].name);
        g_test_message("%s", commands[i].name);
        g_assert_cmpuint(count_of(page, entry), ==, 1);
    }
    g_assert_cmpuint(count_of(page, "\n.It Cm "), ==, count);
    for (guint i = 0; i < VD_N_CTL_OPTIONS; i++) {
        char letter[] = {'F', 'l', ' ', options[i].letter, ' ', ',', ' ', '\0'};
        g_autofree char *entry =
            g_strdup_printf("\n.It %sFl -%s%s", options[i].letter != 0 ? letter : "",
                            options[i].name, options[i].argument != NULL ? " Ar " : "\n");
        g_test_message("--%s", options[i].name);
        g_assert_cmpuint(count_of(page, entry), ==, 1);
    }
    g_assert_cmpuint(count_of(page, "\n.It Fl "), ==, VD_N_CTL_OPTIONS);
}

/* What bash completes behind "vedettectl COMMAND", words with a blank on each side. */
static char *completed(const char *command, const char *begun)
{
    static const char script[] =
        "source \"$0\"; COMP_WORDS=(vedettectl $1 \"$2\"); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); "
        "_vedettectl; echo \" ${COMPREPLY[*]} \"";
    const char *top = g_getenv("top_srcdir");
    g_autofree char *file =
        g_build_filename(top != NULL ? top : ".", "src", "ctl", "vedettectl", NULL);
    const char *call[] = {"bash", "-c", script, file, command, begun, NULL};
    g_autoptr(GError) error = NULL;
    char *out = NULL;

    g_spawn_sync(NULL, (char **)call, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &out, NULL, NULL,
                 &error);
    g_assert_no_error(error);
    return out;
}

static void the_completion_knows_each_commands_options(void)
{
    const VdCtlOption *options = vd_ctl_options();
    guint count;
    const VdCtlCommand *commands = vd_ctl_commands(&count);
    g_autofree char *all = completed("", "");
    g_autofree char *bash = g_find_program_in_path("bash");

    if (bash == NULL) {
        g_test_skip("no bash");
        return;
    }
    for (guint i = 0; i < count; i++) {
        g_autofree char *out = completed(commands[i].name, "-");
        g_autofree char *first = g_strndup(commands[i].name, strcspn(commands[i].name, " "));
        g_autofree char *name = g_strdup_printf(" %s ", first);

        g_test_message("%s: %s", commands[i].name, out);
        g_assert_nonnull(strstr(all, name));
        for (guint j = 0; j < VD_N_CTL_OPTIONS; j++) {
            g_autofree char *word = g_strdup_printf(" --%s ", options[j].name);
            bool takes = ((commands[i].options | VD_CTL_GENERAL) & 1u << j) != 0;
            g_assert_cmpint(strstr(out, word) != NULL, ==, takes);
        }
    }
}

static void columns_are_as_wide_as_what_is_in_them(void)
{
    g_autoptr(VdCtlTable) table = vd_ctl_table_new("A|>N");

    vd_ctl_table_add(table, "größer");
    vd_ctl_table_add(table, "7");
    vd_ctl_table_add(table, NULL);
    vd_ctl_table_addf(table, "%d", 1234);
    g_autofree char *text = vd_ctl_table_text(table, 0);
    g_autofree char *narrow = vd_ctl_table_text(table, 3);
    g_assert_cmpstr(text, ==, "A          N\ngrößer     7\n-       1234\n");
    g_assert_cmpstr(narrow, ==, "A  \ngrö\n-  \n");
}

static void a_terminal_is_given_no_orders(void)
{
    g_autofree char *plain = vd_ctl_plain("a\033[2Jb\nc\302\233d\377");

    g_assert_null(strpbrk(plain, "\033\n"));
    g_assert_null(strstr(plain, "\302\233"));
    g_assert_true(g_utf8_validate(plain, -1, NULL));
    g_assert_true(g_str_has_prefix(plain, "a?[2Jb?c"));
}

#define NAME "T\xc3\xbcr \xe2\x82\xac \xf0\x9f\x8e\xa5" /* letters that are nothing but that */

/* What reads it gets what was there. */
static void json_gives_a_terminal_none_and_says_the_same(void)
{
    static const char text[] = NAME "\n\033[2J\x7f\xc2\x80\xc2\x9b[2J\xc2\x9f\xc2\xa0\"\\";
    json_t *value = json_pack("{s:s, s:[i, f, b]}", text, text, "x", 7, 0.5, 1);
    g_autofree char *told = vd_ctl_json_text(value);
    json_t *again = json_loads(told, 0, NULL);

    g_assert_true(json_equal(value, again));
    g_assert_nonnull(
        strstr(told, "\"" NAME "\\n\\u001B[2J\\u007F\\u0080\\u009B[2J\\u009F\xc2\xa0"));
    json_decref(again);
    json_decref(value);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/ctl/the_man_page_has_every_command_and_option_and_no_other",
                    the_man_page_has_every_command_and_option_and_no_other);
    g_test_add_func("/ctl/the_completion_knows_each_commands_options",
                    the_completion_knows_each_commands_options);
    g_test_add_func("/ctl/columns_are_as_wide_as_what_is_in_them",
                    columns_are_as_wide_as_what_is_in_them);
    g_test_add_func("/ctl/a_terminal_is_given_no_orders", a_terminal_is_given_no_orders);
    g_test_add_func("/ctl/json_gives_a_terminal_none_and_says_the_same",
                    json_gives_a_terminal_none_and_says_the_same);
    return g_test_run();
}
