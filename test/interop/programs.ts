import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** The releases of commonware's crates that dualslot is compared with, each with a program of its own. */
export const RELEASES = ["2026.4.0", "2026.5.0"] as const;

export type Release = (typeof RELEASES)[number];

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
/** Outside what git sees, and kept from one run to the next. */
const TARGET = `${ROOT}node_modules/.cache/dualslot/interop`;

/** How a program is built: to be fast, or to be built soon. Its checks and its answers are the same. */
export type Profile = "release" | "scripts";

/** Builds a release's program. Throws where there is no cargo, or it fails. */
export function buildProgram(
	release: Release,
	profile: Profile = "release",
): void {
	const manifest = `${ROOT}test/interop/commonware-${release}/Cargo.toml`;
	const { error, status } = spawnSync(
		"cargo",
		[
			...["build", "--profile", profile, "--locked", "--quiet"],
			...["--manifest-path", manifest],
		],
		{ stdio: "inherit", env: { ...process.env, CARGO_TARGET_DIR: TARGET } },
	);
	if (error !== undefined) {
		throw new Error(
			`cargo cannot be started, and nothing is compared with commonware without it: ${error.message}`,
		);
	}
	if (status !== 0) {
		throw new Error(`cargo cannot build the program of ${release}`);
	}
}

function programOf(release: Release, profile: Profile): string {
	return `${TARGET}/${profile}/commonware-${release.replaceAll(".", "-")}`;
}

/** A running program of one release. It works on one store at a time, from `open` to `close`, and answers line by line. */
export class CommonwareProgram {
	readonly #process: ChildProcess;
	readonly #waiting: PromiseWithResolvers[] = [];
	#failure: Error | undefined;

	/** Of a program that is built. */
	constructor(release: Release, profile: Profile = "release") {
		this.#process = spawn(programOf(release, profile), {
			stdio: ["pipe", "pipe", "inherit"],
		});
		const { stdout } = this.#process;
		if (stdout !== null) {
			createInterface({ input: stdout }).on("line", (answer) =>
				this.#waiting.shift()?.resolve(answer),
			);
		}
		this.#process.on("error", (error) => this.#fail(error));
		this.#process.on("exit", (code, signal) =>
			this.#fail(new Error(`commonware ${release} ended: ${code ?? signal}`)),
		);
	}

	ask(line: string): Promise<string> {
		return new Promise((resolve, reject) => {
			if (this.#failure !== undefined) {
				reject(this.#failure);
				return;
			}
			this.#waiting.push({ resolve, reject });
			this.#process.stdin?.write(`${line}\n`);
		});
	}

	stop(): void {
		this.#process.stdin?.end();
	}

	#fail(error: Error): void {
		this.#failure = error;
		for (const { reject } of this.#waiting.splice(0)) {
			reject(error);
		}
	}
}

interface PromiseWithResolvers {
	resolve(answer: string): void;
	reject(error: Error): void;
}
