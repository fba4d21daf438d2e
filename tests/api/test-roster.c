#include "api/roster.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/limits.h"

static const VdWish as_configured = {-1, -1, -1, -1}, small = {320, 5, -1, -1}, odd = {2, 2, 2, 1};

static void publish(VdRoster *roster, const char *id)
{
    VdStatusParts parts = {
        .config = vd_camera_config_new(id, "test:quiet", NULL),
        .renditions = g_array_new(FALSE, FALSE, sizeof(VdRenditionStatus)),
        .guests = g_array_new(FALSE, FALSE, sizeof(VdGuest)),
    };
    g_autoptr(VdStatus) status = vd_status_new(&parts);

    vd_roster_publish(roster, status);
}

static VdRoster *roster_with(const char *const *ids)
{
    VdRoster *roster = vd_roster_new();

    vd_roster_set_max_viewers(roster, 3);
    for (; *ids != NULL; ids++)
        publish(roster, *ids);
    return roster;
}

static VdRoom *enter(VdRoster *roster, const char *id, const VdWish *wish, bool made)
{
    g_autoptr(GError) error = NULL;
    VdRoom *evicted;
    bool fresh;

    g_assert_true(vd_roster_may_enter(roster, id, wish, &error));
    VdRoom *room = vd_roster_enter(roster, id, wish, &fresh, &evicted, &error);
    g_assert_no_error(error);
    g_assert_null(evicted);
    g_assert_true(fresh == made);
    return room;
}

static void refuse(VdRoster *roster, const char *id, int code)
{
    g_autoptr(GError) error = NULL;
    VdRoom *evicted;
    bool fresh;

    g_assert_null(vd_roster_enter(roster, id, &odd, &fresh, &evicted, &error));
    g_assert_error(error, VD_ERROR, code);
    g_assert_null(evicted);
    g_clear_error(&error);
    g_assert_false(vd_roster_may_enter(roster, id, &odd, &error));
    g_assert_error(error, VD_ERROR, code);
}

static guint swept(VdRoster *roster, gint64 linger_us, bool rest)
{
    bool more;
    g_autoptr(GPtrArray) rooms = vd_roster_sweep(roster, linger_us, &more);

    g_assert_true(more == rest);
    return rooms->len;
}

static void equal_wishes_share_a_room(void)
{
    g_autoptr(VdRoster) roster = roster_with((const char *const[]){"a", "b", NULL});
    VdRoom *one = enter(roster, "a", &as_configured, true);
    VdRoom *same = enter(roster, "a", &as_configured, false);
    VdRoom *other = enter(roster, "a", &small, true);

    g_assert_true(one == same);
    g_assert_true(one != other);
    g_assert_cmpstr(vd_room_camera(one), ==, "a");
    g_assert_false(vd_roster_leave(roster, one));
    g_assert_true(vd_roster_leave(roster, same));
    g_assert_true(vd_roster_leave(roster, other));
}

static void nobody_enters_too_many_or_nowhere(void)
{
    g_autoptr(VdRoster) roster = roster_with((const char *const[]){"a", NULL});
    VdRoom *rooms[3];

    refuse(roster, "b", VD_ERROR_NOT_FOUND);
    for (guint i = 0; i < G_N_ELEMENTS(rooms); i++)
        rooms[i] = enter(roster, "a", &as_configured, i == 0);
    refuse(roster, "a", VD_ERROR_LIMIT);
    for (guint i = 0; i < G_N_ELEMENTS(rooms); i++)
        vd_roster_leave(roster, rooms[i]);
    vd_roster_leave(roster, enter(roster, "a", &as_configured, false));
}

static void an_empty_room_lingers(void)
{
    g_autoptr(VdRoster) roster = roster_with((const char *const[]){"a", NULL});

    vd_clock_hold(1000000, 0);
    VdRoom *room = enter(roster, "a", &as_configured, true);
    vd_clock_advance(5000);
    g_assert_cmpuint(swept(roster, 0, false), ==, 0);
    vd_roster_leave(roster, room);
    vd_clock_advance(1999);
    g_assert_cmpuint(swept(roster, 2000, true), ==, 0);
    vd_clock_advance(1);
    g_assert_cmpuint(swept(roster, 2000, false), ==, 1);
    vd_roster_leave(roster, enter(roster, "a", &as_configured, true));
    vd_clock_release();
}

/* The one that has been empty for longest, and only when there is no other place. */
static void an_empty_room_makes_room_for_one_that_is_wanted(void)
{
    g_autoptr(VdRoster) roster = roster_with((const char *const[]){"a", NULL});
    VdRoom *rooms[VD_MAX_RENDITIONS], *evicted;
    g_autoptr(GError) error = NULL;
    bool fresh;

    vd_roster_set_max_viewers(roster, VD_MAX_RENDITIONS + 1);
    vd_clock_hold(1000000, 0);
    for (int i = 0; i < VD_MAX_RENDITIONS; i++)
        rooms[i] = enter(roster, "a", &(VdWish){.width = i}, true);
    refuse(roster, "a", VD_ERROR_LIMIT);
    for (int i = 4; i < 7; i++) { /* 6 has been empty for longest */
        vd_roster_leave(roster, rooms[10 - i]);
        vd_clock_advance(1);
    }
    g_assert_true(vd_roster_may_enter(roster, "a", &as_configured, &error));
    VdRoom *wanted = vd_roster_enter(roster, "a", &as_configured, &fresh, &evicted, &error);
    g_assert_no_error(error);
    g_assert_true(fresh);
    g_assert_cmpint(vd_audience_wish(vd_room_audience(evicted))->width, ==, 6);
    vd_room_unref(evicted);
    rooms[4] = enter(roster, "a", &(VdWish){.width = 4}, false);
    g_assert_cmpuint(swept(roster, 0, false), ==, 1); /* only 5 is empty still */
    rooms[5] = enter(roster, "a", &(VdWish){.width = 5}, true);
    refuse(roster, "a", VD_ERROR_LIMIT);
    vd_roster_leave(roster, wanted);
    for (int i = 0; i < VD_MAX_RENDITIONS; i++)
        if (i != 6)
            vd_roster_leave(roster, rooms[i]);
    vd_clock_release();
}

static void a_room_outlives_its_camera(void)
{
    g_autoptr(VdRoster) roster = roster_with((const char *const[]){"a", NULL});
    VdRoom *room = enter(roster, "a", &as_configured, true);
    g_autoptr(GPtrArray) audiences = vd_roster_remove(roster, "a");

    g_assert_cmpuint(audiences->len, ==, 1);
    g_assert_true(audiences->pdata[0] == vd_room_audience(room));
    g_assert_null(vd_roster_find(roster, "a"));
    publish(roster, "a");
    VdRoom *again = enter(roster, "a", &as_configured, true);
    vd_roster_leave(roster, room);
    vd_roster_leave(roster, again);
    g_assert_cmpuint(swept(roster, 0, false), ==, 1);
}

static void every_change_is_another_edition(void)
{
    g_autoptr(VdRoster) roster = roster_with((const char *const[]){"b", "a", NULL});
    guint64 first, second;
    g_autoptr(GPtrArray) both = vd_roster_all(roster, &first);

    g_assert_cmpstr(vd_status_parts(both->pdata[0])->config->id, ==, "a");
    g_assert_cmpuint(vd_roster_edition(roster), ==, first);
    publish(roster, "a");
    second = vd_roster_edition(roster);
    g_assert_cmpuint(second, !=, first);
    g_ptr_array_unref(vd_roster_remove(roster, "a"));
    g_assert_cmpuint(vd_roster_edition(roster), !=, second);
    g_ptr_array_unref(vd_roster_remove(roster, "nobody"));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(name) g_test_add_func("/roster/" #name, name)
    ADD(equal_wishes_share_a_room);
    ADD(nobody_enters_too_many_or_nowhere);
    ADD(an_empty_room_lingers);
    ADD(an_empty_room_makes_room_for_one_that_is_wanted);
    ADD(a_room_outlives_its_camera);
    ADD(every_change_is_another_edition);
    return g_test_run();
}
