#pragma once

#include "api/api.h"

/* A VdApi with cameras that do what a test says. Counters may be read from any thread. */
typedef struct FakeApi FakeApi;

FakeApi *fake_api_new(const char *const *ids);
void fake_api_free(FakeApi *fake);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(FakeApi, fake_api_free)
VdApi *fake_api_get(FakeApi *fake);

/* Posts picture `number` of `size` bytes, each of them number % 251. */
void fake_api_post(FakeApi *fake, const char *id, guint64 number, gsize size, bool placeholder);
/* The same with bytes of the caller's. */
void fake_api_post_bytes(FakeApi *fake, const char *id, guint64 number, GBytes *jpeg,
                         bool placeholder);
/* Picture `number` of a video, `size` bytes as above; its opening is FAKE_OPENING. */
#define FAKE_OPENING "ftyp moov"
void fake_api_post_video(FakeApi *fake, const char *id, guint64 number, gsize size, bool delta,
                         int width);
/* Whether the camera's mailbox wants a key picture. */
bool fake_api_wants_key(FakeApi *fake, const char *id);
/* The camera goes: its mailbox closes, and nobody finds it any more. */
void fake_api_remove(FakeApi *fake, const char *id);
/* From now on, nobody can watch it: it is at its limit. Before anybody asks. */
void fake_api_fill(FakeApi *fake, const char *id);
void fake_api_set_ready(FakeApi *fake, bool ready);

/* Orders are answered with their own body, from now on when fake_api_answer() says so. */
void fake_api_hold(FakeApi *fake);
guint fake_api_held(FakeApi *fake);   /* orders that wait */
bool fake_api_is_left(FakeApi *fake); /* the one that waits longest, by who asked for it */
/* The one that waits longest, with this body. */
void fake_api_answer(FakeApi *fake, const char *body);

guint fake_api_watching(FakeApi *fake); /* viewers there are */
guint64 fake_api_sent(FakeApi *fake);   /* pictures */
guint64 fake_api_bytes(FakeApi *fake);
guint64 fake_api_skipped(FakeApi *fake);
guint64 fake_api_again(FakeApi *fake); /* of those sent, that the viewer had before */
/* When the last one's first and last byte went. */
void fake_api_times(FakeApi *fake, gint64 *begun_us, gint64 *done_us);
/* What the last watch() asked for. */
VdViewRequest fake_api_wanted(FakeApi *fake);
char *fake_api_client(FakeApi *fake);
