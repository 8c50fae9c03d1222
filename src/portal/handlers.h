/* SPDX-License-Identifier: GPL-3.0-or-later */
/* handlers.h - the pages of the portal. Each is named in the route table of cgi-bin/portal.c, with what it needs; the file of
 * a page has its name. */
#ifndef EG_PORTAL_HANDLERS_H
#define EG_PORTAL_HANDLERS_H

#include "web/router.h"

/* refuse.c: every refusal as a page; who is not signed in is sent to the sign-in page and from there back. */
eg_err portal_refuse(struct rq *rq, struct resp *rs) EG_CHECKED;

/* sign_in.c */
eg_err portal_home(struct rq *rq, struct resp *rs) EG_CHECKED;
eg_err sign_in_page(struct rq *rq, struct resp *rs) EG_CHECKED;
eg_err sign_in_submit(struct rq *rq, struct resp *rs) EG_CHECKED;
eg_err sign_out_submit(struct rq *rq, struct resp *rs) EG_CHECKED;

/* customers.c */
eg_err customers_page(struct rq *rq, struct resp *rs) EG_CHECKED;
/* customer_new.c */
eg_err customer_new_page(struct rq *rq, struct resp *rs) EG_CHECKED;
eg_err customer_new_submit(struct rq *rq, struct resp *rs) EG_CHECKED;
/* overview.c */
eg_err overview_page(struct rq *rq, struct resp *rs) EG_CHECKED;
eg_err overview_submit(struct rq *rq, struct resp *rs) EG_CHECKED;
eg_err overview_switch(struct rq *rq, struct resp *rs) EG_CHECKED;
/* features.c */
eg_err features_page(struct rq *rq, struct resp *rs) EG_CHECKED;
eg_err features_submit(struct rq *rq, struct resp *rs) EG_CHECKED;

/* activity.c */
eg_err activity_page(struct rq *rq, struct resp *rs) EG_CHECKED;
eg_err activity_csv(struct rq *rq, struct resp *rs) EG_CHECKED;
eg_err activity_audit_csv(struct rq *rq, struct resp *rs) EG_CHECKED;
/* account_activity.c */
eg_err account_activity_page(struct rq *rq, struct resp *rs) EG_CHECKED;
eg_err account_activity_csv(struct rq *rq, struct resp *rs) EG_CHECKED;

/* embed_urls.c */
eg_err embed_urls_page(struct rq *rq, struct resp *rs) EG_CHECKED;
/* token_new.c */
eg_err token_new_page(struct rq *rq, struct resp *rs) EG_CHECKED;
eg_err token_new_submit(struct rq *rq, struct resp *rs) EG_CHECKED;
/* token_test.c */
eg_err token_test_page(struct rq *rq, struct resp *rs) EG_CHECKED;
eg_err token_test_submit(struct rq *rq, struct resp *rs) EG_CHECKED;
/* token_created.c */
eg_err token_created_page(struct rq *rq, struct resp *rs) EG_CHECKED;
/* token_details.c */
eg_err token_details_page(struct rq *rq, struct resp *rs) EG_CHECKED;
eg_err token_details_submit(struct rq *rq, struct resp *rs) EG_CHECKED;
eg_err token_pause_submit(struct rq *rq, struct resp *rs) EG_CHECKED;
/* token_copy.c */
eg_err token_copy_submit(struct rq *rq, struct resp *rs) EG_CHECKED;
/* token_revoke.c */
eg_err token_revoke_page(struct rq *rq, struct resp *rs) EG_CHECKED;
eg_err token_revoke_submit(struct rq *rq, struct resp *rs) EG_CHECKED;
/* token_rotate.c */
eg_err token_rotate_page(struct rq *rq, struct resp *rs) EG_CHECKED;
eg_err token_rotate_submit(struct rq *rq, struct resp *rs) EG_CHECKED;

/* settings.c */
eg_err settings_home(struct rq *rq, struct resp *rs) EG_CHECKED;
/* api_keys.c */
eg_err api_keys_page(struct rq *rq, struct resp *rs) EG_CHECKED;
/* api_key_new.c */
eg_err api_key_new_page(struct rq *rq, struct resp *rs) EG_CHECKED;
eg_err api_key_new_submit(struct rq *rq, struct resp *rs) EG_CHECKED;
/* api_key_created.c */
eg_err api_key_created_page(struct rq *rq, struct resp *rs) EG_CHECKED;
/* api_key_page.c */
eg_err api_key_page(struct rq *rq, struct resp *rs) EG_CHECKED;
eg_err api_key_submit(struct rq *rq, struct resp *rs) EG_CHECKED;
/* api_key_roll.c */
eg_err api_key_roll_page(struct rq *rq, struct resp *rs) EG_CHECKED;
eg_err api_key_roll_submit(struct rq *rq, struct resp *rs) EG_CHECKED;
/* api_key_revoke.c */
eg_err api_key_revoke_page(struct rq *rq, struct resp *rs) EG_CHECKED;
eg_err api_key_revoke_submit(struct rq *rq, struct resp *rs) EG_CHECKED;

#endif
