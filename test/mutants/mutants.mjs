import { CODEC_MUTANTS } from "./codec-mutants.mjs";
import { CORE_MUTANTS } from "./core-mutants.mjs";
import { JOURNAL_MUTANTS } from "./journal-mutants.mjs";
import { LEFT_MUTANTS } from "./left-mutants.mjs";
import { MEMORY_MUTANTS } from "./memory-mutants.mjs";
import { PACKED_MUTANTS } from "./packed-mutants.mjs";
import { PAGED_MUTANTS } from "./paged-mutants.mjs";
import { PAIR_MUTANTS } from "./pair-mutants.mjs";
import { RING_MUTANTS } from "./ring-mutants.mjs";
import { SEAM_MUTANTS } from "./seam-mutants.mjs";
import { STORAGE_MUTANTS } from "./storage-mutants.mjs";
import { TORN_MUTANTS } from "./torn-mutants.mjs";
import { VARIABLE_MUTANTS } from "./variable-mutants.mjs";
import { ZEROS_MUTANTS } from "./zeros-mutants.mjs";

/** All of them, by what they break. */
export const MUTANTS = [
	...STORAGE_MUTANTS,
	...PAGED_MUTANTS,
	...TORN_MUTANTS,
	...CORE_MUTANTS,
	...JOURNAL_MUTANTS,
	...PAIR_MUTANTS,
	...VARIABLE_MUTANTS,
	...CODEC_MUTANTS,
	...MEMORY_MUTANTS,
	...PACKED_MUTANTS,
	...LEFT_MUTANTS,
	...RING_MUTANTS,
	...SEAM_MUTANTS,
	...ZEROS_MUTANTS,
];
