/** Turns of the microtask queue before the close of something that is being opened or used. */
export const TURNS = [
	...[0, 1, 2, 3, 4, 5, 6, 8, 10, 13, 16, 20, 25, 31, 40, 50, 60],
];

export async function afterTurns(turns: number): Promise<void> {
	for (let turn = 0; turn < turns; turn += 1) {
		await undefined;
	}
}
