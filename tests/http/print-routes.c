/*
 * print-routes - the tables of routes and parameters as JSON, for tests that hold documents against
 * them.
 */
#include "http/route.h"

#include <jansson.h>
#include <stdio.h>

static json_t *param_json(const VdParam *param)
{
    json_t *object = json_pack("{s:s}", "name", param->name);
    json_t *words = param->words != NULL ? json_array() : NULL;

    for (guint i = 0; words != NULL && param->words[i] != NULL; i++)
        json_array_append_new(words, json_string(param->words[i]));
    if (words != NULL)
        json_object_set_new(object, "words", words);
    if (param->max != 0)
        json_object_update_new(object, json_pack("{s:i, s:i, s:b}", "min", param->min, "max",
                                                 param->max, "zero", param->zero));
    return object;
}

static json_t *params_json(guint which)
{
    json_t *list = json_array();

    for (guint i = 0; i < VD_N_PARAMS; i++)
        if ((which & 1u << i) != 0)
            json_array_append_new(list, param_json(&vd_params()[i]));
    return list;
}

static json_t *route_json(const VdRoute *route)
{
    return json_pack("{s:s, s:s, s:s, s:b, s:I, s:o}", "method", route->method, "path", route->path,
                     "role", vd_role_name(route->role), "all", route->all, "max_body",
                     (json_int_t)route->max_body, "params", params_json(route->params));
}

int main(void)
{
    json_t *list = json_array();
    guint count;
    const VdRoute *routes = vd_routes(&count);

    for (guint i = 0; i < count; i++)
        json_array_append_new(list, route_json(&routes[i]));
    json_dumpf(list, stdout, JSON_INDENT(1));
    json_decref(list);
    return 0;
}
