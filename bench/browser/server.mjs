import { createReadStream, existsSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize, resolve } from "node:path";

const TYPES = {
	".js": "text/javascript",
	".mjs": "text/javascript",
	".wasm": "application/wasm",
};

/** A page that shares no process with other origins is given a clock of 5 µs; others get one of 100. */
const ISOLATED = {
	"cross-origin-opener-policy": "same-origin",
	"cross-origin-embedder-policy": "require-corp",
};

/** Serves directories by the first part of a path, as they lie, and an empty page at "/". */
export async function serveFiles(directories) {
	const server = createServer((request, response) => {
		const { pathname } = new URL(request.url, "http://localhost");
		const [, first, ...rest] = normalize(pathname).split("/");
		const file = resolve(directories[first] ?? "", join(...rest, ""));
		const type = TYPES[extname(file)];
		if (first === "") {
			response.writeHead(200, { "content-type": "text/html", ...ISOLATED });
			response.end("<!doctype html>");
		} else if (first in directories && type !== undefined && existsSync(file)) {
			response.writeHead(200, { "content-type": type, ...ISOLATED });
			createReadStream(file).pipe(response);
		} else {
			response.writeHead(404).end();
		}
	});
	await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
	return {
		origin: `http://127.0.0.1:${server.address().port}`,
		close() {
			server.close();
			server.closeAllConnections();
		},
	};
}
