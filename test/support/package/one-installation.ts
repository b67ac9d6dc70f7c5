// vitest's global setup: the package as npm would publish it. It is installed once for all files of
// a run, when the first asks.
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { TestProject } from "vitest/node";
import { offerOnce } from "../runs/offered-once.ts";

declare module "vitest" {
	interface ProvidedContext {
		/** Where a test file gets the run's `Installation`, as JSON. */
		readonly installation: string;
	}
}

export interface Installation {
	/** A project's directory, to be copied and never changed. */
	readonly directory: string;
	readonly tarball: Tarball;
}

export interface Tarball {
	readonly filename: string;
	readonly size: number;
	readonly unpackedSize: number;
	readonly files: readonly { readonly path: string }[];
}

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const runFile = promisify(execFile);

export default async function offerOneInstallation(
	project: TestProject,
): Promise<() => Promise<void>> {
	const directory = await mkdtemp(join(tmpdir(), "dualslot-"));
	const withdraw = await offerOnce(project, "installation", async () => {
		const tarball = await pack(directory);
		await writeFile(join(directory, "package.json"), '{ "type": "module" }\n');
		const options = ["--prefer-offline", "--no-audit", "--no-fund"];
		const path = join(directory, tarball.filename);
		await runFile("npm", ["install", ...options, path], { cwd: directory });
		await rm(path);
		const installation: Installation = { directory, tarball };
		return JSON.stringify(installation);
	});
	return async () => {
		withdraw();
		await rm(directory, { recursive: true });
	};
}

async function pack(directory: string): Promise<Tarball> {
	// Without its scripts: a build would replace files that other tests are reading.
	const options = ["--ignore-scripts", "--json", "--pack-destination"];
	const { stdout } = await runFile("npm", [
		...["pack", ...options, directory, ROOT],
	]);
	const packed: Readonly<Record<string, Tarball>> = JSON.parse(stdout);
	const [first] = Object.values(packed);
	if (first === undefined) {
		throw new Error("npm pack names no tarball");
	}
	return first;
}
