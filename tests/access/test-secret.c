#include "access/secret.h"

#include <string.h>

static void a_password_matches_its_hash_alone(void)
{
    g_autofree char *hash = vd_password_hash("correct horse");
    g_autofree char *again = vd_password_hash("correct horse");

    g_assert_true(g_str_has_prefix(hash, "$argon2id$v=19$m=65536,t=2,p=1$"));
    g_assert_cmpstr(hash, !=, again);
    g_assert_true(vd_password_matches(hash, "correct horse"));
    g_assert_false(vd_password_matches(hash, "correct horsf"));
    g_assert_false(vd_password_matches(hash, ""));
    g_assert_false(vd_password_matches("$argon2id$nonsense", ""));
}

static void old_hashes_and_others_are_told_apart(void)
{
    g_autofree char *hash = vd_password_hash("x");

    g_assert_cmpint(vd_password_hash_state(hash), ==, VD_HASH_GOOD);
    g_assert_cmpint(vd_password_hash_state("$argon2id$v=19$m=32768,t=2,p=1$gFQ9drZXmjwrfTfYe2CYwA$"
                                           "SJ5zSNsYfWfVGf4N9rdTU5v2d4rnZDW3jA2yXN9Bsyk"),
                    ==, VD_HASH_OLD);
    g_assert_cmpint(vd_password_hash_state("$argon2id$"), ==, VD_HASH_UNKNOWN);
    g_assert_cmpint(vd_password_hash_state("$6$salt$hash"), ==, VD_HASH_UNKNOWN);
    g_assert_cmpint(vd_password_hash_state(""), ==, VD_HASH_UNKNOWN);
}

static void random_texts_are_of_256_bits_and_never_equal(void)
{
    g_autofree char *one = vd_random_text("vdt_"), *other = vd_random_text("vdt_");

    g_assert_cmpuint(strlen(one), ==, 4 + 43);
    g_assert_cmpstr(one, !=, other);
    g_assert_true(vd_random_text_valid("vdt_", one));
    g_assert_true(vd_random_text_valid("", one + 4));
    g_assert_false(vd_random_text_valid("", one));
    one[4 + 42] = '\0';
    g_assert_false(vd_random_text_valid("vdt_", one));
    other[10] = '+';
    g_assert_false(vd_random_text_valid("vdt_", other));
}

static void a_digest_is_blake2b(void)
{
    VdDigest digest = vd_digest("abc"), read;
    g_autofree char *text = vd_digest_text(&digest);

    /* python3 -c "import hashlib,base64; print(base64.urlsafe_b64encode(
     * hashlib.blake2b(b'abc',digest_size=32).digest()))" */
    g_assert_cmpstr(text, ==, "vd2BPGNCOXIxce8_7phXm5SWTjuxyz5CcmLIwGjVIxk");
    g_assert_true(vd_digest_read(&read, text));
    g_assert_true(vd_digest_same(&digest, &read));
    read.bytes[31] ^= 1;
    g_assert_false(vd_digest_same(&digest, &read));
}

static void texts_do_not_flow_into_each_other(void)
{
    static const char *const one[] = {"ab", "c"}, *const other[] = {"a", "bc"};
    VdKey key, another;

    vd_random_key(&key);
    vd_random_key(&another);
    VdDigest first = vd_digest_with(&key, one, 2), same = vd_digest_with(&key, one, 2);
    VdDigest second = vd_digest_with(&key, other, 2), third = vd_digest_with(&another, one, 2);
    g_assert_true(vd_digest_same(&first, &same));
    g_assert_false(vd_digest_same(&first, &second));
    g_assert_false(vd_digest_same(&first, &third));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_assert_true(vd_secret_start());
#define TEST(name) g_test_add_func("/secret/" #name, name)
    TEST(a_password_matches_its_hash_alone);
    TEST(old_hashes_and_others_are_told_apart);
    TEST(random_texts_are_of_256_bits_and_never_equal);
    TEST(a_digest_is_blake2b);
    TEST(texts_do_not_flow_into_each_other);
    return g_test_run();
}
