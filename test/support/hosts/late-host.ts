import {
	andThen,
	DelegatingFile,
	DelegatingHost,
} from "../../../src/host/delegating.ts";
import type {
	HostEntry,
	HostFile,
	HostLock,
	HostOpenOptions,
	HostWriteOptions,
	OpenMode,
} from "../../../src/host/host.ts";
import type { Awaitable } from "../../../src/turns/awaitable.ts";

/** Turns of the microtask queue before an answer: more than any chain of awaits on a value. */
const TURNS = 10;

/** A host that makes every call at once, and resolves each later. */
export class LateHost extends DelegatingHost {
	override open(
		path: string,
		mode: OpenMode,
		options?: HostOpenOptions,
	): Promise<HostFile | undefined> {
		const late = (file: HostFile | undefined) => file && new LateFile(file);
		return later(() => andThen(super.open(path, mode, options), late));
	}

	override list(directory: string): Promise<HostEntry[] | undefined> {
		return later(() => super.list(directory));
	}

	override makeDirectory(path: string): Promise<boolean> {
		return later(() => super.makeDirectory(path));
	}

	override remove(path: string): Promise<boolean> {
		return later(() => super.remove(path));
	}

	override rename(from: string, to: string): Promise<void> {
		return later(() => super.rename(from, to));
	}

	override syncDirectory(path: string): Promise<void> {
		return later(() => super.syncDirectory(path));
	}

	override lock(path?: string): Promise<HostLock | undefined> {
		return later(() => super.lock(path));
	}
}

class LateFile extends DelegatingFile {
	override size(): Promise<number> {
		return later(() => super.size());
	}

	override read(
		targets: readonly Uint8Array[],
		offset: number,
	): Promise<number> {
		return later(() => super.read(targets, offset));
	}

	override write(
		parts: readonly Uint8Array[],
		offset: number,
		options?: HostWriteOptions,
	): Promise<void> {
		return later(() => super.write(parts, offset, options));
	}

	override truncate(size: number): Promise<void> {
		return later(() => super.truncate(size));
	}

	override sync(): Promise<void> {
		return later(() => super.sync());
	}

	override close(): Promise<void> {
		return later(() => super.close());
	}
}

async function later<T>(call: () => Awaitable<T>): Promise<T> {
	const answer = await call();
	for (let turn = 0; turn < TURNS; turn += 1) {
		await undefined;
	}
	return answer;
}
