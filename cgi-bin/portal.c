/* SPDX-License-Identifier: GPL-3.0-or-later */
/* portal.c - the Partner Portal: its site map and main(). Pages are in src/portal, what they look like in templates/portal. */
#include "portal/handlers.h"
#include "web/serve.h"

#define READ  NEED_USER
#define WRITE (NEED_USER | NEED_FORM | NEED_OWN_ORIGIN)
#define HERS  NEED_CUSTOMER     /* the path names a customer of the reader's partner */

#define CUSTOMER "/portal/customers/:customer"
#define TOKEN    CUSTOMER "/embed-urls/:token"

#define KEYS     "/portal/settings/api-keys"
#define KEY      KEYS "/:key"

/* No page has a permission of embed tokens or a JSON body. */
#define PAGE(method, path, needs, handler) { method, path, needs, 0, handler, NULL, NULL }

static const struct route routes[] = {
	PAGE(M_GET,  "/",                           NEED_NOTHING,                portal_home),
	PAGE(M_GET,  "/portal",                     NEED_NOTHING,                portal_home),
	PAGE(M_GET,  "/portal/",                    NEED_NOTHING,                portal_home),
	PAGE(M_GET,  "/portal/login",               NEED_NOTHING,                sign_in_page),
	PAGE(M_POST, "/portal/login",               NEED_OWN_ORIGIN,             sign_in_submit),
	PAGE(M_POST, "/portal/logout",              WRITE,                       sign_out_submit),

	PAGE(M_GET,  "/portal/customers",           READ,                        customers_page),
	PAGE(M_GET,  "/portal/customers/new",       READ,                        customer_new_page),
	PAGE(M_POST, "/portal/customers/new",       WRITE,                       customer_new_submit),
	PAGE(M_GET,  CUSTOMER,                      READ | HERS,                 overview_page),
	PAGE(M_POST, CUSTOMER,                      WRITE | HERS,                overview_submit),
	PAGE(M_POST, CUSTOMER "/switch",            WRITE | HERS | NEED_ADMIN,   overview_switch),
	PAGE(M_GET,  CUSTOMER "/features",          READ | HERS,                 features_page),
	PAGE(M_POST, CUSTOMER "/features",          WRITE | HERS | NEED_ADMIN,   features_submit),

	PAGE(M_GET,  CUSTOMER "/activity",          READ | HERS,                 activity_page),
	PAGE(M_GET,  CUSTOMER "/activity.csv",      READ | HERS,                 activity_csv),
	PAGE(M_GET,  CUSTOMER "/audit.csv",         READ | HERS,                 activity_audit_csv),

	PAGE(M_GET,  CUSTOMER "/embed-urls",        READ | HERS,                 embed_urls_page),
	PAGE(M_GET,  CUSTOMER "/embed-urls/new",    READ | HERS,                 token_new_page),
	PAGE(M_POST, CUSTOMER "/embed-urls/new",    WRITE | HERS,                token_new_submit),
	PAGE(M_GET,  CUSTOMER "/embed-urls/test",   READ | HERS,                 token_test_page),
	PAGE(M_POST, CUSTOMER "/embed-urls/test",   WRITE | HERS,                token_test_submit),
	PAGE(M_GET,  TOKEN,                         READ | HERS,                 token_details_page),
	PAGE(M_POST, TOKEN,                         WRITE | HERS,                token_details_submit),
	PAGE(M_GET,  TOKEN "/created",              READ | HERS,                 token_created_page),
	PAGE(M_POST, TOKEN "/copy-url",             WRITE | HERS,                token_copy_submit),
	PAGE(M_POST, TOKEN "/pause",                WRITE | HERS,                token_pause_submit),
	PAGE(M_GET,  TOKEN "/rotate",               READ | HERS,                 token_rotate_page),
	PAGE(M_POST, TOKEN "/rotate",               WRITE | HERS,                token_rotate_submit),
	PAGE(M_GET,  TOKEN "/revoke",               READ | HERS,                 token_revoke_page),
	PAGE(M_POST, TOKEN "/revoke",               WRITE | HERS,                token_revoke_submit),

	PAGE(M_GET,  "/portal/activity",            READ,                        account_activity_page),
	PAGE(M_GET,  "/portal/activity.csv",        READ,                        account_activity_csv),

	PAGE(M_GET,  "/portal/settings",            READ,                        settings_home),
	PAGE(M_GET,  KEYS,                          READ,                        api_keys_page),
	PAGE(M_GET,  KEYS "/new",                   READ | NEED_SETTINGS,        api_key_new_page),
	PAGE(M_POST, KEYS "/new",                   WRITE | NEED_SETTINGS,       api_key_new_submit),
	PAGE(M_GET,  KEY,                           READ | NEED_SETTINGS,        api_key_page),
	PAGE(M_POST, KEY,                           WRITE | NEED_SETTINGS,       api_key_submit),
	PAGE(M_GET,  KEY "/created",                READ | NEED_SETTINGS,        api_key_created_page),
	PAGE(M_GET,  KEY "/roll",                   READ | NEED_SETTINGS,        api_key_roll_page),
	PAGE(M_POST, KEY "/roll",                   WRITE | NEED_SETTINGS,       api_key_roll_submit),
	PAGE(M_GET,  KEY "/revoke",                 READ | NEED_SETTINGS,        api_key_revoke_page),
	PAGE(M_POST, KEY "/revoke",                 WRITE | NEED_SETTINGS,       api_key_revoke_submit),
	{ 0 },
};

static const struct program portal = { .name = "portal", .routes = routes, .refuse = portal_refuse };

int
main(void)
{
	return serve_main(&portal);
}
