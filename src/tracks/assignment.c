#include "tracks/assignment.h"

#define NONE     0 /* rows and columns count from 1 here */
#define FARTHEST 1e30

typedef struct Search {
    const double *cost;
    guint rows, columns;
    double *row_price, *column_price; /* cost - both prices is never less than nothing */
    guint *owner;                     /* of each column its row */
    guint *before;                    /* the column from which each one was reached */
    double *distance;
    gboolean *done;
} Search;

static double reduced(const Search *search, guint row, guint column)
{
    return search->cost[(gsize)(row - 1) * search->columns + column - 1] - search->row_price[row] -
           search->column_price[column];
}

/* What is reached from this column's owner; the nearest that is not done, and how far it is. */
static guint look_around(Search *search, guint from, double *nearest)
{
    guint next = NONE;

    *nearest = FARTHEST;
    for (guint column = 1; column <= search->columns; column++) {
        if (search->done[column])
            continue;
        double distance = reduced(search, search->owner[from], column);
        if (distance < search->distance[column]) {
            search->distance[column] = distance;
            search->before[column] = from;
        }
        if (search->distance[column] < *nearest) {
            *nearest = search->distance[column];
            next = column;
        }
    }
    return next;
}

/* Prices by which the column that was found costs nothing more. */
static void raise_prices(Search *search, double by)
{
    for (guint column = 0; column <= search->columns; column++) {
        if (search->done[column]) {
            search->row_price[search->owner[column]] += by;
            search->column_price[column] -= by;
        } else {
            search->distance[column] -= by;
        }
    }
}

/* The shortest way from this row to a column without an owner; those on it change owners. */
static void place(Search *search, guint row)
{
    guint column = 0;
    double nearest;

    for (guint i = 0; i <= search->columns; i++) {
        search->distance[i] = FARTHEST;
        search->done[i] = FALSE;
    }
    search->owner[0] = row;
    while (search->owner[column] != NONE) {
        search->done[column] = TRUE;
        guint next = look_around(search, column, &nearest);
        raise_prices(search, nearest);
        column = next;
    }
    while (column != 0) {
        search->owner[column] = search->owner[search->before[column]];
        column = search->before[column];
    }
}

void vd_assign(const double *cost, guint rows, guint columns, guint *taken)
{
    g_assert(columns >= rows);
    double *prices = g_new0(double, rows + 1 + 2 * (gsize)(columns + 1));
    guint *places = g_new0(guint, 2 * (gsize)(columns + 1));
    gboolean *done = g_new0(gboolean, columns + 1);
    Search search = {
        .cost = cost,
        .rows = rows,
        .columns = columns,
        .row_price = prices,
        .column_price = prices + rows + 1,
        .distance = prices + rows + 1 + columns + 1,
        .owner = places,
        .before = places + columns + 1,
        .done = done,
    };

    for (guint row = 1; row <= rows; row++)
        place(&search, row);
    for (guint column = 1; column <= columns; column++)
        if (search.owner[column] != NONE)
            taken[search.owner[column] - 1] = column - 1;
    g_free(prices);
    g_free(places);
    g_free(done);
}
