import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join, normalize } from "node:path";
import { build } from "esbuild";

/** Pages of one origin. */
export interface Pages {
	readonly origin: string;
	close(): void;
}

/**
 * Bundles scripts (by name, from the sources) and serves them with an empty page for every path that ends in '/', under
 * the headers given for it.
 */
export async function servePages(
	scripts: Readonly<Record<string, string>>,
	headers: Readonly<Record<string, string>> = {},
): Promise<Pages> {
	const directory = mkdtempSync(join(tmpdir(), "dualslot-pages-"));
	const { warnings } = await build({
		entryPoints: { ...scripts },
		outdir: directory,
		bundle: true,
		splitting: true,
		format: "esm",
		target: "es2022",
		logLevel: "warning",
		// The package's modules have no side effects. Those of its tests do.
		ignoreAnnotations: true,
		define: { "process.env": JSON.stringify(chosenEnvironment()) },
	});
	if (warnings.length > 0) {
		throw new Error(`esbuild has ${warnings.length} warnings: see above`);
	}
	const server = createServer((request, response) => {
		const { pathname } = new URL(request.url ?? "/", "http://localhost");
		const file = join(directory, normalize(pathname));
		if (pathname.endsWith("/")) {
			response.writeHead(200, { "content-type": "text/html", ...headers });
			response.end("<!doctype html>");
		} else if (existsSync(file)) {
			response.writeHead(200, {
				"content-type": "text/javascript",
				...headers,
			});
			response.end(readFileSync(file));
		} else {
			response.writeHead(404).end();
		}
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const { port } = server.address() as AddressInfo;
	return {
		origin: `http://127.0.0.1:${port}`,
		close() {
			server.close();
			server.closeAllConnections();
			rmSync(directory, { recursive: true });
		},
	};
}

/** What a run was asked for on its command line; a browser has no environment of its own. */
function chosenEnvironment(): Record<string, string> {
	return Object.fromEntries(
		Object.entries(process.env).flatMap(([name, value]) =>
			name.startsWith("DUALSLOT_") && value !== undefined
				? [[name, value]]
				: [],
		),
	);
}
