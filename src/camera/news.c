#include "camera/news.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/uri.h"

#define MOST_SAID 16 /* troubles of one outage that are remembered */

void vd_news_init(VdNews *news, const char *camera, const char *label)
{
    *news = (VdNews){
        .camera = g_strdup(camera),
        .label = label != NULL ? g_strconcat(label, ": ", NULL) : g_strdup(""),
    };
}

void vd_news_clear(VdNews *news)
{
    vd_news_forget(news);
    g_clear_pointer(&news->camera, g_free);
    g_clear_pointer(&news->label, g_free);
}

void vd_news_forget(VdNews *news)
{
    g_clear_pointer(&news->said, g_hash_table_unref);
}

static bool is_news(VdNews *news, const char *reason)
{
    if (news->said == NULL)
        news->said = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    if (g_hash_table_size(news->said) >= MOST_SAID)
        return !g_hash_table_contains(news->said, reason);
    return g_hash_table_add(news->said, g_strdup(reason));
}

static void say_trouble(VdNews *news, const VdReceiverFacts *facts)
{
    gint64 delay_us = facts->next_try_us - vd_clock_now_us();
    g_autofree char *next = facts->next_try_us != 0
                                ? g_strdup_printf("retrying in %.1f s", (double)delay_us / 1e6)
                                : g_strdup("not trying again until the stream changes");

    vd_log(is_news(news, facts->reason) ? VD_LOG_WARNING : VD_LOG_DEBUG, news->camera, "%s%s%s; %s",
           news->label, facts->state == VD_STATE_UNDECODABLE ? "no pictures: " : "", facts->reason,
           next);
}

/* Motion is looked for in the same place. (transfer full) */
static char *place_text(const VdReceiverFacts *facts)
{
    if (facts->decoder[0] == '\0')
        return g_strdup("not decoded while nobody watches");
    if (facts->gpu >= 0)
        return g_strdup_printf("decoded by %s on GPU %d", facts->decoder, facts->gpu);
    if (facts->no_gpu != NULL)
        return g_strdup_printf("decoded by %s (not on a GPU: %s)", facts->decoder, facts->no_gpu);
    return g_strdup_printf("decoded by %s", facts->decoder);
}

static void say_live(VdNews *news, const VdReceiverFacts *facts, gint64 away_us)
{
    g_autofree char *place = place_text(facts);
    g_autofree char *away = NULL;

    if (facts->reconnects > 0 && away_us != 0)
        away = g_strdup_printf(", after %.1f s",
                               (double)(vd_clock_now_us() - away_us) / G_USEC_PER_SEC);
    vd_log_info(news->camera, "%slive: %s %dx%d over %s, %s%s", news->label, facts->codec,
                facts->width, facts->height, facts->transport, place, away != NULL ? away : "");
    vd_news_forget(news);
}

void vd_news_say(VdNews *news, const VdReceiverFacts *facts, const char *uri, gint64 away_us)
{
    if (news->camera == NULL)
        return;
    if (facts->state == VD_STATE_LIVE) {
        say_live(news, facts, away_us);
    } else if (facts->state == VD_STATE_WAITING || facts->state == VD_STATE_UNDECODABLE) {
        say_trouble(news, facts);
    } else if (facts->state == VD_STATE_OFF) {
        vd_log_info(news->camera, "%soff", news->label);
    } else if (vd_log_enabled(VD_LOG_DEBUG)) {
        g_autofree char *redacted = vd_redact_uri(uri);

        vd_log_debug(news->camera, "%s%s: %s", news->label, vd_state_name(facts->state), redacted);
    }
}

void vd_news_say_changed(const VdNews *news, const char *codec, int width, int height)
{
    if (news->camera != NULL)
        vd_log_info(news->camera, "%sthe stream changed to %s %dx%d", news->label, codec, width,
                    height);
}
