#include "access/verifier.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/lock.h"

#include <string.h>
#include <time.h>

/* Counts what came; each call of done is one. */
typedef struct Counter {
    VdLock lock;
    VdCond came;
    guint good, wrong, freed; /* [lock] */
    GThread *thread;          /* [lock] that called last */
    guint held;               /* [lock] answers wait in done() as long as this is not 0 */
} Counter;

static VdAccount *anna;

static void note(void *data, bool good)
{
    Counter *counter = data;

    vd_lock(&counter->lock);
    *(good ? &counter->good : &counter->wrong) += 1;
    counter->thread = g_thread_self();
    vd_cond_broadcast(&counter->came);
    while (counter->held > 0)
        vd_cond_wait(&counter->came, &counter->lock);
    vd_unlock(&counter->lock);
}

static void note_freed(void *data)
{
    Counter *counter = data;

    vd_lock(&counter->lock);
    counter->freed++;
    vd_cond_broadcast(&counter->came);
    vd_unlock(&counter->lock);
}

static void wait_for(Counter *counter, const guint *what, guint count)
{
    vd_lock(&counter->lock);
    while (*what < count)
        vd_cond_wait(&counter->came, &counter->lock);
    vd_unlock(&counter->lock);
}

static Counter *counter_new(guint held)
{
    Counter *counter = g_new0(Counter, 1);

    vd_lock_init(&counter->lock);
    vd_cond_init(&counter->came);
    counter->held = held;
    return counter;
}

static void release(Counter *counter)
{
    vd_lock(&counter->lock);
    counter->held = 0;
    vd_cond_broadcast(&counter->came);
    vd_unlock(&counter->lock);
}

static void counter_free(Counter *counter)
{
    vd_cond_clear(&counter->came);
    vd_lock_clear(&counter->lock);
    g_free(counter);
}

static VdVerify ask(VdVerifier *verifier, const char *place, const char *password,
                    VdAccount *account, Counter *counter)
{
    VdVerifying question = {place, "anna", password, account};

    return vd_verifier_ask(verifier, &question, note, counter, note_freed);
}

static void a_right_password_is_remembered_for_a_minute_at_its_address(void)
{
    VdVerifier *verifier = vd_verifier_new();
    Counter *counter = counter_new(0);

    vd_clock_hold(1, 1);
    g_assert_cmpint(ask(verifier, "here", "secret", anna, counter), ==, VD_VERIFY_LATER);
    wait_for(counter, &counter->freed, 1);
    g_assert_cmpuint(counter->good, ==, 1);
    g_assert_true(counter->thread != g_thread_self());
    g_assert_cmpint(ask(verifier, "here", "secret", anna, counter), ==, VD_VERIFY_GOOD);
    g_assert_cmpint(ask(verifier, "there", "secret", anna, counter), ==, VD_VERIFY_LATER);
    wait_for(counter, &counter->freed, 2);
    vd_clock_advance(60 * G_USEC_PER_SEC - 1);
    g_assert_cmpint(ask(verifier, "here", "secret", anna, counter), ==, VD_VERIFY_GOOD);
    vd_clock_advance(1);
    g_assert_cmpint(ask(verifier, "here", "secret", anna, counter), ==, VD_VERIFY_LATER);
    wait_for(counter, &counter->freed, 3);
    vd_verifier_forget(verifier);
    g_assert_cmpint(ask(verifier, "here", "secret", anna, counter), ==, VD_VERIFY_LATER);
    wait_for(counter, &counter->freed, 4);
    g_assert_cmpuint(counter->good, ==, 4);
    vd_verifier_free(verifier);
    counter_free(counter);
}

static void a_wrong_password_is_never_remembered(void)
{
    VdVerifier *verifier = vd_verifier_new();
    Counter *counter = counter_new(0);

    for (guint i = 1; i <= 2; i++) {
        g_assert_cmpint(ask(verifier, "here", "wrong", anna, counter), ==, VD_VERIFY_LATER);
        wait_for(counter, &counter->freed, i);
        g_assert_cmpuint(counter->wrong, ==, i);
    }
    vd_verifier_free(verifier);
    counter_free(counter);
}

static gint64 cpu_us(void)
{
    struct timespec used;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return used.tv_sec * G_USEC_PER_SEC + used.tv_nsec / 1000;
}

/* Of CPU, so that what else the machine does is not counted. */
static gint64 cost_of(VdVerifier *verifier, VdAccount *account, Counter *counter)
{
    gint64 least = G_MAXINT64;

    for (guint i = 0; i < 3; i++) {
        guint before = counter->freed;
        gint64 begun = cpu_us();

        g_assert_cmpint(ask(verifier, "here", "wrong", account, counter), ==, VD_VERIFY_LATER);
        wait_for(counter, &counter->freed, before + 1);
        least = MIN(least, cpu_us() - begun);
    }
    return least;
}

static void an_unknown_user_costs_what_a_wrong_password_costs(void)
{
    VdVerifier *verifier = vd_verifier_new();
    Counter *counter = counter_new(0);

    cost_of(verifier, NULL, counter);
    gint64 known = cost_of(verifier, anna, counter), unknown = cost_of(verifier, NULL, counter);
    g_test_message("wrong password %" G_GINT64_FORMAT " us, unknown user %" G_GINT64_FORMAT " us",
                   known, unknown);
    g_assert_cmpint(unknown, >, known / 2);
    g_assert_cmpint(unknown, <, known * 2);
    g_assert_cmpuint(counter->good, ==, 0);
    vd_verifier_free(verifier);
    counter_free(counter);
}

/* The first answer is not taken, so that nothing moves behind it. */
static void only_so_many_wait_and_few_of_one_address(void)
{
    VdVerifier *verifier = vd_verifier_new();
    Counter *counter = counter_new(1);
    guint asked = 0;

    g_assert_cmpint(ask(verifier, "first", "secret", anna, counter), ==, VD_VERIFY_LATER);
    wait_for(counter, &counter->good, 1); /* and is off the queue */
    for (guint i = 0; asked < VD_MAX_VERIFYING; i++) {
        g_autofree char *password = g_strdup_printf("%u", i);
        g_autofree char *place = g_strdup_printf("%u", i / (VD_MAX_VERIFYING_HERE + 1));
        bool fits = i % (VD_MAX_VERIFYING_HERE + 1) < VD_MAX_VERIFYING_HERE;

        g_assert_cmpint(ask(verifier, place, password, anna, counter), ==,
                        fits ? VD_VERIFY_LATER : VD_VERIFY_FULL);
        asked += fits;
    }
    g_assert_cmpint(ask(verifier, "new", "secret", anna, counter), ==, VD_VERIFY_FULL);
    /* what waits already is joined, and what is known needs nobody */
    g_assert_cmpint(ask(verifier, "0", "0", anna, counter), ==, VD_VERIFY_LATER);
    g_assert_cmpint(ask(verifier, "first", "secret", anna, counter), ==, VD_VERIFY_GOOD);
    release(counter);
    vd_verifier_free(verifier);
    g_assert_cmpuint(counter->freed, ==, 1 + VD_MAX_VERIFYING + 1);
    counter_free(counter);
}

/* Of "secret", for next to no memory and time: it is asked a thousand times. */
static const char cheap_hash[] = "$argon2id$v=19$m=8,t=1,p=1$d2tdp0ThnlnbR1u76PmHfw"
                                 "$5RBST+PqPARKgH/Eo+wzVr3NdVSdw9Xz57Png6TkLYI";

static void one_more_than_the_limit_is_verified_each_time(void)
{
    VdVerifier *verifier = vd_verifier_new();
    g_autoptr(VdAccount) bert = vd_account_new(VD_USER, "bert");
    Counter *counter = counter_new(0);

    bert->password = g_strdup(cheap_hash);
    vd_clock_hold(1, 1);
    for (guint i = 0; i < VD_MAX_VERIFIED + 2; i++) {
        g_autofree char *place = g_strdup_printf("%u", MIN(i, VD_MAX_VERIFIED));

        g_assert_cmpint(ask(verifier, place, "secret", bert, counter), ==, VD_VERIFY_LATER);
        wait_for(counter, &counter->freed, i + 1);
    }
    g_assert_cmpuint(counter->good, ==, VD_MAX_VERIFIED + 2);
    g_assert_cmpint(ask(verifier, "0", "secret", bert, counter), ==, VD_VERIFY_GOOD);
    vd_clock_advance(60 * G_USEC_PER_SEC); /* all are forgotten, and there is room again */
    g_assert_cmpint(ask(verifier, "new", "secret", bert, counter), ==, VD_VERIFY_LATER);
    wait_for(counter, &counter->freed, VD_MAX_VERIFIED + 3);
    g_assert_cmpint(ask(verifier, "new", "secret", bert, counter), ==, VD_VERIFY_GOOD);
    vd_clock_release();
    vd_verifier_free(verifier);
    counter_free(counter);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_assert_true(vd_secret_start());
    anna = vd_account_new(VD_USER, "anna");
    anna->password = vd_password_hash("secret");
#define TEST(name) g_test_add_func("/verifier/" #name, name)
    TEST(a_right_password_is_remembered_for_a_minute_at_its_address);
    TEST(a_wrong_password_is_never_remembered);
    TEST(an_unknown_user_costs_what_a_wrong_password_costs);
    TEST(only_so_many_wait_and_few_of_one_address);
    TEST(one_more_than_the_limit_is_verified_each_time);
    int status = g_test_run();
    vd_account_unref(anna);
    return status;
}
