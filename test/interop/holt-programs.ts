import { buildPackage, LineProgram, type Profile } from "./line-program.ts";

/** The release of holt that the packed store takes its bytes from, and the newest one; each with a program of its own. */
export const HOLT_RELEASES = ["0.7.1", "0.9.2"] as const;

export type HoltRelease = (typeof HOLT_RELEASES)[number];

/** How holt moves frames: each by a call of its own, or all through a ring that it shares with the kernel. */
export type HoltTransfers = "calls" | "ring";

/** Builds a release's program. Throws where there is no cargo, or it fails. */
export function buildHolt(
	release: HoltRelease,
	transfers: HoltTransfers = "calls",
	profile: Profile = "release",
): void {
	const program = nameOf(release, transfers).replaceAll(".", "-");
	const features = transfers === "ring" ? ["--features", "ring"] : [];
	const choices = ["--bin", program, ...features];
	buildPackage(`holt-${release}`, profile, choices);
}

export class HoltProgram extends LineProgram {
	/** Of a program that is built. */
	constructor(
		release: HoltRelease,
		transfers: HoltTransfers = "calls",
		profile: Profile = "release",
	) {
		super(nameOf(release, transfers), profile);
	}
}

function nameOf(release: HoltRelease, transfers: HoltTransfers): string {
	return `holt-${release}${transfers === "ring" ? "-ring" : ""}`;
}
