import {
	DelegatingFile,
	DelegatingHost,
} from "../../../src/host/delegating.ts";
import type {
	HostFile,
	HostOpenOptions,
	OpenMode,
} from "../../../src/host/host.ts";
import { FRAMES_PATH } from "../stores/packed-files.ts";

/** Keeps no byte of frames, which all are zeros: so a store can have very many. */
export class HollowFrames extends DelegatingHost {
	override async open(
		path: string,
		mode: OpenMode,
		options?: HostOpenOptions,
	): Promise<HostFile | undefined> {
		const file = await super.open(path, mode, options);
		return file && path === FRAMES_PATH ? new HollowFile(file) : file;
	}
}

class HollowFile extends DelegatingFile {
	override read(targets: readonly Uint8Array[]): number {
		let count = 0;
		for (const target of targets) {
			target.fill(0);
			count += target.length;
		}
		return count;
	}

	override write(): void {}

	override pin(): boolean {
		return false;
	}

	override allocate(): boolean {
		return true;
	}
}
