import { failure } from "../../src/host/answers.ts";
import type { HostCapabilities } from "../../src/host/host.ts";
import { type PlatformCalls, platformCalls } from "../posix/platform.ts";
import type { PosixExtras } from "../posix/posix-host.ts";
import { PLAIN_SYNCS } from "../posix/syncs.ts";
import { allocateBy } from "./allocate.ts";
import { isMissing } from "./fallbacks.ts";
import { FullSync } from "./full-sync.ts";
import { hugePagesBy } from "./huge-pages.ts";
import type { KernelSource } from "./io-uring/host-ring.ts";
import { systemKernel } from "./io-uring/kernel.ts";
import { type Libc, libc, systemError } from "./libc.ts";

/** The system under a host. A test puts its own C library here, and another system's row. */
export interface System {
	readonly calls: PlatformCalls;
	readonly libc: () => Promise<Libc>;
	readonly ring: KernelSource;
}

/** The system that this process runs on. */
export function thisSystem(): System {
	return { calls: platformCalls(), libc, ring: systemKernel };
}

/** <fcntl.h> of macOS. */
const F_NOCACHE = 48;

/** A system's row as calls: those that node:fs does not have. */
export interface SystemCalls extends PosixExtras {
	/** What all syncs so far survive. */
	readonly survives: () => HostCapabilities["syncSurvives"];
}

export function systemCalls({ calls, libc }: System): SystemCalls {
	const full = new FullSync(libc);
	return {
		direct: calls.direct,
		noCache: async (fd) => keepOutOfCache(await libc(), fd),
		allocate: allocateBy(calls.room, libc),
		prepare: hugePagesBy(calls.hugePages, libc),
		syncs: calls.sync === "F_FULLFSYNC" ? full.syncs : PLAIN_SYNCS,
		survives: () => full.survives,
	};
}

/** Throws ENOTSUP, as open(2) does, where there is no direct I/O. */
function keepOutOfCache({ fcntl }: Libc, fd: number): void {
	const errno = fcntl(fd, F_NOCACHE, 1);
	if (errno !== 0) {
		throw isMissing(errno)
			? failure("ENOTSUP", "fcntl(F_NOCACHE)")
			: systemError(errno, "fcntl(F_NOCACHE)");
	}
}
