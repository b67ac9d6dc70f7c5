/** @import { Host, HostFile } from "../build/types/src/index.d.ts" */

/** A host that says "synced" and has done nothing, as a store does that never calls fsync. @param {Host} host @returns {Host} */
export function withoutSync(host) {
	return {
		capabilities: host.capabilities,
		location: host.location,
		open: async (path, mode) => {
			const file = await host.open(path, mode);
			return file && fileWithoutSync(file);
		},
		list: (directory) => host.list(directory),
		makeDirectory: (path) => host.makeDirectory(path),
		remove: (path) => host.remove(path),
		rename: (from, to) => host.rename(from, to),
		syncDirectory: () => undefined,
		lock: () => host.lock(),
	};
}

/** @param {HostFile} file @returns {HostFile} */
function fileWithoutSync(file) {
	return {
		alignment: file.alignment,
		size: () => file.size(),
		read: (target, offset) => file.read(target, offset),
		write: (parts, offset) => file.write(parts, offset),
		truncate: (size) => file.truncate(size),
		sync: () => undefined,
		close: () => file.close(),
	};
}
