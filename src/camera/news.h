#pragma once

#include "camera/receiver.h"

/*
 * What the log says of a stream as its state changes. Each trouble of an outage is said once, also
 * when two take turns. [main]
 */
typedef struct VdNews {
    char *camera;     /* (nullable) nothing is said */
    char *label;      /* what tells it from the camera's other stream, with a colon; or "" */
    GHashTable *said; /* (nullable) reasons that were logged since there was a picture */
} VdNews;

void vd_news_init(VdNews *news, const char *camera, const char *label); /* label: (nullable) */
void vd_news_clear(VdNews *news);

/* The state is new. away_us: since when there was no picture before, 0: there was one. */
void vd_news_say(VdNews *news, const VdReceiverFacts *facts, const char *uri, gint64 away_us);
/* The stream became another inside the connection. */
void vd_news_say_changed(const VdNews *news, const char *codec, int width, int height);
/* What was said so far was of something else. */
void vd_news_forget(VdNews *news);
