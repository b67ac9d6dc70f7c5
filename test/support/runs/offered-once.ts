// For vitest's global setups: a costly thing that all files of a run share, made when the first
// asks.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { ProvidedContext } from "vitest";
import type { TestProject } from "vitest/node";

/**
 * Has `inject(name)` give test files the address for `askFor`. Returns a function that ends the
 * offer.
 */
export async function offerOnce(
	project: Pick<TestProject, "provide">,
	name: keyof ProvidedContext,
	make: () => Promise<string>,
): Promise<() => void> {
	let made: Promise<string> | undefined;
	const server = createServer(async (_, response) => {
		// A connection that is kept may be closed here while a process sends its next question by it.
		response.setHeader("connection", "close");
		try {
			made ??= make();
			response.end(await made);
		} catch (error) {
			response.writeHead(500).end(String(error));
		}
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const { port } = server.address() as AddressInfo;
	project.provide(name, `http://127.0.0.1:${port}/`);
	return () => void server.close();
}

/** @throws Error with the reason when it could not be made. */
export async function askFor(address: string): Promise<string> {
	const answer = await fetch(address);
	const said = await answer.text();
	if (!answer.ok) {
		throw new Error(`what the files of a run share was not made: ${said}`);
	}
	return said;
}
