#include "api/orders.h"

#include "api/change.h"
#include "base/log.h"
#include "config/etag.h"
#include "config/store.h"

#include <gio/gio.h>

struct VdOrders {
    VdCommands *commands;
    VdSettings *settings;
    VdCameras *cameras;
    VdIncidents *incidents;
    GQueue waiting;        /* Posted */
    GCancellable *writing; /* (nullable) while the disk is waited for */
};

/* An order on its way: a copy. */
typedef struct Posted {
    VdOrders *orders;
    VdOrder order;
    char *camera, *if_match, *who;
    GBytes *body;
    VdTicket *ticket;
    VdAnswer *answer;
    VdChange change;
} Posted;

static void posted_free(void *data)
{
    Posted *posted = data;

    vd_change_clear(&posted->change);
    vd_answer_free(posted->answer);
    vd_ticket_unref(posted->ticket);
    g_bytes_unref(posted->body);
    g_free(posted->camera);
    g_free(posted->if_match);
    g_free(posted->who);
    g_free(posted);
}

static void finish(Posted *posted)
{
    vd_answer_give(g_steal_pointer(&posted->answer), posted->ticket);
    posted_free(posted);
}

static void restart(Posted *posted)
{
    if (vd_cameras_restart(posted->orders->cameras, posted->camera, &posted->answer->error))
        vd_audit(posted->who, posted->camera, "connected anew");
    finish(posted);
}

/* --- changes of the configuration ------------------------------------------------------------- */

static void tell(Posted *posted, bool kept)
{
    const VdCameraConfig *now =
        vd_config_find(posted->orders->settings->config, posted->change.edit->id);

    vd_change_tell(&posted->change, &posted->order, kept, posted->answer);
    if (now != NULL)
        posted->answer->etag = vd_camera_config_etag(now);
}

static void take_effect(Posted *posted, bool kept)
{
    VdOrders *orders = posted->orders;
    g_autofree char *what = vd_change_text(&posted->change);

    vd_audit(posted->who, posted->change.edit->id, "changed: %s%s", what,
             kept ? "" : ", until vedetted ends");
    vd_change_take(&posted->change, orders->settings, kept);
    vd_cameras_configure(orders->cameras, orders->settings->config);
    vd_incidents_configured(orders->incidents, orders->settings->config, posted->who);
    tell(posted, kept);
    finish(posted);
}

/* What the thread that writes has of its own. */
typedef struct Writing {
    char *folder, *text;
} Writing;

static void writing_free(void *data)
{
    Writing *writing = data;

    g_free(writing->folder);
    g_free(writing->text);
    g_free(writing);
}

static void write_on_thread(GTask *task, void *source, void *data, GCancellable *cancellable)
{
    const Writing *writing = data;
    GError *error = NULL;

    if (vd_store_write(writing->folder, writing->text, &error))
        g_task_return_boolean(task, TRUE);
    else
        g_task_return_error(task, error);
}

static void go_on(VdOrders *orders);

static void on_written(GObject *source, GAsyncResult *result, void *data)
{
    Posted *posted = data;
    GCancellable *writing = g_task_get_cancellable(G_TASK(result));

    if (g_cancellable_is_cancelled(writing)) { /* the orders are gone */
        posted_free(posted);
        return;
    }
    VdOrders *orders = posted->orders;
    g_clear_object(&orders->writing);
    if (g_task_propagate_boolean(G_TASK(result), &posted->answer->error)) {
        take_effect(posted, true);
    } else {
        g_prefix_error(&posted->answer->error, "nothing is changed, as it cannot be kept: ");
        vd_log_error(posted->camera, "%s", posted->answer->error->message);
        finish(posted);
    }
    go_on(orders);
}

static void keep(Posted *posted)
{
    VdOrders *orders = posted->orders;
    char *text = vd_changes_text(posted->change.kept, &posted->answer->error);

    if (text == NULL) {
        finish(posted);
        return;
    }
    Writing *writing = g_new0(Writing, 1);
    writing->folder = g_strdup(orders->settings->folder);
    writing->text = text;
    orders->writing = g_cancellable_new();
    g_autoptr(GTask) task = g_task_new(NULL, orders->writing, on_written, posted);
    g_task_set_check_cancellable(task, FALSE);
    g_task_set_task_data(task, writing, writing_free);
    g_task_run_in_thread(task, write_on_thread);
}

static void change(Posted *posted)
{
    const VdOrders *orders = posted->orders;

    vd_change_judge(&posted->change, &posted->order, orders->settings, posted->answer);
    if (posted->change.edit == NULL) {
        finish(posted);
    } else if (posted->order.dry_run) {
        tell(posted, false);
        finish(posted);
    } else if (posted->order.temporary || orders->settings->folder == NULL) {
        take_effect(posted, false);
    } else {
        keep(posted);
    }
}

/* --- in turn ---------------------------------------------------------------------------------- */

static void go_on(VdOrders *orders)
{
    while (orders->writing == NULL && !g_queue_is_empty(&orders->waiting)) {
        Posted *posted = g_queue_pop_head(&orders->waiting);

        (posted->order.verb == VD_VERB_RESTART ? restart : change)(posted);
    }
}

static void arrive(void *data)
{
    Posted **posted = data;
    VdOrders *orders = (*posted)->orders;

    g_queue_push_tail(&orders->waiting, g_steal_pointer(posted));
    go_on(orders);
}

static void letter_free(void *data)
{
    Posted **posted = data;

    if (*posted != NULL)
        posted_free(*posted);
    g_free(posted);
}

void vd_orders_post(VdOrders *orders, const VdOrder *order, VdTicket *ticket)
{
    Posted **letter = g_new0(Posted *, 1), *posted = *letter = g_new0(Posted, 1);

    posted->orders = orders;
    posted->camera = g_strdup(order->camera);
    posted->if_match = g_strdup(order->if_match);
    posted->who = g_strdup(order->who);
    posted->body = order->body != NULL ? g_bytes_ref(order->body) : NULL;
    posted->ticket = vd_ticket_ref(ticket);
    posted->answer = vd_answer_new();
    posted->order = (VdOrder){
        .verb = order->verb,
        .camera = posted->camera,
        .body = posted->body,
        .if_match = posted->if_match,
        .dry_run = order->dry_run,
        .temporary = order->temporary,
        .who = posted->who,
    };
    vd_commands_post(orders->commands, arrive, letter, letter_free);
}

VdOrders *vd_orders_new(VdCommands *commands, VdSettings *settings, VdCameras *cameras,
                        VdIncidents *incidents)
{
    VdOrders *orders = g_new0(VdOrders, 1);

    orders->commands = commands;
    orders->settings = settings;
    orders->cameras = cameras;
    orders->incidents = incidents;
    return orders;
}

void vd_orders_free(VdOrders *orders)
{
    if (orders == NULL)
        return;
    if (orders->writing != NULL)
        g_cancellable_cancel(orders->writing);
    g_clear_object(&orders->writing);
    g_queue_clear_full(&orders->waiting, posted_free);
    g_free(orders);
}
