#include "api/probes.h"
#include "base/limits.h"
#include "media/reaper.h"

#include <gio/gio.h>
#include <gst/gst.h>
#include <string.h>

#define SILENT "{\"uri\":\"rtsp://127.0.0.1:%u/x\",\"user\":\"jo\",\"password\":\"geheim\"}"

/* Probes, and a socket that takes connections and says nothing. */
typedef struct Rig {
    VdCommands *commands;
    VdSettings settings;
    VdProbes *probes;
    GSocket *silent;
    guint port;
} Rig;

static GSocket *listen_silently(guint *port)
{
    GSocket *silent = g_socket_new(G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, 0, NULL);
    g_autoptr(GSocketAddress) any = g_inet_socket_address_new_from_string("127.0.0.1", 0);

    g_assert_true(g_socket_bind(silent, any, TRUE, NULL) && g_socket_listen(silent, NULL));
    g_autoptr(GSocketAddress) own = g_socket_get_local_address(silent, NULL);
    *port = g_inet_socket_address_get_port(G_INET_SOCKET_ADDRESS(own));
    return silent;
}

static void rig_init(Rig *rig, gconstpointer unused)
{
    static const char files[] = "[camera front]\nuri=test:moving\nenabled=false\n";
    g_autoptr(GPtrArray) errors =
        g_ptr_array_new_with_free_func((GDestroyNotify)vd_config_error_free);

    *rig = (Rig){.commands = vd_commands_new()};
    rig->settings.base = vd_config_parse(files, strlen(files), "test", errors);
    rig->settings.changes = vd_changes_new();
    rig->settings.config = vd_config_with(rig->settings.base, rig->settings.changes, errors);
    rig->probes = vd_probes_new(rig->commands, &rig->settings);
    rig->silent = listen_silently(&rig->port);
}

static void rig_clear(Rig *rig, gconstpointer unused)
{
    vd_probes_free(rig->probes);
    vd_commands_free(rig->commands);
    vd_settings_clear(&rig->settings);
    g_object_unref(rig->silent);
    g_assert_cmpuint(vd_reaper_drain(g_get_monotonic_time() + 20 * G_USEC_PER_SEC), ==, 0);
}

static VdTicket *ask(Rig *rig, const char *json)
{
    VdTicket *ticket = vd_ticket_new(NULL, NULL);
    g_autoptr(GBytes) body = json != NULL ? g_bytes_new(json, strlen(json)) : NULL;

    vd_probes_post(rig->probes, body, "somebody", ticket);
    return ticket;
}

static VdTicket *ask_silent(Rig *rig)
{
    g_autofree char *json = g_strdup_printf(SILENT, rig->port);

    return ask(rig, json);
}

/* Takes the ticket. */
static VdAnswer *await(VdTicket *ticket)
{
    VdAnswer *answer;

    while ((answer = vd_ticket_take(ticket)) == NULL)
        g_main_context_iteration(NULL, TRUE);
    vd_ticket_unref(ticket);
    return answer;
}

static void expect(VdTicket *ticket, const char *part)
{
    g_autoptr(VdAnswer) answer = await(ticket);

    g_assert_no_error(answer->error);
    g_autofree char *text =
        g_strndup(g_bytes_get_data(answer->body, NULL), g_bytes_get_size(answer->body));
    g_test_message("%s", text);
    g_assert_nonnull(strstr(text, part));
}

static void expect_error(VdTicket *ticket, int code, guint details)
{
    g_autoptr(VdAnswer) answer = await(ticket);

    g_assert_error(answer->error, VD_ERROR, code);
    g_assert_cmpuint(answer->details->len, ==, details);
    g_assert_null(answer->body);
}

static void a_scene_is_reached_and_leaves_no_camera(Rig *rig, gconstpointer unused)
{
    expect(ask(rig, "{\"uri\":\"test:moving?width=64&height=48\",\"gpu\":\"off\"}"),
           "\"codec\":\"mjpeg\",\"width\":64,\"height\":48,");
    g_assert_cmpuint(rig->settings.config->cameras->len, ==, 1);
}

static void what_cannot_be_is_told_member_by_member(Rig *rig, gconstpointer unused)
{
    expect_error(ask(rig, "{\"uri\":\"x\",\"ring_seconds\":0}"), VD_ERROR_INVALID, 2);
    expect_error(ask(rig, "{"), VD_ERROR_INVALID, 0);
    expect_error(ask(rig, NULL), VD_ERROR_INVALID, 0);
}

static void one_too_many_is_refused_and_a_place_comes_back(Rig *rig, gconstpointer unused)
{
    VdTicket *tickets[VD_MAX_PROBES];

    for (guint i = 0; i < VD_MAX_PROBES; i++)
        tickets[i] = ask_silent(rig);
    expect_error(ask_silent(rig), VD_ERROR_LIMIT, 0);
    /* what is wrong all the same is said first */
    expect_error(ask(rig, "{\"uri\":\"x\"}"), VD_ERROR_INVALID, 1);
    vd_ticket_leave(tickets[0]);
    expect_error(tickets[0], VD_ERROR_BUSY, 0);
    expect(ask(rig, "{\"uri\":\"test:quiet?width=64&height=48\"}"), "\"reached\":true");
    for (guint i = 1; i < VD_MAX_PROBES; i++) {
        vd_ticket_leave(tickets[i]);
        expect_error(tickets[i], VD_ERROR_BUSY, 0);
    }
}

/* Those that run, and one that has not begun. */
static void freed_they_answer_nobody(Rig *rig, gconstpointer unused)
{
    g_autoptr(VdTicket) runs = ask_silent(rig);

    expect_error(ask(rig, NULL), VD_ERROR_INVALID, 0);
    g_autoptr(VdTicket) waits = ask_silent(rig);
    g_clear_pointer(&rig->probes, vd_probes_free);
    g_clear_pointer(&rig->commands, vd_commands_free);
    g_assert_null(vd_ticket_take(runs));
    g_assert_null(vd_ticket_take(waits));
}

static void an_audit_line_has_the_outcome_and_no_secret(void)
{
    if (g_test_subprocess()) {
        Rig rig;

        rig_init(&rig, NULL);
        expect(ask(&rig, "{\"uri\":\"rtsp://jo:geheim@127.0.0.1:1/x?password=geheim\"}"),
               "\"reason_code\":\"refused\"");
        expect(ask(&rig, "{\"uri\":\"test:quiet\",\"password\":\"geheim\"}"), "\"reached\":true");
        rig_clear(&rig, NULL);
        return;
    }
    g_test_trap_subprocess(NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
    g_test_trap_assert_passed();
    g_test_trap_assert_stderr(
        "*audit: somebody: tried rtsp://???@127.0.0.1:1/x* (nobody takes "
        "connections at 127.0.0.1:1*audit: somebody: tried test:quiet (reached)*");
    g_test_trap_assert_stderr_unmatched("*geheim*");
}

int main(int argc, char **argv)
{
    gst_init(&argc, &argv);
    g_test_init(&argc, &argv, NULL);
#define ADD(name) g_test_add("/probes/" #name, Rig, NULL, rig_init, name, rig_clear)
    ADD(a_scene_is_reached_and_leaves_no_camera);
    ADD(what_cannot_be_is_told_member_by_member);
    ADD(one_too_many_is_refused_and_a_place_comes_back);
    ADD(freed_they_answer_nobody);
    g_test_add_func("/probes/an_audit_line_has_the_outcome_and_no_secret",
                    an_audit_line_has_the_outcome_and_no_secret);
    return g_test_run();
}
