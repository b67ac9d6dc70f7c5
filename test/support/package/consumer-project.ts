import { execFileSync } from "node:child_process";
import {
	copyFileSync,
	cpSync,
	mkdtempSync,
	readFileSync,
	rmSync,
	writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { assert } from "chai";
import { inject } from "vitest";
import { askFor } from "../runs/offered-once.ts";
import type { Installation, Tarball } from "./one-installation.ts";
import type { Runtime } from "./programs.ts";

export const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const README = join(ROOT, "README.md");
const CONSUMER = join(ROOT, "test/support/package/consumer.ts");
const COMPILER = join(ROOT, "node_modules/typescript/bin/tsc");

/** A project with its own npm installation of the package, as it would be published. */
export class ConsumerProject {
	readonly directory = mkdtempSync(join(tmpdir(), "dualslot-"));
	readonly tarball: Tarball;

	private constructor({ directory, tarball }: Installation) {
		this.tarball = tarball;
		cpSync(directory, this.directory, {
			recursive: true,
			verbatimSymlinks: true,
		});
	}

	static async make(): Promise<ConsumerProject> {
		return new ConsumerProject(
			JSON.parse(await askFor(inject("installation"))),
		);
	}

	compileConsumer(): void {
		this.writeConsumer("node");
		this.compile("consumer.ts");
	}

	/** The consumer's output, under a Node of the caller's choice. */
	runConsumer(node: string): string {
		rmSync(join(this.directory, "store"), { recursive: true, force: true });
		return this.run(node, "consumer.js");
	}

	/** Writes `consumer.ts` as a user of that runtime would. */
	writeConsumer(runtime: Runtime): void {
		this.#write("consumer.ts", readFileSync(CONSUMER, "utf8"), runtime);
	}

	/** Copies a program of this folder that imports the package. */
	copyProgram(name: string): void {
		copyFileSync(
			join(ROOT, "test/support/package", name),
			join(this.directory, name),
		);
	}

	/** Writes the README's example as `example.ts`, in that way. */
	writeExample(runtime: Runtime): void {
		const readme = readFileSync(README, "utf8");
		const [, example = ""] = readme.match(/^```ts\n(.*?)^```/ms) ?? [];
		this.#write("example.ts", example, runtime);
	}

	compile(...files: readonly string[]): void {
		const options = ["--strict", "--target", "es2022", "--module", "nodenext"];
		this.run(process.execPath, COMPILER, ...options, ...files);
	}

	run(command: string, ...parameters: string[]): string {
		return execFileSync(command, parameters, {
			cwd: this.directory,
			encoding: "utf8",
			stdio: ["ignore", "pipe", "pipe"],
		});
	}

	delete(): void {
		rmSync(this.directory, { recursive: true });
	}

	#write(name: string, text: string, runtime: Runtime): void {
		const host = '"dualslot/node"';
		assert.include(text, host);
		const written = text.replace(host, `"dualslot/${runtime}"`);
		writeFileSync(join(this.directory, name), written);
	}
}
