/* Rules of the ring of stored messages. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "adapt/redelivery.h"

static void redelivery_knows_a_pair_only_as_a_whole(void **state)
{
	struct redelivery ring;

	(void)state;
	redelivery_init(&ring);
	assert_false(redelivery_is_known(&ring, 7, 0x1122334455667788));
	redelivery_add(&ring, 7, 0x1122334455667788);
	assert_true(redelivery_is_known(&ring, 7, 0x1122334455667788));
	assert_false(redelivery_is_known(&ring, 8, 0x1122334455667788));
	assert_false(redelivery_is_known(&ring, 7, 0x1122334455667789));
}

static void redelivery_ignores_messages_without_an_id(void **state)
{
	struct redelivery ring;

	(void)state;
	redelivery_init(&ring);
	redelivery_add(&ring, 0, 1);
	assert_int_equal(ring.count, 0);
	assert_false(redelivery_is_known(&ring, 0, 1));
}

static void redelivery_forgets_the_oldest_beyond_its_size(void **state)
{
	struct redelivery ring;

	(void)state;
	redelivery_init(&ring);
	for (uint32_t i = 1; i <= REDELIVERY_MAX; i++)
		redelivery_add(&ring, (uint16_t)i, i);
	assert_true(redelivery_is_known(&ring, 1, 1));
	redelivery_add(&ring, 5000, 5000);
	assert_false(redelivery_is_known(&ring, 1, 1));
	assert_true(redelivery_is_known(&ring, 2, 2));
	assert_true(redelivery_is_known(&ring, 5000, 5000));
	assert_int_equal(ring.count, REDELIVERY_MAX);
}

static void redelivery_knows_what_the_journal_kept_folded(void **state)
{
	struct redelivery ring;
	uint64_t hash = 0xfedcba9876543210;

	(void)state;
	redelivery_init(&ring);
	redelivery_add(&ring, 3, redelivery_fold(hash));
	assert_true(redelivery_is_known(&ring, 3, hash));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(redelivery_knows_a_pair_only_as_a_whole),
	    cmocka_unit_test(redelivery_ignores_messages_without_an_id),
	    cmocka_unit_test(redelivery_forgets_the_oldest_beyond_its_size),
	    cmocka_unit_test(redelivery_knows_what_the_journal_kept_folded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
