import { open } from "lmdb";

/** Binary values by a whole number; a value is durable when `flushed` has resolved. */
export function openLmdb(path, options) {
	return open({
		path,
		encoding: "binary",
		keyEncoding: "uint32",
		pageSize: 4096,
		...options,
	});
}
