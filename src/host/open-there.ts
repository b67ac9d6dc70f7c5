import { failure } from "./answers.ts";
import type { Host, HostFile, OpenMode } from "./host.ts";

/** Opens a file that exists or that its mode makes. Throws ENOENT where the host finds none. */
export async function openThere(
	host: Host,
	path: string,
	mode: OpenMode,
): Promise<HostFile> {
	const file = await host.open(path, mode);
	if (file === undefined) {
		throw failure("ENOENT", `${path} is not there`);
	}
	return file;
}
