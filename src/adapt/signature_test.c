/* The test cases of RFC 4231 whose key is a text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "adapt/signature.h"

static void a_signature_is_that_of_the_standard(void **state)
{
	static const struct {
		const char *secret, *body, *hex;
	} CASES[] = {
	    {"\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b",
	     "Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
	    {"Jefe", "what do ya want for nothing?",
	     "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
	};
	char hex[SIGNATURE_TEXT_MAX], longest[131 + 1] = "";

	(void)state;
	for (size_t i = 0; i < sizeof(CASES) / sizeof(*CASES); i++) {
		signature_write(hex, CASES[i].secret, CASES[i].body, strlen(CASES[i].body));
		assert_string_equal(hex, CASES[i].hex);
	}
	/* A key that is longer than a block of the hash. */
	memset(longest, 0xaa, 131);
	signature_write(hex, longest, "Test Using Larger Than Block-Size Key - Hash Key First", 54);
	assert_string_equal(hex,
			    "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(a_signature_is_that_of_the_standard)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
