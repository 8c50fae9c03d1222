// SPDX-License-Identifier: GPL-3.0-or-later
// embedgate loader: elements with a token become widgets. It exchanges the token, fetches the widget with the session, shows it
// in a shadow root and renews the session in time. No dependency, cookie, inline style, or text made into code or markup.
(() => {
	"use strict";
	const before = window.embedgate;
	// Loaded twice.
	if (before && before.mount) return;
	const script = document.currentScript || document.querySelector('script[src*="/embed.js"],script[src*="/embed/v"]');
	const home = script ? script.src.replace(/\/embed(\.js|\/v[^/]+\/loader\.js)([?#].*)?$/, "") : location.origin;
	const suffix = /-(dashboard|agent|schedule|session-list|session-detail|speakers|speaker-card|registration)$/;
	// Element -> what is shown in it.
	const mounts = new WeakMap();
	// Where and what is exchanged -> session: one for all embeds of a token.
	const sessions = new Map();

	// What a visitor reads, by the code that the operator reads.
	const words = [
		[/^token_(revoked|rotated|expired)|^session_revoked/, "This content is no longer available."],
		[/_disabled|suspended|^feature/, "This content is not available at present."],
		[/^session_/, "Your visit has ended. Please reload this page."],
		[/token|credentials/, "This content cannot be shown: its link is incomplete or wrong."],
		[/origin|mismatch|scope|browser|not_found/, "This content may not be shown here."],
		[/./, "This content cannot be shown right now. Please try again in a moment."],
	];

	const sheets = new Map();
	const sheet = (css) => {
		if (!sheets.has(css)) {
			sheets.set(css, new CSSStyleSheet());
			sheets.get(css).replaceSync(css);
		}
		return sheets.get(css);
	};
	const style = (m, ...css) => ((m.options.light ? document : m.root).adoptedStyleSheets = css.map(sheet));
	const frame = `:host{display:block}:host([hidden]){display:none}
.wait{min-height:20rem;border-radius:.75rem;background:currentColor;opacity:.06}
.note{margin:0;padding:2rem 1rem;text-align:center;font:1rem/1.5 system-ui,sans-serif}.note small{display:block}`;

	let policy = { createHTML: (html) => html };
	try {
		policy = window.trustedTypes.createPolicy("embedgate", policy);
	} catch {
		// No Trusted Types here, or this page allows no policy of this name: then parsing says no, and the embed says so.
	}

	const make = (name, className, ...inside) => {
		const el = document.createElement(name);
		if (className) el.className = className;
		el.append(...inside);
		return el;
	};
	const attribute = (el, name) => el.getAttribute("data-" + name) ?? el.getAttribute(name) ?? undefined;
	const problem = (code) => Object.assign(new Error(code), { code });
	const emit = (m, name, detail) =>
		m.el.dispatchEvent(new CustomEvent("embedgate:" + name, { bubbles: true, composed: true, detail }));

	// Asks until somebody answers, four times in seven seconds. A no is believed at once.
	async function ask(url, init) {
		for (let wait = 1000; ; wait *= 2) {
			let code = "network_error";
			try {
				const signal = AbortSignal.timeout(1e4);
				const answer = await fetch(url, { credentials: "omit", cache: "no-store", referrerPolicy: "no-referrer", signal, ...init });
				if (answer.ok) return answer;
				code = (await answer.json().catch(() => ({}))).code || "http_" + answer.status;
				if (answer.status < 500 && answer.status != 429) wait = 1e4;
			} catch {
				// Nobody answered.
			}
			if (wait > 4000) throw problem(code);
			await new Promise((done) => setTimeout(done, wait * (0.75 + Math.random() / 2)));
		}
	}

	function sessionOf(base, body) {
		const key = base + body;
		let timer;
		const session = {
			users: new Set(),
			get: () => (session.answer ||= exchange()),
			forget: () => (session.answer = 0),
		};
		async function exchange() {
			try {
				const headers = { "content-type": "application/json" };
				const answer = await (await ask(base + "/api/validate-embed-token", { method: "POST", headers, body })).json();
				clearTimeout(timer);
				timer = setTimeout(renew, Math.max(10, answer.expires_in - 60) * 1000);
				for (const m of session.users) m.options.onSession?.(answer.auth_token);
				return answer;
			} catch (error) {
				session.forget();
				throw error;
			}
		}
		async function renew() {
			for (const m of session.users) if (!m.el.isConnected) session.users.delete(m);
			session.forget();
			if (!session.users.size) return sessions.delete(key);
			if (document.hidden) return document.addEventListener("visibilitychange", renew, { once: true });
			try {
				await session.get();
			} catch ({ code }) {
				if (/^(network|http|store|rate|internal)_/.test(code)) timer = setTimeout(renew, 3e4);
				else for (const m of session.users) m.options.tokenProvider ? mount(m.el, m.options) : refuse(m, code, "expired");
			}
		}
		return sessions.get(key) || sessions.set(key, session).get(key);
	}

	// The server's markup, but only what a widget is made of: whatever else stands in it is dropped.
	const elements = /^(a|b|br|caption|circle|dd|details|div|dl|dt|em|figcaption|figure|footer|g|h[1-6]|header|li|line|ol|p|path|rect|section|small|span|strong|summary|svg|table|tbody|td|th|thead|time|title|tr|ul)$/;
	const attributes = /^(aria-[a-z]+|class|color|colspan|cx|cy|d|datetime|dir|focusable|height|href|id|lang|preserveAspectRatio|r|role|rx|scope|tabindex|title|viewBox|width|[xy][12]?)$/;
	function show(m, html) {
		const parsed = new DOMParser().parseFromString(policy.createHTML(html), "text/html");
		const css = Array.from(parsed.querySelectorAll("template"), (template) => template.content.textContent);
		for (const el of parsed.body.querySelectorAll("*")) {
			if (!elements.test(el.localName)) el.remove();
			for (const { name, value } of [...el.attributes])
				if (!attributes.test(name) || (name == "href" && !/^https?:/.test(value))) el.removeAttribute(name);
		}
		style(m, frame, ...css);
		m.root.replaceChildren(...parsed.body.childNodes);
		m.el.removeAttribute("aria-busy");
	}

	function refuse(m, code, event = "error") {
		console.warn(`embedgate: ${code}: the ${m.widget} is not shown. ${m.base}`, m.el);
		m.el.removeAttribute("aria-busy");
		if (m.root != m.el && (m.el.childElementCount || m.el.textContent.trim())) m.root?.replaceChildren(make("slot"));
		else m.root?.replaceChildren(make("p", "note", words.find(([pattern]) => pattern.test(code))[1], make("small", "", code)));
		emit(m, event, { code });
		if (code == "network_error") addEventListener("online", () => mounts.get(m.el) == m && load(m), { once: true });
	}

	async function fetchWidget(m) {
		const session = m.session || sessionOf(m.base, JSON.stringify(m.subject));
		const query = new URLSearchParams();
		for (const name of ["event_id", "agent_id"]) if (m.subject[name] != null) query.set(name, m.subject[name]);
		const url = `${m.base}/embed/v1/widgets/${encodeURIComponent(m.widget)}?${query}`;
		session.users?.add(m);
		for (let fresh = false; ; fresh = true) {
			const { auth_token } = await session.get();
			try {
				const headers = { authorization: "Bearer " + auth_token };
				return (await ask(url, { headers })).text();
			} catch (error) {
				// A session that ended while the computer slept: once more with a new one.
				if (fresh || !session.users || !/^session_/.test(error.code)) throw error;
				session.forget();
			}
		}
	}

	async function load(m) {
		try {
			m.root ||= m.options.light ? m.el : m.el.shadowRoot || m.el.attachShadow({ mode: "open" });
			style(m, frame);
			m.root.replaceChildren(make("div", "wait"));
			m.el.setAttribute("aria-busy", "true");
			if (m.options.tokenProvider) m.subject.embed_token = await m.options.tokenProvider();
			const text = m.subject.embed_token;
			if (!m.session && !/^e[mg][a-z]_/.test(text)) throw problem(text ? "token_malformed" : "missing_credentials");
			const html = await fetchWidget(m);
			// Destroyed meanwhile.
			if (mounts.get(m.el) != m) return;
			show(m, html);
			watcher.observe(m.el);
			emit(m, "ready", { widget: m.widget });
		} catch (error) {
			if (mounts.get(m.el) == m) refuse(m, typeof error.code == "string" ? error.code : "blocked_by_page");
		}
	}

	// options: token or tokenProvider (a function that resolves to one), apiUrl, widget. Our own pages have tokenId, session,
	// onSession, and light: no shadow root, since nothing around the widget is foreign.
	function mount(el, options = {}) {
		destroy(el);
		const agent = attribute(el, "agent-id");
		const m = {
			el,
			options,
			base: (options.apiUrl || attribute(el, "api-url") || home).replace(/\/+$/, ""),
			widget: options.widget || attribute(el, "widget") || (suffix.exec(el.localName) || [])[1] || "dashboard",
			subject: {
				embed_token: options.token ?? attribute(el, "token"),
				token_id: options.tokenId,
				framed_by: options.framedBy,
				event_id: attribute(el, "event-id"),
				agent_id: /^\d+$/.test(agent) ? +agent : agent,
			},
			session: options.session && { get: () => ({ auth_token: options.session }) },
		};
		for (const name of ["data-token", "token"]) el.removeAttribute(name);
		mounts.set(el, m);
		load(m);
	}

	function destroy(el) {
		const m = mounts.get(el);
		if (!m) return;
		mounts.delete(el);
		watcher.unobserve(el);
		for (const session of sessions.values()) session.users.delete(m);
		m.root?.replaceChildren(make("slot"));
		el.removeAttribute("aria-busy");
	}

	const watcher = new ResizeObserver((entries) => {
		for (const { target } of entries) {
			const m = mounts.get(target);
			if (m && m.height != target.offsetHeight) emit(m, "resize", { height: (m.height = target.offsetHeight) });
		}
	});

	const defined = new Set();
	function found(el) {
		const name = el.localName;
		const isWidget = suffix.test(name) && el.hasAttribute("token");
		// Somebody else's element is only ours where it carries a token of ours.
		if (isWidget && customElements.get(name) && !defined.has(name) && !/^em[bu]_/.test(el.getAttribute("token"))) return;
		if (isWidget && !customElements.get(name)) customElements.define(name, class extends HTMLElement {}, defined.add(name));
		if (isWidget || el.hasAttribute("data-token")) mount(el);
		else if (/^(answering-agent|embedgate)$/.test(el.id) && !mounts.has(el)) {
			const m = { el, base: "It has no token: set data-token.", widget: "dashboard" };
			mounts.set(el, m);
			refuse(m, "missing_credentials");
		}
	}
	function scan(node) {
		if (node.nodeType == 1) found(node);
		node.querySelectorAll?.("[data-token],[token],#answering-agent,#embedgate").forEach(found);
	}
	new MutationObserver((records) => {
		for (const { target, type, addedNodes } of records) {
			if (type == "childList") addedNodes.forEach(scan);
			else if (target.hasAttribute("token") || target.hasAttribute("data-token")) found(target);
		}
	}).observe(document, { childList: true, subtree: true, attributeFilter: ["data-token", "token"] });

	const api = (window.embedgate = (verb, ...rest) => api[verb](...rest));
	Object.assign(api, { mount, destroy });
	scan(document);
	for (const call of (typeof before == "function" && before.q) || []) api(...call);
})();
