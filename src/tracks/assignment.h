#pragma once

#include <glib.h>

/*
 * The cheapest way to give each of some rows a column of its own (Hungarian method with potentials,
 * as Jonker and Volgenant shorten it): rows^2 x columns steps. [any]
 *
 * cost: rows x columns, row by row; columns >= rows. taken: of each row its column.
 */
void vd_assign(const double *cost, guint rows, guint columns, guint *taken);
