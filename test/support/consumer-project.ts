import { execFileSync } from "node:child_process";
import {
	copyFileSync,
	mkdtempSync,
	readFileSync,
	rmSync,
	writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { assert } from "chai";
import type { Runtime } from "./programs.ts";

export const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const README = join(ROOT, "README.md");
const CONSUMER = join(ROOT, "test/support/consumer.ts");
const COMPILER = join(ROOT, "node_modules/typescript/bin/tsc");

export interface Tarball {
	readonly filename: string;
	readonly size: number;
	readonly unpackedSize: number;
	readonly files: readonly { readonly path: string }[];
}

/** A project of its own, into which npm has installed the package as it would be published. */
export class ConsumerProject {
	readonly directory: string;
	readonly tarball: Tarball;

	constructor() {
		this.directory = mkdtempSync(join(tmpdir(), "dualslot-"));
		this.tarball = this.#pack();
		const manifest = join(this.directory, "package.json");
		writeFileSync(manifest, '{ "type": "module" }\n');
		const options = ["--prefer-offline", "--no-audit", "--no-fund"];
		const { filename } = this.tarball;
		this.run("npm", "install", ...options, join(this.directory, filename));
	}

	compileConsumer(): void {
		this.writeConsumer("node");
		this.compile("consumer.ts");
	}

	/** What the consumer says, under a Node of the caller's choice. */
	runConsumer(node: string): string {
		rmSync(join(this.directory, "store"), { recursive: true, force: true });
		return this.run(node, "consumer.js");
	}

	/** Writes `consumer.ts` as somebody would who works with that runtime. */
	writeConsumer(runtime: Runtime): void {
		this.#write("consumer.ts", readFileSync(CONSUMER, "utf8"), runtime);
	}

	/** A program of test/support, which imports the installed package. */
	copyProgram(name: string): void {
		copyFileSync(join(ROOT, "test/support", name), join(this.directory, name));
	}

	/** Writes the README's example as `example.ts`, likewise. */
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

	#pack(): Tarball {
		// Without its scripts: a build of its own would replace what other tests are just reading.
		const options = ["--ignore-scripts", "--json", "--pack-destination"];
		const packed: Readonly<Record<string, Tarball>> = JSON.parse(
			this.run("npm", "pack", ...options, this.directory, ROOT),
		);
		const [first] = Object.values(packed);
		if (first === undefined) {
			throw new Error("npm pack names no tarball");
		}
		return first;
	}
}
