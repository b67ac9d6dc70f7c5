import { SECTOR_SIZE } from "../../../assembly/format.ts";
import { memoryHost } from "../../../hosts/memory.ts";
import type { Host } from "../../../src/host/host.ts";
import { readRaw, withFile } from "../hosts/raw-file.ts";
import { WordHash } from "../oracles/word-hash.ts";
import type { Random } from "../runs/prng.ts";
import type { Suite } from "../runs/suite.ts";
import type { DiskStep } from "./crash-log.ts";

/** The contents of a disk: directories, and files by path. */
export interface DiskImage<Bytes = Uint8Array> {
	readonly directories: ReadonlySet<string>;
	readonly files: ReadonlyMap<string, Bytes>;
}

export const EMPTY_IMAGE: DiskImage<never> = {
	directories: new Set([""]),
	files: new Map<string, never>(),
};

/** How a file's bytes are held and changed: images of large files share equal parts. */
export interface FileModel<Bytes> {
	readonly nothing: Bytes;
	/** The bytes after a step. The given bytes stay unchanged. */
	applied(bytes: Bytes, step: FileStep): Bytes;
	/** Each sector of one of the versions, and the length of one of them. */
	mixed(versions: readonly Bytes[], random: Random): Bytes;
	/** The first part of a step, when the power went within it. */
	headOf(step: FileStep, random: Random): FileStep;
	/** A number that tells images apart: 53 bits over every name and byte. */
	hashOf(image: DiskImage<Bytes>): number;
}

/** The building of images, and where they are laid down. */
export interface Medium<Bytes> {
	readonly model: FileModel<Bytes>;
	/** Lends `body` a host that holds an image, and removes it. */
	withImage<T>(
		image: DiskImage<Bytes>,
		body: (host: Host) => Promise<T>,
	): Promise<T>;
}

/** Each image has all its bytes to itself. */
export const WHOLE_FILES: FileModel<Uint8Array> = {
	nothing: new Uint8Array(),
	...{ applied, mixed, headOf, hashOf },
};

/**
 * How unsynced steps reach the disk.
 *
 *  prefix   all but the last, and of that one the first bytes
 *  subset   each 512-byte sector as any of the steps left it, or none; each length and name alone
 *  reorder  some of them, whole, in any order
 */
export type CutMode = "prefix" | "subset" | "reorder";

/** A step that changes the bytes of a file. */
export type FileStep = Extract<
	DiskStep,
	{ kind: "write" | "truncate" | "allocate" }
>;
type NameStep = Extract<
	DiskStep,
	{ kind: "make" | "makeDirectory" | "remove" | "rename" }
>;

/** A change of names, and the directories whose sync it waits for. */
interface PendingName {
	readonly step: NameStep;
	readonly waits: ReadonlySet<string>;
}

interface Names {
	readonly directories: Set<string>;
	/** The file that each path names. */
	readonly files: Map<string, number>;
}

/**
 * A disk with a volatile cache, fed with the steps of a log. It keeps the durable state, and for
 * each file and directory the steps that are not durable. From these it builds the image that a
 * power cut leaves. It assumes of the disk only what docs/durability.md assumes: sectors that are
 * whole, writes that change nothing beside themselves, flushes that are true, and zeros where nothing
 * was written.
 */
export class CrashDisk<Bytes = Uint8Array> {
	readonly #model: FileModel<Bytes>;
	readonly #durable = new Map<number, Bytes>();
	readonly #pending = new Map<number, FileStep[]>();
	readonly #names: Names = { directories: new Set(), files: new Map() };
	#pendingNames: PendingName[] = [];

	/** Starts with a durable image. Its files are numbered in the order of `image.files`. */
	constructor(image: DiskImage<Bytes>, model: FileModel<Bytes>) {
		this.#model = model;
		for (const directory of image.directories) {
			this.#names.directories.add(directory);
		}
		let file = 0;
		for (const [path, bytes] of image.files) {
			file += 1;
			this.#names.files.set(path, file);
			this.#durable.set(file, bytes);
		}
	}

	/** Takes a completed step. */
	take(step: DiskStep): void {
		switch (step.kind) {
			case "write":
			case "truncate":
			case "allocate":
				this.#pendingOf(step.file).push(step);
				break;
			case "sync":
				this.#settleFile(step.file, new Set(step.meanwhile));
				break;
			case "syncDirectory":
				this.#settleNames(step.path);
				break;
			default:
				this.#pendingNames.push({ step, waits: directoriesOf(step) });
		}
	}

	/** The disk's contents when the power goes during `inFlight`. */
	cut(mode: CutMode, inFlight: DiskStep, random: Random): DiskImage<Bytes> {
		const names = this.#cutNames(mode, inFlight, random);
		const files = new Map<string, Bytes>();
		for (const [path, file] of names.files) {
			if (names.directories.has(directoryOf(path))) {
				files.set(path, this.#cutFile(mode, file, inFlight, random));
			}
		}
		return { directories: names.directories, files };
	}

	#pendingOf(file: number): FileStep[] {
		let steps = this.#pending.get(file);
		if (steps === undefined) {
			steps = [];
			this.#pending.set(file, steps);
		}
		return steps;
	}

	#settleFile(file: number, meanwhile: ReadonlySet<DiskStep>): void {
		const { applied, nothing } = this.#model;
		const pending = this.#pendingOf(file);
		const bytes = pending
			.filter((step) => !meanwhile.has(step))
			.reduce(applied, this.#durable.get(file) ?? nothing);
		this.#durable.set(file, bytes);
		const left = pending.filter((step) => meanwhile.has(step));
		this.#pending.set(file, left);
	}

	/** A directory's sync covers its names; a rename between two waits for both. */
	#settleNames(directory: string): void {
		const left: PendingName[] = [];
		for (const pending of this.#pendingNames) {
			if (!pending.waits.has(directory)) {
				left.push(pending);
				continue;
			}
			applyName(this.#names, pending.step, new Set([directory]));
			const waits = new Set(pending.waits);
			waits.delete(directory);
			if (waits.size > 0) {
				left.push({ step: pending.step, waits });
			}
		}
		this.#pendingNames = left;
	}

	#cutNames(mode: CutMode, inFlight: DiskStep, random: Random): Names {
		const names = {
			directories: new Set(this.#names.directories),
			files: new Map(this.#names.files),
		};
		const isNameStep = ["make", "makeDirectory", "remove", "rename"].includes(
			inFlight.kind,
		);
		const pending = this.#pendingNames.slice();
		if (isNameStep && (mode !== "prefix" || random.chance(0.5))) {
			const step = inFlight as NameStep;
			pending.push({ step, waits: directoriesOf(step) });
		}
		for (const { step, waits } of chosen(mode, pending, random)) {
			// For a rename between directories, the new name reaches the disk alone, or both halves do:
			// never the loss alone.
			const isWhole = mode === "prefix" || random.chance(0.5);
			const target = targetOf(step);
			const isPart = !isWhole && target !== undefined && waits.has(target);
			applyName(names, step, isPart ? new Set([target]) : waits);
		}
		return names;
	}

	#cutFile(
		mode: CutMode,
		file: number,
		inFlight: DiskStep,
		random: Random,
	): Bytes {
		const { applied, headOf, mixed, nothing } = this.#model;
		const durable = this.#durable.get(file) ?? nothing;
		const steps = this.#pendingOf(file).slice();
		if (changesBytes(inFlight) && inFlight.file === file) {
			steps.push(mode === "prefix" ? headOf(inFlight, random) : inFlight);
		}
		if (steps.length === 0) {
			return durable;
		}
		if (mode !== "subset") {
			return chosen(mode, steps, random).reduce(applied, durable);
		}
		const versions = [durable];
		for (const step of steps) {
			versions.push(applied(versions.at(-1) ?? durable, step));
		}
		return mixed(versions, random);
	}
}

/** Lends `body` a host that holds an image, and removes it. */
export async function withImage<T>(
	image: DiskImage,
	createHost: Suite["createHost"],
	body: (host: Host) => Promise<T>,
): Promise<T> {
	const { host, cleanUp } = await createHost();
	try {
		await fillHost(host, image);
		return await body(host);
	} finally {
		await cleanUp();
	}
}

/** A host in memory that holds an image. */
export async function hostOf(image: DiskImage): Promise<Host> {
	const host = memoryHost();
	await fillHost(host, image);
	return host;
}

async function fillHost(host: Host, image: DiskImage): Promise<void> {
	for (const path of [...image.directories].sort()) {
		await host.makeDirectory(path);
	}
	for (const [path, bytes] of image.files) {
		await withFile(host, path, "replace", (file) => file.write([bytes], 0));
	}
}

/** A host's whole contents, two levels deep, as a store's. */
export async function imageOf(host: Host): Promise<DiskImage> {
	const directories = new Set<string>();
	const files = new Map<string, Uint8Array>();
	const visit = async (directory: string): Promise<void> => {
		directories.add(directory);
		for (const { name, kind } of (await host.list(directory)) ?? []) {
			const path = directory === "" ? `${name}` : `${directory}/${name}`;
			if (kind === "directory") {
				await visit(path);
				continue;
			}
			files.set(path, await readRaw(host, path));
		}
	};
	await visit("");
	return { directories, files };
}

export function hashOf(image: DiskImage): number {
	return hashImage(image, (bytes, mix) => bytes.forEach(mix));
}

/**
 * A number that tells images apart: 53 bits over every name, and over the parts of a file that
 * `mixBytes` adds.
 */
export function hashImage<Bytes>(
	image: DiskImage<Bytes>,
	mixBytes: (bytes: Bytes, mix: (word: number) => void, path: string) => void,
): number {
	const hash = new WordHash();
	const mix = (word: number) => hash.mix(word);
	const mixName = (name: string): void => {
		for (let at = 0; at < name.length; at += 1) {
			mix(name.charCodeAt(at));
		}
	};
	for (const directory of [...image.directories].sort()) {
		mixName(directory);
		mix(256);
	}
	const files = [...image.files].sort(([one], [other]) =>
		one < other ? -1 : 1,
	);
	for (const [path, bytes] of files) {
		mixName(path);
		mix(257);
		mixBytes(bytes, mix, path);
		mix(258);
	}
	return hash.value;
}

function chosen<T>(mode: CutMode, steps: readonly T[], random: Random): T[] {
	switch (mode) {
		case "prefix":
			return steps.slice();
		case "subset":
			return steps.filter(() => random.chance(0.5));
		case "reorder": {
			const shuffled = random.shuffle(steps);
			return shuffled.slice(0, random.integer(0, steps.length + 1));
		}
	}
}

function changesBytes(step: DiskStep): step is FileStep {
	return ["write", "truncate", "allocate"].includes(step.kind);
}

function headOf(step: FileStep, random: Random): FileStep {
	if (step.kind !== "write") {
		return step;
	}
	const length = random.integer(0, step.bytes.length + 1);
	return { ...step, bytes: step.bytes.subarray(0, length) };
}

function applied(bytes: Uint8Array, step: FileStep): Uint8Array {
	if (step.kind !== "write") {
		const size =
			step.kind === "allocate" ? Math.max(step.size, bytes.length) : step.size;
		const cut = new Uint8Array(size);
		cut.set(bytes.subarray(0, size));
		return cut;
	}
	const size = Math.max(bytes.length, step.offset + step.bytes.length);
	const result = new Uint8Array(step.bytes.length === 0 ? bytes.length : size);
	result.set(bytes);
	result.set(step.bytes, step.offset);
	return result;
}

function mixed(versions: readonly Uint8Array[], random: Random): Uint8Array {
	const pick = versionPicker(versions.length, random);
	const size = versions[pick()]?.length ?? 0;
	const image = new Uint8Array(size);
	for (let at = 0; at < size; at += SECTOR_SIZE) {
		const sector = versions[pick()]?.subarray(
			at,
			Math.min(at + SECTOR_SIZE, size),
		);
		if (sector !== undefined) {
			image.set(sector, at);
		}
	}
	return image;
}

/**
 * Some cuts lose almost nothing and some almost all: a fair coin for each sector would seldom do
 * either.
 */
export function versionPicker(versions: number, random: Random): () => number {
	const last = versions - 1;
	const bias = random.integer(0, 3);
	return () =>
		bias === 0 || random.chance(0.2)
			? random.integer(0, last + 1)
			: bias === 1
				? last
				: 0;
}

/** Applies the part of a name change that lies in these directories. */
function applyName(
	names: Names,
	step: NameStep,
	directories: ReadonlySet<string>,
): void {
	const concerns = (path: string): boolean =>
		directories.has(directoryOf(path));
	switch (step.kind) {
		case "make":
			names.files.set(step.path, step.file);
			break;
		case "makeDirectory":
			names.directories.add(step.path);
			break;
		case "remove":
			names.files.delete(step.path);
			names.directories.delete(step.path);
			break;
		case "rename": {
			if (concerns(step.to)) {
				names.files.set(step.to, step.file);
			}
			if (concerns(step.from)) {
				names.files.delete(step.from);
			}
		}
	}
}

function directoriesOf(step: NameStep): Set<string> {
	return step.kind === "rename"
		? new Set([directoryOf(step.from), directoryOf(step.to)])
		: new Set([directoryOf(step.path)]);
}

function targetOf(step: NameStep): string | undefined {
	return step.kind === "rename" ? directoryOf(step.to) : undefined;
}

function directoryOf(path: string): string {
	return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}
