/* SPDX-License-Identifier: GPL-3.0-or-later */
/* serve.c - requests in, answers out. Connections are accepted here and handed to libfcgi one request at a time, which it
 * supports for connections that a server keeps open: so the wait has a deadline and ends in order, kept connections of
 * several servers do not block each other, and an answered connection is closed at once.
 *
 * libfcgi reads with blocking read(2). What bounds it is a timer: its signal interrupts the read, libfcgi gives the request
 * up, and nobody is held longer than the deadline by a peer that stops in the middle of a record or of a body. */
#include "web/serve.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcgiapp.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/log.h"
#include "web/template.h"

#define LISTENER 0                      /* FastCGI: the socket is standard input */
#define READ_DEADLINE_S 10              /* from accept to the last byte of the body */
#define WRITE_DEADLINE_S 30             /* for the server to take the answer */
#define DRAIN_MAX (64u << 20)           /* bytes of a body that are read after the cap: servers that are still sending do not
                                         * look for an answer */
#define KEPT_MAX 256                    /* idle connections that servers keep open */

/* ---- deadlines ---- */

static void
on_alarm(int number)
{
	/* Only interrupts. */
}

/* 0: none. Past the deadline the signal comes again and again, because one that arrives between two reads would be lost. */
static void
deadline_set(int seconds)
{
	struct itimerval t = { .it_value.tv_sec = seconds };

	if (seconds > 0)
		t.it_interval.tv_usec = 250000;
	setitimer(ITIMER_REAL, &t, NULL);
}

/* ---- bodies ---- */

struct source {
	FCGX_Stream *in;        /* NULL: plain CGI, standard input */
	size_t left;            /* of plain CGI: no more than CONTENT_LENGTH is ours to read */
};

/* > 0: so many bytes, 0: the end, < 0: the sender went away or took too long. */
static ssize_t
source_read(struct source *src, char *out, size_t size)
{
	ssize_t n;

	if (src->in != NULL) {
		n = FCGX_GetStr(out, (int)size, src->in);
		return n > 0 ? n : FCGX_GetError(src->in) != 0 ? -1 : 0;
	}
	if (src->left == 0)
		return 0;
	n = read(STDIN_FILENO, out, size < src->left ? size : src->left);
	if (n <= 0)
		return -1;
	src->left -= (size_t)n;
	return n;
}

enum body_result { BODY_WHOLE, BODY_CUT, BODY_ENDLESS };

/* Read to the end, keeping what fits, and hand it to the request. */
static enum body_result
body_read(struct rq *rq, struct source *src, size_t announced)
{
	const size_t max = router_body_max(rq);
	size_t total = 0;
	char chunk[8192];
	struct buf b;
	ssize_t n;

	buf_init(&b, rq->arena, announced <= max ? announced + 1 : 0);
	while ((n = source_read(src, chunk, sizeof(chunk))) > 0) {
		total += (size_t)n;
		if (total <= max)
			buf_add(&b, chunk, (size_t)n);
		else if (total > max + DRAIN_MAX)
			break;
	}
	explicit_bzero(chunk, sizeof(chunk));
	if (n < 0 || (n == 0 && total < announced))
		return BODY_CUT;
	rq_take_body(rq, b.data, b.len, total > max);
	return n > 0 ? BODY_ENDLESS : BODY_WHOLE;
}

static size_t
content_length(const struct rq *rq)
{
	const char *text = rq_env(rq, "CONTENT_LENGTH");
	unsigned long long n = text != NULL && *text >= '0' && *text <= '9' ? strtoull(text, NULL, 10) : 0;

	return n < SIZE_MAX / 2 ? (size_t)n : SIZE_MAX / 2;
}

/* ---- one request ---- */

/* Everything between the variables and the bytes that go out. */
static enum body_result
request_answer(struct rq *rq, struct source *src, struct buf *out)
{
	static struct resp rs;
	enum body_result body;

	router_match(rq);
	body = body_read(rq, src, content_length(rq));
	deadline_set(0);
	if (body == BODY_CUT)
		router_answer_cut(rq, &rs);
	else
		router_answer(rq, &rs);
	buf_init(out, rq->arena, rs.body_len + 2048);
	resp_write(rq, &rs, out);
	return body;
}

static void
request_end(struct rq *rq)
{
	arena_reset(rq->arena);
	log_request(NULL);
}

/* ---- FastCGI ---- */

struct loop {
	const struct program *program;
	struct service *sv;
	struct arena *arena;
	int events;             /* epoll: the listener, signals, kept connections */
	int signals;
	size_t kept;
	bool is_ending;
};

static bool
loop_watch(struct loop *l, int fd, uint32_t what)
{
	struct epoll_event ev = { .events = what, .data.fd = fd };

	return epoll_ctl(l->events, EPOLL_CTL_ADD, fd, &ev) == 0;
}

/* A connection with a request on it, or -1. */
static int
loop_wait(struct loop *l, bool *is_kept)
{
	struct epoll_event ev;
	int fd;

	if (epoll_wait(l->events, &ev, 1, -1) != 1)
		return -1;
	if (ev.data.fd == l->signals) {
		l->is_ending = true;
		return -1;
	}
	*is_kept = ev.data.fd != LISTENER;
	if (*is_kept)
		return ev.data.fd;
	/* Another process may have been quicker: the listener does not block. */
	fd = accept4(LISTENER, NULL, NULL, SOCK_CLOEXEC);
	if (fd < 0 && errno != EAGAIN && errno != ECONNABORTED && errno != EINTR) {
		log_line(LOG_LEVEL_ERROR, "accept: %s", strerror(errno));
		usleep(100000);         /* out of descriptors or memory: asking again at once would only burn time */
	}
	return fd;
}

/* One request of the connection `fd`, which libfcgi takes over. True where it is still open, because the server keeps it. */
static bool
connection_serve(struct loop *l, int fd)
{
	static struct rq rq;
	FCGX_Request fcgi;
	struct source src;
	struct buf out;

	/* To libfcgi this is a connection that was kept, so it does not accept one; and a detached one, so that where it closes
	 * it does so at once, instead of waiting for the other side to close first. */
	FCGX_InitRequest(&fcgi, -1, 0);
	fcgi.ipcFd = fd;
	fcgi.keepConnection = 1;
	FCGX_Detach(&fcgi);
	deadline_set(READ_DEADLINE_S);
	if (FCGX_Accept_r(&fcgi) != 0) {
		deadline_set(0);
		return false;
	}
	/* It takes an end in the middle of the variables for their end. Half of them are no request. */
	if (FCGX_GetError(fcgi.in) != 0) {
		FCGX_Finish_r(&fcgi);
		deadline_set(0);
		return false;
	}

	rq_open(&rq, l->sv, l->arena, l->program, fcgi.envp);
	src = (struct source){ .in = fcgi.in };
	if (request_answer(&rq, &src, &out) != BODY_WHOLE)
		fcgi.keepConnection = 0;        /* what comes next on it is not a request */
	deadline_set(WRITE_DEADLINE_S);
	FCGX_PutStr(out.data, (int)out.len, fcgi.out);
	FCGX_Finish_r(&fcgi);
	deadline_set(0);
	request_end(&rq);
	return fcgi.ipcFd >= 0;
}

static void
connection_keep(struct loop *l, int fd)
{
	if (l->kept < KEPT_MAX && loop_watch(l, fd, EPOLLIN))
		l->kept++;
	else
		close(fd);
}

static int
serve_fastcgi(const struct program *p, struct service *sv, struct arena *a, const sigset_t *ends)
{
	struct loop l = { .program = p, .sv = sv, .arena = a };

	l.events = epoll_create1(EPOLL_CLOEXEC);
	l.signals = signalfd(-1, ends, SFD_CLOEXEC | SFD_NONBLOCK);
	if (l.events < 0 || l.signals < 0 || fcntl(LISTENER, F_SETFL, O_RDWR | O_NONBLOCK) != 0 ||
	    !loop_watch(&l, LISTENER, EPOLLIN | EPOLLEXCLUSIVE) || !loop_watch(&l, l.signals, EPOLLIN)) {
		fprintf(stderr, "%s: cannot wait for requests: %s.\n", p->name, strerror(errno));
		return 1;
	}
	while (!l.is_ending) {
		bool was_kept = false, is_open;
		int fd = loop_wait(&l, &was_kept);

		if (fd < 0)
			continue;
		is_open = connection_serve(&l, fd);
		if (was_kept && !is_open)
			l.kept--;
		else if (is_open && !was_kept)
			connection_keep(&l, fd);
	}
	return 0;
}

/* ---- plain CGI ---- */

static void
stdout_write(const char *bytes, size_t len)
{
	while (len > 0) {
		ssize_t n = write(STDOUT_FILENO, bytes, len);

		if (n <= 0)
			return;         /* the server went away: nobody is left to tell */
		bytes += n;
		len -= (size_t)n;
	}
}

static int
serve_cgi(const struct program *p, struct service *sv, struct arena *a)
{
	static struct rq rq;
	struct source src = { .in = NULL };
	struct buf out;

	deadline_set(READ_DEADLINE_S);
	rq_open(&rq, sv, a, p, environ);
	src.left = content_length(&rq);
	(void)request_answer(&rq, &src, &out);
	deadline_set(WRITE_DEADLINE_S);
	stdout_write(out.data, out.len);
	deadline_set(0);
	request_end(&rq);
	return 0;
}

/* ---- starting ---- */

/* May every user of this machine connect to the socket: itself writable for all, in folders that all may pass? */
static bool
file_is_open_to_all(const char *file)
{
	char path[PATH_MAX];
	struct stat st;

	/* A file that is not there, or that we cannot reach, nobody else reaches by its name either. */
	if (realpath(file, path) == NULL || stat(path, &st) != 0 || !(st.st_mode & S_IWOTH))
		return false;
	for (char *slash; (slash = strrchr(path, '/')) != NULL;) {
		*slash = '\0';
		if (stat(*path != '\0' ? path : "/", &st) == 0 && !(st.st_mode & S_IXOTH))
			return false;
	}
	return true;
}

/* Whoever reaches the socket may say who it is and where it comes from. (T19) NULL where only those do who should. */
static const char *
listener_fault(struct arena *a)
{
	union {
		struct sockaddr any;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
		struct sockaddr_un un;
	} s = { .any.sa_family = AF_UNSPEC };
	socklen_t len = sizeof(s);
	int on = 1;

	if (getsockname(LISTENER, &s.any, &len) != 0)
		return arena_printf(a, "cannot tell what socket this is: %s.", strerror(errno));
	switch (s.any.sa_family) {
	case AF_UNIX:
		s.un.sun_path[sizeof(s.un.sun_path) - 1] = '\0';
		if (len > offsetof(struct sockaddr_un, sun_path) && s.un.sun_path[0] == '\0')
			return "the socket is an abstract one, which every user of this machine may use. Use one with a path.";
		if (len > offsetof(struct sockaddr_un, sun_path) && file_is_open_to_all(s.un.sun_path))
			return arena_printf(a, "every user of this machine may use the socket %s. Give it mode 0660, or put it "
			    "into a folder of mode 0750.", s.un.sun_path);
		return NULL;
	case AF_INET:
		if (ntohl(s.in.sin_addr.s_addr) >> 24 != 127)
			break;
		setsockopt(LISTENER, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
		return NULL;
	case AF_INET6:
		if (!IN6_IS_ADDR_LOOPBACK(&s.in6.sin6_addr))
			break;
		setsockopt(LISTENER, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
		return NULL;
	}
	return "other machines may reach the socket. Listen on 127.0.0.1, or better on a unix socket.";
}

/* Signals, and what of us others may see. `ends`: the signals that end the process after its request; blocked. */
static void
process_prepare(sigset_t *ends)
{
	struct sigaction alarm = { .sa_handler = on_alarm }, ignore = { .sa_handler = SIG_IGN };

#ifndef __SANITIZE_ADDRESS__    /* its leak check attaches to the process as a debugger does */
	prctl(PR_SET_DUMPABLE, 0);
#endif
	umask(077);
	sigemptyset(&alarm.sa_mask);
	sigemptyset(&ignore.sa_mask);
	sigaction(SIGALRM, &alarm, NULL);       /* without SA_RESTART */
	sigaction(SIGPIPE, &ignore, NULL);
	sigemptyset(ends);
	sigaddset(ends, SIGTERM);
	sigaddset(ends, SIGINT);
	sigaddset(ends, SIGUSR1);
	sigprocmask(SIG_BLOCK, ends, NULL);
}

static int
start_failed(const struct program *p, bool is_cgi, const char *why)
{
	static const char answer[] = "Status: 500 Internal Server Error\r\nContent-Type: text/plain; charset=utf-8\r\n"
	    "Cache-Control: no-store\r\n\r\nThis service could not start. The error log of the web server says why.\n";

	fprintf(stderr, "%s: %s\n", p->name, why);
	if (is_cgi)
		stdout_write(answer, sizeof(answer) - 1);
	return 1;
}

/* With everything checked that can be checked before the service is open. A plain CGI process, which lives for one request,
 * looks at the templates of that request only. */
static int
serve(const struct program *p, struct arena *a, bool is_cgi, const sigset_t *ends)
{
	struct service sv = { .arena = NULL };
	const char *why = NULL;
	int status;

	if (service_open(&sv, config_find(a, NULL, NULL), &why) != EG_OK)
		status = start_failed(p, is_cgi, why);
	else if (!is_cgi && template_check_all(a, &why) != EG_OK)
		status = start_failed(p, is_cgi, arena_printf(a, "it was built without a part: %s.", why));
	else if (p->start != NULL && p->start(&sv) != EG_OK)
		status = start_failed(p, is_cgi, "it could not prepare itself. The line above says why.");
	else
		status = is_cgi ? serve_cgi(p, &sv, a) : serve_fastcgi(p, &sv, a, ends);
	service_close(&sv);
	return status;
}

/* Whoever watches over the program starts it again at once: a fault that lasts must not become a storm of starts. */
static void
hold_off_restart(const sigset_t *ends)
{
	const struct timespec longer_than_a_second = { .tv_sec = 1, .tv_nsec = 200000000 };

	sigtimedwait(ends, NULL, &longer_than_a_second);
}

int
serve_main(const struct program *p)
{
	struct arena *a = arena_new();
	const char *why = NULL;
	bool is_cgi = FCGX_IsCGI();     /* first: it installs signal handlers of its own */
	sigset_t ends;
	int status;

	log_open(p->name, LOG_LEVEL_INFO);
	process_prepare(&ends);
	if (!is_cgi)
		why = listener_fault(a);
	else if (getenv("REQUEST_METHOD") == NULL)
		why = "this is a FastCGI and CGI program: a web server has to start it.";
	status = why == NULL ? serve(p, a, is_cgi, &ends) : start_failed(p, false, why);
	if (status != 0 && !is_cgi)
		hold_off_restart(&ends);
	arena_free(a);
	return status;
}
