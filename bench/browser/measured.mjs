import { digestOf, entryAt, scattered } from "./entries.mjs";

/**
 * Every figure of one contender, over a new store: nanoseconds, one number or many for each row. `load` makes its
 * library ready, and answers what opens a store. Rejects when a byte that is read is wrong.
 */
export async function measured(load, sizes) {
	const begun = performance.now();
	const open = await load();
	const loaded = performance.now();
	const store = await open();
	await store.append(0);
	const appended = performance.now();
	const durable = await durableOf(store, sizes.durable);
	const written = { ...sizes, first: 1 + sizes.durable };
	const figures = {
		first: [(appended - loaded) * 1e6],
		fromLoad: [(appended - begun) * 1e6],
		durable,
		...(await bulkOf(store, written)),
		...(await readsOf(store, written)),
	};
	await store.close();
	return figures;
}

async function durableOf(store, count) {
	const samples = [];
	for (let index = 1; index <= count; index += 1) {
		const begun = performance.now();
		await store.append(index);
		samples.push((performance.now() - begun) * 1e6);
	}
	return samples;
}

async function bulkOf(store, { first, bulk: count }) {
	const end = first + count;
	const bulk = await each(count, async () => {
		await store.begin();
		for (let index = first; index < end; index += 1) {
			const put = store.put(index, entryAt(index));
			if (put instanceof Promise) {
				await put;
			}
		}
		await store.commit();
	});
	const replay = await each(end, async () =>
		check(await store.digest(), digestOf(Array(end).keys())),
	);
	return { bulk, replay };
}

async function readsOf(store, { first, bulk, inMemory, hotReads, coldReads }) {
	const end = first + bulk;
	const cold = scattered(coldReads, end - inMemory);
	const hot = scattered(hotReads, inMemory).map((at) => end - inMemory + at);
	await readAll(store, hot);
	return {
		hot: await each(hotReads, () => readAll(store, hot)),
		cold: await each(coldReads, () => readAll(store, cold)),
	};
}

async function readAll(store, indices) {
	let digest = 0;
	for (const index of indices) {
		const bytes = await store.read(index);
		digest += bytes[0] * 256 + bytes[bytes.length - 1];
	}
	check(digest, digestOf(indices));
}

function check(found, expected) {
	if (found !== expected) {
		throw new Error(`a digest is ${found}, not ${expected}`);
	}
}

/** Nanoseconds for each of `count`. */
async function each(count, step) {
	const begun = performance.now();
	await step();
	return [((performance.now() - begun) * 1e6) / count];
}
