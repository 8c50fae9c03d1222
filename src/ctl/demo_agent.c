/* SPDX-License-Identifier: GPL-3.0-or-later */
/* demo_agent.c - an agent of the demo customer, and what it reported in the last days. */
#include "ctl/ctl.h"
#include "model/agent.h"

#define HOUR_S 3600

/* Oldest first: results stand in the order in which they were added. */
static const struct {
	int64_t hours_ago;
	const char *title, *status;
	double score;           /* 0: none */
	const char *summary;
} reported[] = {
	{ 148, "Opening hours of the box office", "passed", 98, "Answered at once, in two sentences." },
	{ 121, "A wheelchair place in the main hall", "passed", 91, "Offered both places and held one for a day.\nAsked for a number to call back." },
	{ 74, "Refund of two day tickets", "failed", 42, "Named the old deadline. The list of questions was corrected since." },
	{ 50, "Lost and found: a red umbrella", "passed", 88, NULL },
	{ 26, "Speaker asks for a projector", "escalated", 0, "Handed over to the stage team, with the room and the time." },
	{ 2, "Parking near the east entrance", "passed", 95, "Sent the map as a link." },
};

int
demo_agent(struct ctl *c, const struct scope *s, const struct uuid *customer_id)
{
	const struct agent_new in = { .customer_id = *customer_id, .name = "Event concierge",
		.description = "Answers visitors by phone and chat." };
	struct result_row result;
	struct agent_row agent;
	struct faults f;
	int done;

	faults_init(&f, c->arena);
	done = ctl_result(c, agent_create(&c->service, c->arena, s, &c->actor, &in, &f, &agent), &f, "customer");
	for (size_t i = 0; i < EG_COUNT(reported) && done == CTL_DONE; i++) {
		const struct result_new r = { .title = reported[i].title, .status = reported[i].status,
			.has_score = reported[i].score != 0, .score = reported[i].score, .summary = reported[i].summary,
			.at = c->now_s - reported[i].hours_ago * HOUR_S };

		done = ctl_result(c, result_add(&c->service, c->arena, s, &c->actor, &agent.id, &r, &f, &result), &f, "agent");
	}
	return done;
}
