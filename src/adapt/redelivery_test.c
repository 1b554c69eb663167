/* Rules of the table of stored messages. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "adapt/redelivery.h"

static void redelivery_knows_a_pair_only_as_a_whole(void **state)
{
	struct redelivery table;

	(void)state;
	redelivery_init(&table);
	assert_false(redelivery_is_known(&table, 7, 0x1122334455667788, true));
	redelivery_add(&table, 7, 0x1122334455667788);
	assert_true(redelivery_is_known(&table, 7, 0x1122334455667788, true));
	assert_false(redelivery_is_known(&table, 8, 0x1122334455667788, true));
	assert_false(redelivery_is_known(&table, 7, 0x1122334455667789, true));
}

static void redelivery_ignores_messages_without_an_id(void **state)
{
	struct redelivery table;

	(void)state;
	redelivery_init(&table);
	redelivery_add(&table, 0, 1);
	assert_int_equal(table.last_id, 0);
	assert_false(redelivery_is_known(&table, 0, 1, true));
}

/* More were on their way than we had allowed, and those beyond 2,000 were stored twice. */
static void redelivery_knows_a_duplicate_among_more_than_a_broker_has_on_its_way(void **state)
{
	struct redelivery table;

	(void)state;
	redelivery_init(&table);
	for (uint16_t id = 20001; id <= 20000 + REDELIVERY_MAX; id++)
		redelivery_add(&table, id, id);
	assert_true(redelivery_is_known(&table, 20001, 20001, true));
	redelivery_add(&table, 20001 + REDELIVERY_MAX, 1);
	assert_false(redelivery_is_known(&table, 20001, 20001, true));
	assert_true(redelivery_is_known(&table, 20002, 20002, true));
	assert_true(redelivery_is_known(&table, 20001 + REDELIVERY_MAX, 1, true));
}

/* Else a new message that says the same as an old one of its id could be taken for it. */
static void redelivery_knows_what_is_called_no_duplicate_only_among_the_last(void **state)
{
	struct redelivery table;

	(void)state;
	redelivery_init(&table);
	for (uint16_t id = 1; id <= REDELIVERY_RECENT; id++)
		redelivery_add(&table, id, id);
	assert_true(redelivery_is_known(&table, 1, 1, false));
	redelivery_add(&table, REDELIVERY_RECENT + 1, 5000);
	assert_false(redelivery_is_known(&table, 1, 1, false));
	assert_true(redelivery_is_known(&table, 1, 1, true));
	assert_true(redelivery_is_known(&table, 2, 2, false));
}

static void redelivery_knows_what_the_journal_kept_folded(void **state)
{
	struct redelivery table;
	uint64_t hash = 0xfedcba9876543210;

	(void)state;
	redelivery_init(&table);
	redelivery_add(&table, 3, redelivery_fold(hash));
	assert_true(redelivery_is_known(&table, 3, hash, true));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(redelivery_knows_a_pair_only_as_a_whole),
	    cmocka_unit_test(redelivery_ignores_messages_without_an_id),
	    cmocka_unit_test(redelivery_knows_a_duplicate_among_more_than_a_broker_has_on_its_way),
	    cmocka_unit_test(redelivery_knows_what_is_called_no_duplicate_only_among_the_last),
	    cmocka_unit_test(redelivery_knows_what_the_journal_kept_folded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
