#include "gpubench/report.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>

#define NAME_WIDTH 40

typedef struct Fact {
    const char *key;
    char *value;
} Fact;

struct VdBenchTable {
    const char *key, *title;
    const VdBenchColumn *columns;
    guint n_columns;
    GPtrArray *names;
    GArray *values; /* of double: n_columns a row */
    GPtrArray *notes;
};

typedef struct Goal {
    const char *what, *unit;
    VdBenchSense sense;
    double value, target;
} Goal;

struct VdBenchReport {
    GArray *facts;     /* of Fact */
    GPtrArray *tables; /* of VdBenchTable */
    GArray *goals;     /* of Goal */
    struct {
        guint facts, tables, goals;
    } told; /* as text, so far */
};

static void free_table(gpointer data)
{
    VdBenchTable *table = data;

    g_ptr_array_unref(table->names);
    g_array_unref(table->values);
    g_ptr_array_unref(table->notes);
    g_free(table);
}

static void clear_fact(gpointer data)
{
    g_free(((Fact *)data)->value);
}

static double value_at(const VdBenchTable *table, guint row, guint column)
{
    return g_array_index(table->values, double, row * table->n_columns + column);
}

static const char *verdict_of(const Goal *goal)
{
    if (isnan(goal->value))
        return "not measured";
    bool met = goal->sense == VD_BENCH_AT_LEAST ? goal->value >= goal->target
                                                : goal->value <= goal->target;
    return met ? "met" : "missed";
}

/* --- text ------------------------------------------------------------------------------------ */

static void print_row(GString *text, const VdBenchTable *table, guint row)
{
    g_string_append_printf(text, "%-*s", NAME_WIDTH, (char *)table->names->pdata[row]);
    for (guint i = 0; i < table->n_columns; i++) {
        const VdBenchColumn *column = &table->columns[i];
        double value = value_at(table, row, i);

        if (isnan(value))
            g_string_append_printf(text, "  %12s", "-");
        else
            g_string_append_printf(text, "  %12.*f", column->decimals, value);
    }
    g_string_append_c(text, '\n');
}

static void print_table(GString *text, const VdBenchTable *table)
{
    g_string_append_printf(text, "\n%s\n", table->title);
    if (table->names->len > 0) {
        g_string_append_printf(text, "%-*s", NAME_WIDTH, "");
        for (guint i = 0; i < table->n_columns; i++)
            g_string_append_printf(text, "  %12s", table->columns[i].head);
        g_string_append_c(text, '\n');
    }
    for (guint row = 0; row < table->names->len; row++)
        print_row(text, table, row);
    for (guint i = 0; i < table->notes->len; i++)
        g_string_append_printf(text, "  %s\n", (char *)table->notes->pdata[i]);
}

static void print_goal(GString *text, const Goal *goal)
{
    const char *sense = goal->sense == VD_BENCH_AT_LEAST ? "at least" : "at most";

    g_string_append_printf(text, "%s: ", goal->what);
    if (!isnan(goal->value))
        g_string_append_printf(text, "%.3g %s, ", goal->value, goal->unit);
    g_string_append_printf(text, "goal %s %g %s: %s\n", sense, goal->target, goal->unit,
                           verdict_of(goal));
}

char *vd_bench_report_text(VdBenchReport *report)
{
    GString *text = g_string_new(NULL);

    for (; report->told.facts < report->facts->len; report->told.facts++) {
        const Fact *fact = &g_array_index(report->facts, Fact, report->told.facts);

        g_string_append_printf(text, "%s: %s\n", fact->key, fact->value);
    }
    for (; report->told.tables < report->tables->len; report->told.tables++)
        print_table(text, report->tables->pdata[report->told.tables]);
    if (report->told.goals < report->goals->len)
        g_string_append(text, "\nGoals\n");
    for (; report->told.goals < report->goals->len; report->told.goals++)
        print_goal(text, &g_array_index(report->goals, Goal, report->told.goals));
    return g_string_free(text, FALSE);
}

/* --- JSON ------------------------------------------------------------------------------------ */

static json_t *number(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

static json_t *json_of_table(const VdBenchTable *table)
{
    json_t *rows = json_array(), *notes = json_array();

    for (guint row = 0; row < table->names->len; row++) {
        json_t *object = json_pack("{s:s}", "name", table->names->pdata[row]);

        for (guint i = 0; i < table->n_columns; i++)
            json_object_set_new(object, table->columns[i].key, number(value_at(table, row, i)));
        json_array_append_new(rows, object);
    }
    for (guint i = 0; i < table->notes->len; i++)
        json_array_append_new(notes, json_string(table->notes->pdata[i]));
    return json_pack("{s:s, s:o, s:o}", "title", table->title, "rows", rows, "notes", notes);
}

static json_t *json_of_goal(const Goal *goal)
{
    return json_pack("{s:s, s:o, s:s, s:s, s:f, s:s}", "what", goal->what, "value",
                     number(goal->value), "unit", goal->unit, "sense",
                     goal->sense == VD_BENCH_AT_LEAST ? ">=" : "<=", "target", goal->target,
                     "verdict", verdict_of(goal));
}

char *vd_bench_report_json(const VdBenchReport *report)
{
    json_t *facts = json_object(), *tables = json_object(), *goals = json_array();

    for (guint i = 0; i < report->facts->len; i++) {
        const Fact *fact = &g_array_index(report->facts, Fact, i);

        json_object_set_new(facts, fact->key, json_string(fact->value));
    }
    for (guint i = 0; i < report->tables->len; i++) {
        const VdBenchTable *table = report->tables->pdata[i];

        json_object_set_new(tables, table->key, json_of_table(table));
    }
    for (guint i = 0; i < report->goals->len; i++)
        json_array_append_new(goals, json_of_goal(&g_array_index(report->goals, Goal, i)));
    json_t *all = json_pack("{s:o, s:o, s:o}", "facts", facts, "tables", tables, "goals", goals);
    char *dumped = json_dumps(all, JSON_INDENT(2) | JSON_REAL_PRECISION(9)),
         *text = g_strdup(dumped);

    free(dumped);
    json_decref(all);
    return text;
}

/* --- taking it in ---------------------------------------------------------------------------- */

VdBenchReport *vd_bench_report_new(void)
{
    VdBenchReport *report = g_new0(VdBenchReport, 1);

    report->facts = g_array_new(FALSE, FALSE, sizeof(Fact));
    g_array_set_clear_func(report->facts, clear_fact);
    report->tables = g_ptr_array_new_with_free_func(free_table);
    report->goals = g_array_new(FALSE, FALSE, sizeof(Goal));
    return report;
}

void vd_bench_report_free(VdBenchReport *report)
{
    if (report == NULL)
        return;
    g_array_unref(report->facts);
    g_ptr_array_unref(report->tables);
    g_array_unref(report->goals);
    g_free(report);
}

void vd_bench_report_fact(VdBenchReport *report, const char *key, const char *value)
{
    /* What a driver says of itself need not be UTF-8. */
    Fact fact = {key, g_utf8_make_valid(value, -1)};

    g_array_append_val(report->facts, fact);
}

VdBenchTable *vd_bench_report_table(VdBenchReport *report, const char *key, const char *title,
                                    const VdBenchColumn *columns, guint n_columns)
{
    VdBenchTable *table = g_new0(VdBenchTable, 1);

    table->key = key;
    table->title = title;
    table->columns = columns;
    table->n_columns = n_columns;
    table->names = g_ptr_array_new_with_free_func(g_free);
    table->values = g_array_new(FALSE, FALSE, sizeof(double));
    table->notes = g_ptr_array_new_with_free_func(g_free);
    g_ptr_array_add(report->tables, table);
    return table;
}

void vd_bench_table_row(VdBenchTable *table, const char *name, const double *values)
{
    g_ptr_array_add(table->names, g_strdup(name));
    g_array_append_vals(table->values, values, table->n_columns);
}

void vd_bench_table_note(VdBenchTable *table, char *note)
{
    g_ptr_array_add(table->notes, note);
}

void vd_bench_report_goal(VdBenchReport *report, const char *what, double value, const char *unit,
                          VdBenchSense sense, double target)
{
    Goal goal = {what, unit, sense, value, target};

    g_array_append_val(report->goals, goal);
}
