/* SPDX-License-Identifier: GPL-3.0-or-later */
/* bare.c - what FastCGI itself costs: read the body to its end, answer a constant. The floor that bench/run measures
 * everything else against. */
#include <fcgiapp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char content[] =
    "{\"success\":true,\"auth_token\":\""
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
    "\",\"token_type\":\"Bearer\",\"expires_in\":900,"
    "\"customer\":{\"id\":\"00000000-0000-7000-8000-000000000000\",\"name\":\"Acme\"},"
    "\"partner\":{\"id\":\"00000000-0000-7000-8000-000000000000\",\"name\":\"Demo Partner\"},"
    "\"permissions\":[\"dashboard:read\",\"events:read\",\"agents:read\"],"
    "\"widgets\":[\"dashboard\",\"agent\",\"schedule\",\"session-list\",\"speakers\"]}";

int
main(void)
{
	FCGX_Request rq;
	char body[4096], answer[2048];
	/* With its length told, the server need not send the answer in chunks: the floor is a good program's. */
	int len = snprintf(answer, sizeof(answer), "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
	    strlen(content), content);

	if (FCGX_Init() != 0 || FCGX_InitRequest(&rq, 0, 0) != 0)
		return EXIT_FAILURE;
	while (FCGX_Accept_r(&rq) == 0) {
		while (FCGX_GetStr(body, sizeof(body), rq.in) > 0)
			;
		FCGX_PutStr(answer, len, rq.out);
		FCGX_Finish_r(&rq);
	}
	return EXIT_SUCCESS;
}
