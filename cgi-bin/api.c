/* SPDX-License-Identifier: GPL-3.0-or-later */
/* api.c - api.fcgi: the token API, the exchange, the data of embeds as JSON, and health. */
#include "api/agent_login.h"
#include "api/agents.h"
#include "api/analytics.h"
#include "api/customers.h"
#include "api/embed_data.h"
#include "api/exchange.h"
#include "api/health.h"
#include "api/keys.h"
#include "api/oauth.h"
#include "api/openapi.h"
#include "api/shapes.h"
#include "api/tokens.h"
#include "web/serve.h"

#define FULL (NEED_KEY_PARTNER | NEED_KEY_CUSTOMER)
#define AGENT_LOGIN (BODY_CREDENTIAL | ANSWER_HAS_SECRET | ANSWER_BARE | FAULTS_ARE_400 | DEPRECATED)

/* The embed-token routes answer under two prefixes: E6 has the second. */
#define EMBED_TOKEN_ROUTES(at) \
	{ M_GET, at "/embed-tokens", NEED_KEY_ANY_API | ANSWER_LIST, 0, tokens_list, NULL, \
	  "Embed tokens, newest first.", \
	  .query = token_list_query, .answer = &token_shape }, \
	{ M_POST, at "/embed-tokens", FULL | ANSWER_HAS_SECRET | ANSWER_CREATED, 0, tokens_create, token_new_fields, \
	  "Make an embed token. Its text is in this answer and in no other.", .answer = &token_made_shape }, \
	{ M_GET, at "/embed-tokens/:id", NEED_KEY_ANY_API, 0, tokens_get, NULL, "One embed token.", \
	  .answer = &token_shape }, \
	{ M_PATCH, at "/embed-tokens/:id", FULL, 0, tokens_patch, token_patch_fields, \
	  "Change a token's settings. The text stays the same.", .answer = &token_shape }, \
	{ M_DELETE, at "/embed-tokens/:id", FULL, 0, tokens_revoke, NULL, "Revoke a token, at once and for good.", \
	  .answer = &token_shape }, \
	{ M_POST, at "/embed-tokens/:id/rotate", FULL | ANSWER_HAS_SECRET, 0, tokens_rotate, token_rotate_fields, \
	  "Give a token a new text. The old one goes on working until the overlap ends.", .answer = &token_made_shape }, \
	{ M_GET, at "/embed-tokens/:id/url", FULL | ANSWER_HAS_SECRET, 0, tokens_url, NULL, \
	  "The embed URL and the snippets. Written to the activity log.", .answer = &token_url_shape }, \
	{ M_GET, at "/embed-tokens/:id/activity", NEED_KEY_ANY_API | ANSWER_LIST, 0, tokens_activity, NULL, \
	  "Recent uses and refusals.", \
	  .query = paging_query, .answer = &use_shape }

static const struct route routes[] = {
	{ M_POST, "/api/validate-embed-token", BODY_CREDENTIAL | CORS | ANSWER_BARE, 0, exchange, exchange_fields,
	  "Exchange an embed token for a session of 15 minutes.", .query = no_fields, .answer = &exchanged_shape },
	{ M_GET, "/api/v1/embed/me", NEED_EMBED | CORS, 0, embed_me, NULL, "Whom an embed credential stands for.",
	  .query = subject_query, .answer = &me_shape },
	{ M_GET, "/api/v1/embed/dashboard", NEED_EMBED | CORS, PERM_DASHBOARD_READ | PERM_API_READ, embed_dashboard, NULL,
	  "What the dashboard widget shows.", .query = subject_query, .answer = &dashboard_shape },
	{ M_GET, "/api/v1/embed/agent", NEED_EMBED | CORS, PERM_AGENTS_READ | PERM_API_READ, embed_agent, NULL,
	  "What the agent widget shows.", .query = subject_query, .answer = &shown_agent_shape },

	EMBED_TOKEN_ROUTES("/api/v1"),
	EMBED_TOKEN_ROUTES("/api/developer/v1"),
	{ M_POST, "/api/v1/tokens/verify", FULL, 0, tokens_verify, token_verify_fields,
	  "Check a token as the exchange would, and say how each check went.", .answer = &tested_shape },

	{ M_POST, "/api/v1/introspect", FULL | BODY_FORM | ANSWER_BARE, 0, introspect, oauth_fields,
	  "Is this credential good now, and for what (RFC 7662)?", .answer = &introspected_shape },
	{ M_POST, "/api/v1/revoke", FULL | BODY_FORM | ANSWER_BARE, 0, revoke, oauth_fields,
	  "Revoke a credential by its text (RFC 7009). Succeeds for unknown ones, too.", .answer = &done_shape },

	{ M_POST,
	  "/api/v1/users", NEED_KEY_PARTNER | ANSWER_HAS_SECRET | ANSWER_CREATED, 0, users_create, user_new_fields,
	  "Make a customer together with its primary embed token.", .answer = &user_shape },
	{ M_GET, "/api/v1/users/:id/embed-token", FULL | ANSWER_HAS_SECRET, 0, users_token, NULL,
	  "The primary token's present text.", .answer = &token_primary_shape },
	{ M_POST, "/api/v1/users/:id/embed-token", FULL | ANSWER_HAS_SECRET, 0, users_token_renew, no_fields,
	  "Give the primary token a new text. The old one dies at once.", .answer = &token_primary_shape },

	{ M_GET, "/api/v1/customers", NEED_KEY_ANY_API | ANSWER_LIST, 0, customers_list, NULL, "Customers, newest first.",
	  .query = paging_query, .answer = &customer_shape },
	{ M_POST, "/api/v1/customers", NEED_KEY_PARTNER | ANSWER_CREATED, 0, customers_create, customer_new_fields, "Make a customer.",
	  .answer = &customer_shape },
	{ M_GET, "/api/v1/customers/:id", NEED_KEY_ANY_API, 0, customers_get, NULL, "One customer.",
	  .answer = &customer_shape },
	{ M_PATCH, "/api/v1/customers/:id", FULL, 0, customers_patch, customer_patch_fields, "Change a customer.",
	  .answer = &customer_shape },
	{ M_DELETE, "/api/v1/customers/:id", NEED_KEY_PARTNER, 0, customers_disable, NULL,
	  "Disable a customer: nothing of it works until its status is active again.", .answer = &customer_shape },
	{ M_POST, "/api/v1/customers/:id/revoke-tokens", FULL, 0, customers_revoke_tokens, no_fields,
	  "Revoke every embed token of a customer that was issued before now.", .answer = &revoked_tokens_shape },

	{ M_GET, "/api/v1/api-keys", NEED_KEY_PARTNER | ANSWER_LIST, 0, keys_list, NULL, "API keys, newest first.",
	  .query = paging_query, .answer = &key_shape },
	{ M_POST,
	  "/api/v1/api-keys", NEED_KEY_PARTNER | ANSWER_HAS_SECRET | ANSWER_CREATED, 0, keys_create, key_new_fields,
	  "Make an API key. Its text is in this answer and in no other.", .answer = &key_made_shape },
	{ M_GET, "/api/v1/api-keys/:id", NEED_KEY_PARTNER, 0, keys_get, NULL, "One API key.", .answer = &key_shape },
	{ M_PATCH, "/api/v1/api-keys/:id", NEED_KEY_PARTNER, 0, keys_patch, key_patch_fields,
	  "Change a key's name or end. The text stays the same.", .answer = &key_shape },
	{ M_DELETE, "/api/v1/api-keys/:id", NEED_KEY_PARTNER, 0, keys_revoke, NULL, "Revoke an API key, at once and for good.",
	  .answer = &key_shape },
	{ M_POST, "/api/v1/api-keys/:id/rotate", NEED_KEY_PARTNER | ANSWER_HAS_SECRET, 0, keys_rotate, key_rotate_fields,
	  "Give a key a new text. The old one goes on working until the overlap ends.", .answer = &key_made_shape },

	{ M_GET, "/api/v1/agents", NEED_KEY_ANY_API | ANSWER_LIST, 0, agents_list, NULL, "Agents, newest first.",
	  .query = agent_list_query, .answer = &agent_shape },
	{ M_POST, "/api/v1/agents", FULL | ANSWER_CREATED, 0, agents_create, agent_new_fields, "Make an agent.",
	  .answer = &agent_shape },
	{ M_GET, "/api/v1/agents/:number", NEED_KEY_ANY_API, 0, agents_get, NULL, "One agent.", .answer = &agent_shape },
	{ M_PATCH, "/api/v1/agents/:number", FULL, 0, agents_patch, agent_patch_fields, "Change an agent.",
	  .answer = &agent_shape },
	{ M_DELETE, "/api/v1/agents/:number", FULL, 0, agents_delete, NULL,
	  "Delete an agent with its results, and revoke its tokens.", .answer = &agent_shape },
	{ M_GET, "/api/v1/agents/:number/results", NEED_KEY_ANY_API | ANSWER_LIST, 0, results_list, NULL,
	  "What an agent reported, newest first.", .query = paging_query, .answer = &result_shape },
	{ M_POST, "/api/v1/agents/:number/results", FULL | ANSWER_CREATED, 0, results_create, result_new_fields,
	  "Report a result of an agent.", .answer = &result_shape },

	{ M_POST, "/api/v1/customers/:id/metrics", FULL | BODY_ENTRIES, 0, metrics_post, metric_fields,
	  "Set figures of a customer's dashboard, one value a day and series.", .answer = &recorded_shape },
	{ M_GET, "/api/v1/analytics", NEED_KEY_ANY_API, 0, analytics_get, NULL,
	  "Loads, requests and refusals of each day, and of each API key.",
	  .query = analytics_query, .answer = &analytics_shape },

	{ M_POST, "/user/v1/embedded/login/", AGENT_LOGIN, 0, agent_login, agent_login_fields,
	  "Log in to an agent's embed. New integrations use embed tokens.", .answer = &agent_tokens_shape },
	{ M_POST, "/user/v1/embedded/refresh/", AGENT_LOGIN, 0, agent_refresh, agent_refresh_fields,
	  "Two new tokens of an agent login for its refresh token, which is good once.", .answer = &agent_tokens_shape },

	{ M_GET, "/api/v1/openapi.json", ANSWER_BARE, 0, openapi_get, NULL, "This document.", .answer = &document_shape },
	{ M_GET, "/healthz", PLAIN_HTTP_OK, 0, health_alive, NULL, "Does the program answer?", .answer = &status_shape },
	{ M_GET, "/readyz", PLAIN_HTTP_OK, 0, health_ready, NULL, "Can the store be read?", .answer = &status_shape },
	{ .path = NULL },
};

int
main(void)
{
	return serve_main(&(struct program){
		.name = "api", .routes = routes, .refuse = resp_problem, .cors_below = "/api/v1/embed/",
	});
}
