import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
/** Outside what git sees, and kept from one run to the next. */
const TARGETS = `${ROOT}node_modules/.cache/dualslot/interop`;

/** How a program is built: to be fast, or to be built soon. Its checks and its answers are the same. */
export type Profile = "release" | "scripts";

/** Builds the program of a package of test/interop, or that of its programs which `choices` names. Throws where there is no cargo, or it fails. */
export function buildPackage(
	name: string,
	profile: Profile,
	choices: readonly string[] = [],
): void {
	const manifest = `${ROOT}test/interop/${name}/Cargo.toml`;
	const { error, status } = spawnSync(
		"cargo",
		[
			...["build", "--profile", profile, "--locked", "--quiet", ...choices],
			...["--manifest-path", manifest],
		],
		{
			stdio: "inherit",
			env: { ...process.env, CARGO_TARGET_DIR: targetOf(name) },
		},
	);
	if (error !== undefined) {
		throw new Error(
			`cargo cannot be started, and nothing is compared with ${name} without it: ${error.message}`,
		);
	}
	if (status !== 0) {
		throw new Error(`cargo cannot build the program of ${name}`);
	}
}

/** A running program that those packages build. It works on one store at a time, from `open` to `close`, and answers line by line. */
export class LineProgram {
	readonly #process: ChildProcess;
	readonly #waiting: PromiseWithResolvers[] = [];
	#failure: Error | undefined;

	constructor(name: string, profile: Profile) {
		const program = name.replaceAll(".", "-");
		this.#process = spawn(`${targetOf(name)}/${profile}/${program}`, {
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
			this.#fail(new Error(`${name} ended: ${code ?? signal}`)),
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

	/** Ends it as it stands, and waits until the kernel has let go of all that it held. */
	async kill(): Promise<void> {
		const { exitCode, signalCode } = this.#process;
		if (exitCode === null && signalCode === null) {
			const ended = once(this.#process, "exit");
			this.#process.kill("SIGKILL");
			await ended;
		}
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

/** One for all releases of an original, which have most of their crates in common. One build at a time works in each. */
function targetOf(name: string): string {
	const [original] = name.split("-");
	return `${TARGETS}/${original}`;
}
