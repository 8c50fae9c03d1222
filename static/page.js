// SPDX-License-Identifier: GPL-3.0-or-later
// The script of our own embed pages. It takes the secret out of the address before anything else happens, and keeps no more
// than the session, with which a reload shows the page again.
(() => {
	"use strict";
	const kept = (history.state || {}).embedgate;
	const secret = location.hash.slice(1);
	// Which site shows this page, for the partner's list; the answer's frame-ancestors decide whether it may.
	const host = window.top === window ? undefined : (location.ancestorOrigins || [])[0] || (document.referrer && new URL(document.referrer).origin) || undefined;
	const keep = (session) => history.replaceState({ embedgate: session }, "", location.pathname);

	// Without a query and without a fragment.
	keep(secret ? null : kept);
	// A frame whose address gets another secret is not loaded anew by itself.
	addEventListener("hashchange", () => location.reload());

	document.addEventListener("DOMContentLoaded", () => {
		const el = document.getElementById("embed");
		const { api, session, id } = el.dataset;
		if (session) {
			// Made by the server, whole.
			el.removeAttribute("data-session");
			keep(session);
			return;
		}
		if (!secret && !kept) {
			el.firstElementChild.hidden = false;
			return;
		}
		window.embedgate.mount(el, { apiUrl: api, token: secret, tokenId: id, session: secret ? "" : kept, onSession: keep, framedBy: host, light: true });
	});
})();
