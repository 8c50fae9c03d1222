/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The life of a program, from outside: this file runs itself as a small program ("serve_test serve") and talks to it as a web
 * server does, by plain CGI and by FastCGI records written here. Slow and broken peers (T31, M6, F11), sockets (T19), signals. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/clock.h"
#include "web/assets.h"
#include "web/serve.h"

#define DEADLINE_MS 200         /* what this test makes of 10 s */

/* ---- the program ---- */

/* The deadlines of serve.c, in a fiftieth of the time. */
int
setitimer(enum __itimer_which which, const struct itimerval *new, struct itimerval *old)
{
	struct itimerval t = *new;

	if (t.it_value.tv_sec > 0)
		t.it_value = (struct timeval){ t.it_value.tv_sec * DEADLINE_MS / 10000, t.it_value.tv_sec * DEADLINE_MS * 100 % 1000000 };
	if (t.it_interval.tv_usec > 0)
		t.it_interval.tv_usec = 20000;
	return (int)syscall(SYS_setitimer, which, &t, old);
}

/* Templates of its own, the first of which gets a hole where the environment says so. */
static char partial[] = "{{> whole}}";
const struct asset assets[] = {
	{ "templates/page.html", partial, sizeof(partial) - 1 },
	{ "templates/whole.html", "x", 1 },
};
const size_t assets_count = EG_COUNT(assets);

const char *
config_find(struct arena *a, const char *config, const char *data_dir)
{
	return "test.conf";
}

bool
config_is_proxy(const struct config *c, const char *address)
{
	return false;
}

eg_err
service_open(struct service *sv, const char *config_path, const char **why)
{
	if (getenv("TEST_FAILS") != NULL) {
		*why = "test.conf:1: unknown key 'x'.";
		return EG_CONFIG;
	}
	if (getenv("TEST_HOLE") != NULL)
		memcpy(partial, "{{> ghost}}", sizeof(partial));
	sv->config = (struct config){ .public_url = "https://p", .public_origin = "https://p", .public_path = "", .embed_url = "https://p",
		.embed_origin = "https://p", .embed_path = "" };
	return EG_OK;
}

void
service_close(struct service *sv)
{
}

static eg_err
h_hello(struct rq *rq, struct resp *rs)
{
	return resp_bytes(rq, rs, 200, "text/plain", "hello", 5);
}

/* What of this request is there, so that what is of another one would be seen. */
static eg_err
h_echo(struct rq *rq, struct resp *rs)
{
	const char *text = arena_printf(rq->arena, "%zu a=%s c=%s q=%s", rq->body_len, rq_form(rq, "a"), rq_cookie(rq, "c"),
	    rq_query(rq, "q"));

	return resp_bytes(rq, rs, 200, "text/plain", text, strlen(text));
}

static eg_err
h_slow(struct rq *rq, struct resp *rs)
{
	/* Longer than a peer may be. An interrupted sleep would show that the deadline goes on. */
	return usleep(2 * DEADLINE_MS * 1000) == 0 ? h_hello(rq, rs) : EG_INTERNAL;
}

static eg_err
h_big(struct rq *rq, struct resp *rs)
{
	char *bytes = arena_alloc(rq->arena, 3000000);

	memset(bytes, 'x', 3000000);
	return resp_bytes(rq, rs, 200, "text/plain", bytes, 3000000);
}

static eg_err
h_process(struct rq *rq, struct resp *rs)
{
	const char *text = arena_printf(rq->arena, "%d %d %03o", (int)getpid(), prctl(PR_GET_DUMPABLE), (unsigned)umask(077));

	return resp_bytes(rq, rs, 200, "text/plain", text, strlen(text));
}

static const struct route routes[] = {
	{ M_GET, "/hello", 0, 0, h_hello, NULL, NULL },
	{ M_GET | M_POST, "/echo", 0, 0, h_echo, NULL, NULL },
	{ M_GET, "/slow", 0, 0, h_slow, NULL, NULL },
	{ M_GET, "/big", 0, 0, h_big, NULL, NULL },
	{ M_GET, "/process", 0, 0, h_process, NULL, NULL },
	{ 0 },
};
static const struct program program = { .name = "tiny", .routes = routes, .refuse = resp_problem };

/* ---- starting and ending it ---- */

static char folder[] = "/tmp/eg-serve-XXXXXX";

/* Run this file with standard input `in` (closed here) and, unless -1, standard output `out`. Standard error goes to a file. */
static pid_t
program_start(int in, int out, char *const env[])
{
	char path[64], self[] = "/proc/self/exe", mode[] = "serve";
	char *const args[] = { self, mode, NULL };
	sigset_t ends;
	pid_t pid;

	/* One that comes before the program is ready waits. */
	sigemptyset(&ends);
	sigaddset(&ends, SIGTERM);
	sigprocmask(SIG_BLOCK, &ends, NULL);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		int err;


		prctl(PR_SET_PDEATHSIG, SIGKILL);       /* nothing is left of a test that fails */
		snprintf(path, sizeof(path), "%s/stderr", folder);
		err = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
		if (dup2(in, 0) < 0 || (out >= 0 && dup2(out, 1) < 0) || dup2(err, 2) < 0)
			_exit(99);
		execve(self, args, env);
		_exit(98);
	}
	sigprocmask(SIG_UNBLOCK, &ends, NULL);
	close(in);
	return pid;
}

/* The exit status; 1000 + signal; fails where it does not end within 5 s. */
static int
program_wait(pid_t pid)
{
	int status = 0;

	for (int i = 0; i < 500; i++) {
		if (waitpid(pid, &status, WNOHANG) == pid)
			return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
		usleep(10000);
	}
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	fail_msg("the program does not end");
	return -1;
}

static int
program_end(pid_t pid)
{
	kill(pid, SIGTERM);
	return program_wait(pid);
}

static const char *
stderr_text(void)
{
	static char text[4096];
	char path[64];
	int fd;
	ssize_t n;

	snprintf(path, sizeof(path), "%s/stderr", folder);
	fd = open(path, O_RDONLY);
	n = fd >= 0 ? read(fd, text, sizeof(text) - 1) : 0;
	text[n > 0 ? n : 0] = '\0';
	if (fd >= 0)
		close(fd);
	return text;
}

static int
socket_listen(const char *name, mode_t mode)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(un.sun_path, sizeof(un.sun_path), "%s/%s", folder, name);
	unlink(un.sun_path);
	assert_int_equal(bind(fd, (struct sockaddr *)&un, sizeof(un)), 0);
	assert_int_equal(chmod(un.sun_path, mode), 0);
	assert_int_equal(listen(fd, 64), 0);
	return fd;
}

static pid_t
fastcgi_start(void)
{
	char *const env[] = { NULL };

	return program_start(socket_listen("s", 0600), -1, env);
}

static int
dial(void)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	struct timeval patience = { .tv_sec = 5 };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(un.sun_path, sizeof(un.sun_path), "%s/s", folder);
	assert_int_equal(connect(fd, (struct sockaddr *)&un, sizeof(un)), 0);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	return fd;
}

/* ---- a FastCGI client ---- */

enum { BEGIN = 1, END = 3, PARAMS = 4, STDIN = 5, STDOUT = 6 };

static void
record_send(int fd, int type, const void *bytes, size_t len)
{
	unsigned char header[8] = { 1, (unsigned char)type, 0, 1, (unsigned char)(len >> 8), (unsigned char)len, 0, 0 };

	assert_int_equal(send(fd, header, 8, MSG_NOSIGNAL), 8);
	if (len > 0)
		assert_int_equal(send(fd, bytes, len, MSG_NOSIGNAL), len);
}

static void
begin_send(int fd, bool keep)
{
	const unsigned char body[8] = { 0, 1, keep };

	record_send(fd, BEGIN, body, sizeof(body));
}

/* `vars`: '\n' between them. */
static void
params_send(int fd, const char *vars)
{
	unsigned char out[4096];
	size_t len = 0;

	while (*vars != '\0') {
		size_t name = strcspn(vars, "="), all = strcspn(vars, "\n");

		out[len++] = (unsigned char)name;
		out[len++] = (unsigned char)(all - name - 1);
		memcpy(out + len, vars, name);
		memcpy(out + len + name, vars + name + 1, all - name - 1);
		len += all - 1;
		vars += all + (vars[all] == '\n');
	}
	record_send(fd, PARAMS, out, len);
	record_send(fd, PARAMS, NULL, 0);
}

#define GET(uri) "REQUEST_METHOD=GET\nHTTPS=on\nREMOTE_ADDR=192.0.2.1\nREQUEST_URI=" uri
#define POST(uri) "REQUEST_METHOD=POST\nHTTPS=on\nREMOTE_ADDR=192.0.2.1\nREQUEST_URI=" uri

static void
request_send(int fd, bool keep, const char *vars, const char *body, size_t len)
{
	begin_send(fd, keep);
	params_send(fd, vars);
	for (size_t at = 0; at < len; at += 32768)
		record_send(fd, STDIN, body + at, len - at < 32768 ? len - at : 32768);
	record_send(fd, STDIN, NULL, 0);
}

static bool
read_whole(int fd, void *out, size_t len)
{
	for (char *to = out; len > 0;) {
		ssize_t n = recv(fd, to, len, 0);

		if (n <= 0)
			return false;
		to += n;
		len -= (size_t)n;
	}
	return true;
}

static char answer[4u << 20];

/* Everything of one answer, or "" where the connection ends before it. */
static const char *
answer_read(int fd)
{
	unsigned char header[8], rest[65536 + 255];
	size_t n = 0;

	for (;;) {
		size_t len;

		if (!read_whole(fd, header, sizeof(header)))
			return "";
		len = (size_t)header[4] << 8 | header[5];
		if (!read_whole(fd, rest, len + header[6]))
			return "";
		if (header[1] == END)
			break;
		assert_int_equal(header[1], STDOUT);
		assert_true(n + len < sizeof(answer));
		memcpy(answer + n, rest, len);
		n += len;
	}
	answer[n] = '\0';
	return answer;
}

static const char *
body_of(const char *text)
{
	const char *end = strstr(text, "\r\n\r\n");

	return end != NULL ? end + 4 : "";
}

static bool
is_closed(int fd)
{
	char c;

	return recv(fd, &c, 1, 0) == 0;
}

/* One request on a connection of its own. */
static const char *
ask(const char *vars, const char *body)
{
	int fd = dial();
	const char *text;

	request_send(fd, false, vars, body, strlen(body));
	text = answer_read(fd);
	assert_true(is_closed(fd));
	close(fd);
	return text;
}

/* ---- FastCGI ---- */

static void
two_requests_share_nothing(void **state)
{
	pid_t pid = fastcgi_start();
	const char *text = ask(POST("/echo?q=1") "\nHTTP_COOKIE=c=2\n"
	    "CONTENT_TYPE=application/x-www-form-urlencoded\nCONTENT_LENGTH=3", "a=3");

	assert_memory_equal(text, "Status: 200 OK\r\n", 16);
	assert_string_equal(body_of(text), "3 a=3 c=2 q=1");
	assert_string_equal(body_of(ask(POST("/echo"), "")), "0 a=(null) c=(null) q=(null)");
	assert_string_equal(body_of(ask("REQUEST_METHOD=HEAD\nHTTPS=on\nREQUEST_URI=/hello", "")), "");
	assert_non_null(strstr(answer, "Content-Length: 5\r\n"));
	assert_non_null(strstr(ask(GET("/none"), ""), "\"code\":\"not_found\""));
	assert_int_equal(program_end(pid), 0);
}

static void
answers_of_any_size_arrive(void **state)
{
	pid_t pid = fastcgi_start();

	assert_int_equal(strlen(body_of(ask(GET("/big"), ""))), 3000000);
	assert_int_equal(program_end(pid), 0);
}

static void
the_process_is_closed_to_others(void **state)
{
	pid_t pid = fastcgi_start();
	int told = 0, dumpable = 1;
	unsigned mask = 0;

	assert_int_equal(sscanf(body_of(ask(GET("/process"), "")), "%d %d %o", &told, &dumpable, &mask), 3);
	assert_int_equal(told, pid);
	assert_int_equal(mask, 077);
#ifndef __SANITIZE_ADDRESS__
	assert_int_equal(dumpable, 0);          /* T35 */
#endif
	assert_int_equal(program_end(pid), 0);
}

static void
kept_connections_hold_nobody(void **state)
{
	pid_t pid = fastcgi_start();
	int kept[3];

	for (int i = 0; i < 3; i++) {
		kept[i] = dial();
		request_send(kept[i], true, GET("/hello"), "", 0);
		assert_string_equal(body_of(answer_read(kept[i])), "hello");
	}
	assert_string_equal(body_of(ask(GET("/hello"), "")), "hello");
	for (int round = 0; round < 2; round++)
		for (int i = 2; i >= 0; i--) {
			request_send(kept[i], true, POST("/echo"), "xy", 2);
			assert_string_equal(body_of(answer_read(kept[i])), "2 a=(null) c=(null) q=(null)");
		}
	close(kept[0]);
	request_send(kept[1], false, GET("/hello"), "", 0);
	assert_string_equal(body_of(answer_read(kept[1])), "hello");
	assert_true(is_closed(kept[1]));
	request_send(kept[2], true, GET("/hello"), "", 0);
	assert_string_equal(body_of(answer_read(kept[2])), "hello");
	assert_int_equal(program_end(pid), 0);
	assert_true(is_closed(kept[2]));
	close(kept[1]);
	close(kept[2]);
}

/* A server that does not close after the answer: nothing waits for it. */
static void
open_connections_hold_nobody(void **state)
{
	pid_t pid = fastcgi_start();
	int64_t since_us;
	int fds[8];

	assert_string_equal(body_of(ask(GET("/hello"), "")), "hello");
	since_us = clock_mono_us();
	for (size_t i = 0; i < EG_COUNT(fds); i++) {
		fds[i] = dial();
		request_send(fds[i], false, GET("/hello"), "", 0);
		assert_string_equal(body_of(answer_read(fds[i])), "hello");
	}
	assert_in_range(clock_mono_us() - since_us, 0, 2000000);        /* libfcgi alone would wait longer for the second one */
	for (size_t i = 0; i < EG_COUNT(fds); i++)
		close(fds[i]);
	assert_int_equal(program_end(pid), 0);
}

/* T31, M6: where a peer may stop. `sends` of what a whole request would be. */
static void
stop_in_record(int fd)
{
	assert_int_equal(send(fd, "\1\1\0", 3, MSG_NOSIGNAL), 3);
}

static void
stop_after_begin(int fd)
{
	begin_send(fd, false);
}

static void
stop_in_params(int fd)
{
	static const unsigned char half[] = { 1, PARAMS, 0, 1, 0, 100, 0, 0, 14, 4, 'R', 'E', 'Q' };

	begin_send(fd, false);
	assert_int_equal(send(fd, half, sizeof(half), MSG_NOSIGNAL), sizeof(half));
}

static void
stop_before_body(int fd)
{
	begin_send(fd, false);
	params_send(fd, POST("/echo") "\nCONTENT_LENGTH=10");
}

static void
stop_in_body(int fd)
{
	stop_before_body(fd);
	record_send(fd, STDIN, "12345", 5);
}

static void
stop_before_anything(int fd)
{
}

static const struct {
	void (*send)(int fd);
	const char *status;     /* of the answer; NULL: none */
} stops[] = {
	{ stop_before_anything, NULL }, { stop_in_record, NULL }, { stop_after_begin, NULL }, { stop_in_params, NULL },
	{ stop_before_body, "Status: 408 " }, { stop_in_body, "Status: 408 " },
};

static void
a_peer_that_stops_is_given_up(void **state)
{
	pid_t pid = fastcgi_start();

	for (size_t i = 0; i < EG_COUNT(stops); i++) {
		int64_t since_us = clock_mono_us(), took_us;
		int fd = dial();
		const char *text;

		stops[i].send(fd);
		/* The next one waits as long as the deadline is, and not longer. */
		assert_string_equal(body_of(ask(GET("/hello"), "")), "hello");
		took_us = clock_mono_us() - since_us;
		assert_in_range(took_us, DEADLINE_MS * 900, DEADLINE_MS * 6000);
		text = answer_read(fd);
		if (stops[i].status == NULL)
			assert_string_equal(text, "");
		else
			assert_memory_equal(text, stops[i].status, strlen(stops[i].status));
		assert_true(is_closed(fd));
		close(fd);
	}
	assert_int_equal(program_end(pid), 0);
}

/* A drop now and then does not put the deadline off. */
static void
a_peer_that_trickles_is_given_up(void **state)
{
	pid_t pid = fastcgi_start();
	int64_t since_us = clock_mono_us();
	int fd = dial();
	struct pollfd p = { .fd = fd, .events = POLLIN };

	stop_before_body(fd);
	while (poll(&p, 1, DEADLINE_MS / 10) == 0 && clock_mono_us() - since_us < DEADLINE_MS * 6000)
		record_send(fd, STDIN, "1", 1);
	assert_in_range(clock_mono_us() - since_us, DEADLINE_MS * 900, DEADLINE_MS * 6000);
	assert_memory_equal(answer_read(fd), "Status: 408 ", 12);
	close(fd);
	assert_int_equal(program_end(pid), 0);
}

/* An answer that takes long is no slow peer, and what the deadline of one request left does not hit the next. */
static void
the_deadline_is_for_the_peer_only(void **state)
{
	pid_t pid = fastcgi_start();

	assert_string_equal(body_of(ask(GET("/slow"), "")), "hello");
	assert_string_equal(body_of(ask(GET("/slow"), "")), "hello");
	assert_int_equal(program_end(pid), 0);
}

/* F11 */
static void
a_peer_that_goes_away_does_no_harm(void **state)
{
	pid_t pid = fastcgi_start();

	for (int i = 0; i < 30; i++) {
		int fd = dial();

		if (i % 3 == 0)
			stop_in_body(fd);
		else
			request_send(fd, i % 2, i % 3 == 1 ? GET("/big") : GET("/hello"), "", 0);
		close(fd);
	}
	assert_string_equal(body_of(ask(GET("/hello"), "")), "hello");
	assert_int_equal(program_end(pid), 0);
}

static void
bodies_have_bounds(void **state)
{
	static const struct {
		size_t len;
		const char *status;
	} cases[] = {
		{ 64u << 10, "Status: 200 " }, { (64u << 10) + 1, "Status: 413 " }, { 1u << 20, "Status: 413 " },
		{ 9u << 20, "Status: 413 " },
	};
	pid_t pid = fastcgi_start();
	char *body = calloc(1, 9u << 20), vars[256];

	memset(body, 'x', 9u << 20);
	for (size_t i = 0; i < EG_COUNT(cases); i++)
		for (int keep = 0; keep <= 1; keep++) {
			int fd = dial();

			snprintf(vars, sizeof(vars), POST("/echo") "\nCONTENT_LENGTH=%zu", cases[i].len);
			request_send(fd, keep, vars, body, cases[i].len);
			assert_memory_equal(answer_read(fd), cases[i].status, strlen(cases[i].status));
			if (keep) {     /* read to its end: the connection is good for another one */
				request_send(fd, false, GET("/hello"), "", 0);
				assert_string_equal(body_of(answer_read(fd)), "hello");
			}
			assert_true(is_closed(fd));
			close(fd);
		}
	/* Less than was announced, and then a clean end: not taken for the whole. */
	assert_memory_equal(ask(POST("/echo") "\nCONTENT_LENGTH=4", "abc"), "Status: 408 ", 12);
	assert_non_null(strstr(answer, "\"code\":\"request_timeout\""));
	free(body);
	assert_int_equal(program_end(pid), 0);
}

/* Somebody who never ends is not listened to for ever. */
static void
endless_bodies_are_cut_off(void **state)
{
	static const unsigned char header[8] = { 1, STDIN, 0, 1, 0x80, 0, 0, 0 };
	static char content[0x8000];
	pid_t pid = fastcgi_start();
	size_t sent = 0;
	int fd = dial();

	begin_send(fd, false);
	params_send(fd, POST("/echo"));
	while (sent < (256u << 20) && send(fd, header, sizeof(header), MSG_NOSIGNAL) == sizeof(header) &&
	    send(fd, content, sizeof(content), MSG_NOSIGNAL) == sizeof(content))
		sent += sizeof(content);
	assert_in_range(sent, 64u << 20, 72u << 20);
	assert_memory_equal(answer_read(fd), "Status: 413 ", 12);
	close(fd);
	assert_string_equal(body_of(ask(GET("/hello"), "")), "hello");
	assert_int_equal(program_end(pid), 0);
}

static void
broken_records_end_their_connection_only(void **state)
{
	static const unsigned char versions[8] = { 9, 1, 0, 1, 0, 8, 0, 0 }, types[8] = { 1, 5, 0, 1, 0, 0, 0, 0 };
	static const unsigned char roles[16] = { 1, 1, 0, 1, 0, 8, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0 };
	static const struct {
		const unsigned char *bytes;
		size_t len;
	} cases[] = { { versions, 8 }, { types, 8 }, { roles, 16 } };
	pid_t pid = fastcgi_start();

	for (size_t i = 0; i < EG_COUNT(cases); i++) {
		int fd = dial();

		assert_int_equal(send(fd, cases[i].bytes, cases[i].len, MSG_NOSIGNAL), cases[i].len);
		shutdown(fd, SHUT_WR);
		assert_string_equal(answer_read(fd), "");
		close(fd);
		assert_string_equal(body_of(ask(GET("/hello"), "")), "hello");
	}
	assert_int_equal(program_end(pid), 0);
}

/* A peer that dies while it tells the variables: what it told so far is not taken for all of it. */
static void
half_the_variables_are_no_request(void **state)
{
	static const char vars[] = GET("/hello");
	pid_t pid = fastcgi_start();
	unsigned char record[256];
	size_t len = 0;
	int fd = dial();

	for (const char *var = vars; *var != '\0'; var += strcspn(var, "\n") + (strchr(var, '\n') != NULL)) {
		size_t name = strcspn(var, "="), value = strcspn(var, "\n") - name - 1;

		record[len++] = (unsigned char)name;
		record[len++] = (unsigned char)value;
		memcpy(record + len, var, name);
		memcpy(record + len + name, var + name + 1, value);
		len += name + value;
	}
	begin_send(fd, false);
	record_send(fd, PARAMS, record, len);   /* whole, but the record that ends the variables does not come */
	shutdown(fd, SHUT_WR);
	assert_string_equal(answer_read(fd), "");
	close(fd);
	assert_string_equal(body_of(ask(GET("/hello"), "")), "hello");
	assert_int_equal(program_end(pid), 0);
}

static void
several_processes_share_a_socket(void **state)
{
	char *const env[] = { NULL };
	int listener = socket_listen("s", 0600);
	pid_t one = program_start(dup(listener), -1, env), two = program_start(dup(listener), -1, env);
	int slow = dial();

	close(listener);
	request_send(slow, false, GET("/slow"), "", 0);
	usleep(50000);
	for (int i = 0; i < 20; i++)    /* the other one answers meanwhile */
		assert_string_equal(body_of(ask(GET("/hello"), "")), "hello");
	assert_string_equal(body_of(answer_read(slow)), "hello");
	close(slow);
	assert_int_equal(program_end(one), 0);
	assert_string_equal(body_of(ask(GET("/hello"), "")), "hello");
	assert_int_equal(program_end(two), 0);
}

/* ---- signals ---- */

static void
it_ends_after_the_request(void **state)
{
	static const int signals[] = { SIGTERM, SIGUSR1, SIGINT };

	for (size_t i = 0; i < EG_COUNT(signals); i++) {
		pid_t pid = fastcgi_start();
		int fd = dial();

		request_send(fd, true, GET("/slow"), "", 0);
		usleep(DEADLINE_MS * 500);
		kill(pid, signals[i]);
		assert_string_equal(body_of(answer_read(fd)), "hello");
		assert_int_equal(program_wait(pid), 0);
		close(fd);
	}
}

/* With requests always waiting, the signal is still seen. */
static void
it_ends_under_load(void **state)
{
	pid_t pid = fastcgi_start();
	int fds[40];

	kill(pid, SIGSTOP);
	for (size_t i = 0; i < EG_COUNT(fds); i++) {
		fds[i] = dial();
		request_send(fds[i], false, GET("/slow"), "", 0);
	}
	kill(pid, SIGTERM);
	kill(pid, SIGCONT);
	assert_int_equal(program_wait(pid), 0);         /* 40 of them would take 16 s */
	for (size_t i = 0; i < EG_COUNT(fds); i++)
		close(fds[i]);
}

/* ---- plain CGI ---- */

/* Run one CGI request; what is written to its input is `sent`, and that stays open where `stays_open`. */
static int
cgi(char *const env[], const char *sent, bool stays_open)
{
	int in[2], out[2];
	size_t n = 0;
	ssize_t got;
	pid_t pid;

	assert_int_equal(pipe2(in, O_CLOEXEC), 0);
	assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	pid = program_start(in[0], out[1], env);
	close(out[1]);
	assert_int_equal(write(in[1], sent, strlen(sent)), strlen(sent));
	if (!stays_open)
		close(in[1]);
	while ((got = read(out[0], answer + n, sizeof(answer) - 1 - n)) > 0)
		n += (size_t)got;
	answer[n] = '\0';
	close(out[0]);
	if (stays_open)
		close(in[1]);
	return program_wait(pid);
}

#define ENV(...) (char *const[]){ (char[]){ "HTTPS=on" }, (char[]){ "REMOTE_ADDR=192.0.2.1" }, __VA_ARGS__, NULL }
#define VAR(text) (char[]){ text }
#define POST_ECHO(len) ENV(VAR("REQUEST_METHOD=POST"), VAR("REQUEST_URI=/echo"), VAR("CONTENT_LENGTH=" len))

static void
one_cgi_request_is_answered(void **state)
{
	assert_int_equal(cgi(ENV(VAR("REQUEST_METHOD=GET"), VAR("REQUEST_URI=/hello")), "", false), 0);
	assert_memory_equal(answer, "Status: 200 OK\r\n", 16);
	assert_string_equal(body_of(answer), "hello");

	/* No more is read than was announced, and the end is not waited for. */
	assert_int_equal(cgi(ENV(VAR("REQUEST_METHOD=POST"), VAR("REQUEST_URI=/echo"), VAR("CONTENT_LENGTH=3"),
	    VAR("CONTENT_TYPE=application/x-www-form-urlencoded")), "a=1&a=2", true), 0);
	assert_string_equal(body_of(answer), "3 a=1 c=(null) q=(null)");

	assert_int_equal(cgi(ENV(VAR("REQUEST_METHOD=POST"), VAR("REQUEST_URI=/echo")), "a=1", true), 0);
	assert_string_equal(body_of(answer), "0 a=(null) c=(null) q=(null)");
}

static void
a_cgi_body_has_bounds(void **state)
{
	char *body = calloc(1, (64u << 10) + 2);
	int64_t since_us;

	memset(body, 'x', (64u << 10) + 1);
	/* More than a pipe holds: the program must read while we write, or both would wait. */
	assert_int_equal(cgi(POST_ECHO("65537"), body, false), 0);
	assert_memory_equal(answer, "Status: 413 ", 12);
	free(body);

	assert_int_equal(cgi(POST_ECHO("4"), "abc", false), 0);
	assert_memory_equal(answer, "Status: 408 ", 12);

	since_us = clock_mono_us();
	assert_int_equal(cgi(POST_ECHO("4"), "abc", true), 0);
	assert_memory_equal(answer, "Status: 408 ", 12);
	assert_in_range(clock_mono_us() - since_us, DEADLINE_MS * 900, DEADLINE_MS * 6000);
}

static void
what_cannot_start_says_why(void **state)
{
	assert_int_equal(cgi(ENV(VAR("REQUEST_METHOD=GET"), VAR("REQUEST_URI=/hello"), VAR("TEST_FAILS=1")), "", false), 1);
	assert_memory_equal(answer, "Status: 500 ", 12);
	assert_null(strstr(answer, "test.conf"));
	assert_string_equal(stderr_text(), "tiny: test.conf:1: unknown key 'x'.\n");

	assert_int_equal(cgi((char *const[]){ NULL }, "", false), 1);
	assert_string_equal(answer, "");
	assert_string_equal(stderr_text(), "tiny: this is a FastCGI and CGI program: a web server has to start it.\n");

	assert_int_equal(program_wait(program_start(socket_listen("s", 0600), -1, ENV(VAR("TEST_FAILS=1")))), 1);
	assert_string_equal(stderr_text(), "tiny: test.conf:1: unknown key 'x'.\n");

	/* A program that was built from half a tree says so now, and not to a visitor. */
	assert_int_equal(program_wait(program_start(socket_listen("s", 0600), -1, ENV(VAR("TEST_HOLE=1")))), 1);
	assert_string_equal(stderr_text(), "tiny: it was built without a part: templates/page.html: there is no "
	    "templates/ghost.html for {{> ghost}}.\n");
}

/* ---- sockets ---- */

static int
tcp_listen(uint32_t address)
{
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(address) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&in, sizeof(in)), 0);
	assert_int_equal(listen(fd, 4), 0);
	return fd;
}

static int
abstract_listen(void)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	socklen_t len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + strlen(folder));
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(un.sun_path + 1, sizeof(un.sun_path) - 1, "%s", folder);
	assert_int_equal(bind(fd, (struct sockaddr *)&un, len), 0);
	assert_int_equal(listen(fd, 4), 0);
	return fd;
}

/* T19 */
static void
sockets_for_everybody_are_refused(void **state)
{
	enum { UNIX, TCP, ABSTRACT };
	static const struct {
		int kind;
		mode_t folder, socket;
		uint32_t address;
		const char *refused;
	} cases[] = {
		{ UNIX, 0700, 0600, 0, NULL }, { UNIX, 0755, 0600, 0, NULL }, { UNIX, 0755, 0660, 0, NULL },
		{ UNIX, 0755, 0775, 0, NULL },
		{ UNIX, 0700, 0666, 0, NULL }, { UNIX, 0750, 0777, 0, NULL },
		{ UNIX, 0755, 0666, 0, "every user of this machine" },
		{ UNIX, 0711, 0602, 0, "every user of this machine" },
		{ TCP, 0700, 0, INADDR_LOOPBACK, NULL }, { TCP, 0700, 0, 0x7f000002, NULL },
		{ TCP, 0700, 0, INADDR_ANY, "other machines" },
		{ ABSTRACT, 0700, 0, 0, "abstract" },
	};
	char *const env[] = { NULL };

	for (size_t i = 0; i < EG_COUNT(cases); i++) {
		int fd = cases[i].kind == UNIX ? socket_listen("s", cases[i].socket) :
		    cases[i].kind == TCP ? tcp_listen(cases[i].address) : abstract_listen();
		pid_t pid;

		assert_int_equal(chmod(folder, cases[i].folder), 0);
		pid = program_start(fd, -1, env);
		if (cases[i].refused == NULL) {
			assert_int_equal(program_end(pid), 0);
		} else {
			assert_int_equal(program_wait(pid), 1);
			assert_non_null(strstr(stderr_text(), cases[i].refused));
		}
	}
	assert_int_equal(chmod(folder, 0700), 0);
}

static int
folder_make(void **state)
{
	return mkdtemp(folder) != NULL ? 0 : -1;
}

static int
folder_remove(void **state)
{
	static const char *const names[] = { "s", "stderr" };
	char path[64];

	for (size_t i = 0; i < EG_COUNT(names); i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
		unlink(path);
	}
	return rmdir(folder);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_requests_share_nothing),
		cmocka_unit_test(answers_of_any_size_arrive),
		cmocka_unit_test(the_process_is_closed_to_others),
		cmocka_unit_test(kept_connections_hold_nobody),
		cmocka_unit_test(open_connections_hold_nobody),
		cmocka_unit_test(a_peer_that_stops_is_given_up),
		cmocka_unit_test(a_peer_that_trickles_is_given_up),
		cmocka_unit_test(the_deadline_is_for_the_peer_only),
		cmocka_unit_test(a_peer_that_goes_away_does_no_harm),
		cmocka_unit_test(bodies_have_bounds),
		cmocka_unit_test(endless_bodies_are_cut_off),
		cmocka_unit_test(broken_records_end_their_connection_only),
		cmocka_unit_test(half_the_variables_are_no_request),
		cmocka_unit_test(several_processes_share_a_socket),
		cmocka_unit_test(it_ends_after_the_request),
		cmocka_unit_test(it_ends_under_load),
		cmocka_unit_test(one_cgi_request_is_answered),
		cmocka_unit_test(a_cgi_body_has_bounds),
		cmocka_unit_test(what_cannot_start_says_why),
		cmocka_unit_test(sockets_for_everybody_are_refused),
	};

	if (argc == 2 && strcmp(argv[1], "serve") == 0)
		return serve_main(&program);
	return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
