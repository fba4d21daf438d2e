#pragma once

#include "media/analysis.h"
#include "media/ingest.h"

/* Stand in for ingest and analysis: they do nothing but what a test says. */
struct VdIngest {
    VdIngestEvents events;
    void *data;
    VdRing *ring;
    char *uri;
};

struct VdAnalysis {
    VdAnalysisEvents events;
    void *data;
    VdAnalysisStats stats;
};

typedef struct FakeMedia {
    VdIngest *ingest;        /* (nullable) the newest that is alive */
    VdAnalysis *analysis;    /* (nullable) */
    guint ingests, analyses; /* ever made */
    guint ingests_alive, analyses_alive;
    guint configured;
} FakeMedia;
extern FakeMedia fake_media;

void fake_opened(void); /* a key frame and its caps come */
void fake_unit(void);   /* one more */
void fake_changed(const char *caps);
void fake_lost(VdLoss loss, const char *text);
void fake_running(void); /* a picture comes out */
void fake_failed(bool unsupported, const char *text);
