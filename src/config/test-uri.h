#pragma once

#include <glib.h>
#include <stdbool.h>

/*
 * "test:moving?width=640&height=360&fps=15&seed=1&figures=3&noise=4": a built-in scene. Pure.
 */
typedef enum VdTestScene {
    VD_TEST_MOVING,
    VD_TEST_QUIET,
    VD_TEST_LIGHT,
    VD_TEST_FAILING,
    VD_N_TEST_SCENES
} VdTestScene;

typedef struct VdTestUri {
    VdTestScene scene;
    int width, height; /* pixels */
    int fps;
    int seed;
    int figures;
    int noise; /* grey levels */
    int up;    /* seconds for which "failing" works ... */
    int down;  /* ... and seconds for which it is away then; 0: it comes back at once */
} VdTestUri;

/* The error names all that is wrong, and what is allowed; *test is untouched then. [any] */
bool vd_test_uri_parse(const char *uri, VdTestUri *test, GError **error);
const char *vd_test_scene_name(VdTestScene scene); /* as vdtestsrc's property takes it */
