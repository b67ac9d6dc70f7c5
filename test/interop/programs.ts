import { buildPackage, LineProgram, type Profile } from "./line-program.ts";

/** The releases of commonware's crates that dualslot is compared with, each with a program of its own. */
export const RELEASES = ["2026.4.0", "2026.5.0"] as const;

export type Release = (typeof RELEASES)[number];

/** Builds a release's program. Throws where there is no cargo, or it fails. */
export function buildProgram(
	release: Release,
	profile: Profile = "release",
): void {
	buildPackage(`commonware-${release}`, profile);
}

export class CommonwareProgram extends LineProgram {
	/** Of a program that is built. */
	constructor(release: Release, profile: Profile = "release") {
		super(`commonware-${release}`, profile);
	}
}
