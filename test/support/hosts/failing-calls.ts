import { lengthOf } from "../../../src/bytes.ts";
import type { HostFile } from "../../../src/host/host.ts";
import type { Interceptor, Write } from "./intercepted-host.ts";

/** How a changing call fails, and how much of it is done. */
export interface CallFault {
	readonly error: Error;
	/** 'part': half of a write, and all of any other call, which reports a failure all the same. */
	readonly done: "nothing" | "part";
	/** That call alone, or all from it on. */
	readonly lasts: "once" | "on";
}

/** Hooks that fail the n-th changing call, and the name of that call. */
export interface FailingCalls {
	readonly hooks: Interceptor;
	/** Undefined until one has failed. */
	readonly failed: string | undefined;
}

export function failingFrom(nth: number, fault: CallFault): FailingCalls {
	let count = 0;
	let failed: string | undefined;
	const step = async <T>(
		name: string,
		call: () => T,
		part: () => unknown = call,
	): Promise<Awaited<T>> => {
		count += 1;
		const isMeant = fault.lasts === "once" ? count === nth : count >= nth;
		if (!isMeant) {
			return await call();
		}
		failed ??= name;
		if (fault.done === "part") {
			await part();
		}
		throw fault.error;
	};
	const onPath =
		(name: string) =>
		<T>(path: string, call: () => T) =>
			step(`${name} ${path}`, call);
	return {
		get failed() {
			return failed;
		},
		hooks: {
			open: (path, mode, call) =>
				mode === "read"
					? call()
					: step(`open ${path}`, call, async () => closed(await call())),
			write: (path, write, call) =>
				step(`write ${path}`, call, () => writeHalf(write)),
			truncate: (path, _, call) => step(`truncate ${path}`, call),
			allocate: (path, _, call) => step(`allocate ${path}`, call),
			sync: onPath("sync"),
			rename: (_, to, call) => step(`rename ${to}`, call),
			remove: onPath("remove"),
			makeDirectory: onPath("makeDirectory"),
			syncDirectory: onPath("syncDirectory"),
		},
	};
}

function closed(file: HostFile | undefined): unknown {
	return file?.close();
}

/** In whole blocks of the file's size, from the caller's own memory: direct I/O takes no other. */
function writeHalf({ parts, offset, file }: Write): unknown {
	const half = lengthOf(parts) / 2;
	let left = Math.floor(half / file.traits.alignment) * file.traits.alignment;
	const first = parts.map((part) => {
		const taken = part.subarray(0, left);
		left -= taken.length;
		return taken;
	});
	const some = first.filter(({ length }) => length > 0);
	return some.length > 0 ? file.write(some, offset) : undefined;
}
