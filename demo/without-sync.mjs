/** @import { Host, HostFile } from "../build/types/src/index.d.ts" */

/** A host that says "synced" and has done nothing, as a store does that never calls fsync. @param {Host} host @returns {Host} */
export function withoutSync(host) {
	return {
		capabilities: host.capabilities,
		location: host.location,
		open: async (path, mode, options) => {
			const file = await host.open(path, mode, options);
			return file && fileWithoutSync(file);
		},
		list: (directory) => host.list(directory),
		makeDirectory: (path) => host.makeDirectory(path),
		remove: (path) => host.remove(path),
		rename: (from, to) => host.rename(from, to),
		syncDirectory: () => undefined,
		lock: (path) => host.lock(path),
		lockState: () => host.lockState(),
		hold: () => host.hold(),
		loadZstd: () => host.loadZstd(),
	};
}

/** @param {HostFile} file @returns {HostFile} */
function fileWithoutSync(file) {
	return {
		traits: file.traits,
		size: () => file.size(),
		read: (targets, offset) => file.read(targets, offset),
		write: (parts, offset) => file.write(parts, offset),
		pin: (memory) => file.pin(memory),
		allocate: (size) => file.allocate(size),
		truncate: (size) => file.truncate(size),
		sync: () => undefined,
		close: () => file.close(),
	};
}
