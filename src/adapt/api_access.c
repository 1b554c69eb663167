/* The API's way to what guards it: see access.h. */
#include "adapt/access.h"
#include "adapt/api_internal.h"

#define HANDLER(name, does)                                                                 \
	void name(void *user, const struct http_request *request, struct http_reply *reply) \
	{                                                                                   \
		does(((struct api *)user)->access, request, reply);                         \
	}

HANDLER(api_get_session, access_get_session)
HANDLER(api_post_session, access_post_session)
HANDLER(api_delete_session, access_delete_session)
HANDLER(api_post_login_code, access_post_login_code)
HANDLER(api_get_users, access_get_users)
HANDLER(api_post_user, access_post_user)
HANDLER(api_patch_user, access_patch_user)
HANDLER(api_delete_user, access_delete_user)
HANDLER(api_get_tokens, access_get_tokens)
HANDLER(api_post_token, access_post_token)
HANDLER(api_delete_token, access_delete_token)

const char *api_first_code(const struct api *api)
{
	return access_first_code(api->access);
}
