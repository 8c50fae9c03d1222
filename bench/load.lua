-- SPDX-License-Identifier: GPL-3.0-or-later
-- The load of one row of bench/run:
--   wrk ... -s load.lua URL -- METHOD HEADERS BODIES
-- HEADERS is a file of "Name: value" lines, BODIES a file with one body a line, sent in turn (no line: requests without a body).
-- Prints one line: requests a second, p50 and p99 in microseconds, answers of 400 and above, broken connections.

local requests, turn = {}, 0

local function lines_of(path)
	local lines = {}
	for line in io.lines(path) do
		if line ~= "" then
			lines[#lines + 1] = line
		end
	end
	return lines
end

function init(args)
	local headers = {}
	for _, line in ipairs(lines_of(args[2])) do
		local name, value = line:match("^([^:]+):%s*(.*)$")
		headers[name] = value
	end
	local bodies = lines_of(args[3])
	for _, body in ipairs(bodies) do
		requests[#requests + 1] = wrk.format(args[1], nil, headers, body)
	end
	if #bodies == 0 then
		requests[1] = wrk.format(args[1], nil, headers)
	end
end

function request()
	turn = turn % #requests + 1
	return requests[turn]
end

function done(summary, latency)
	local errors = summary.errors
	io.write(string.format("load %.0f %.0f %.0f %d %d\n", summary.requests / (summary.duration / 1e6), latency:percentile(50),
		latency:percentile(99), errors.status, errors.connect + errors.read + errors.write + errors.timeout))
end
