// What the engine asks of a host, recorded or counted at the seam.
import { Buffer } from "node:buffer";

/** A host that keeps a copy of each write, truncation and sync of its files, in the order they were asked for. */
export function recordingHost(host, steps) {
	return overFiles(host, (file) => ({
		write(parts, offset, options) {
			const bytes = Buffer.concat(parts);
			steps.push({ kind: "write", offset, bytes });
			return file.write(parts, offset, options);
		},
		truncate(size) {
			steps.push({ kind: "truncate", size });
			return file.truncate(size);
		},
		sync() {
			steps.push({ kind: "sync" });
			return file.sync();
		},
	}));
}

/** A host that adds the bytes that are read from its files to `counts.read`. */
export function countingHost(host, counts) {
	return overFiles(host, (file) => ({
		async read(targets, offset) {
			const count = await file.read(targets, offset);
			counts.read += count;
			return count;
		},
	}));
}

/** A host whose files have some members replaced. */
function overFiles(host, replace) {
	const open = async (path, mode, options) => {
		const file = await host.open(path, mode, options);
		return file && overridden(file, replace(file));
	};
	return overridden(host, { open });
}

function overridden(target, members) {
	return new Proxy(target, {
		get(_, name) {
			const member = members[name] ?? target[name];
			return typeof member === "function" ? member.bind(target) : member;
		},
	});
}
