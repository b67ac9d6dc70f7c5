import { afterAll, beforeAll, expect, test } from "vitest";
import { askFor, offerOnce } from "./offered-once.ts";

let address: string;
let made = 0;
let endOffer: () => void;

beforeAll(async () => {
	const project = {
		provide: (_: string, value: string) => {
			address = value;
		},
	};
	endOffer = await offerOnce(project, "chromium", async () => `the ${++made}.`);
});

afterAll(() => endOffer());

test("what the files of a run share is made once, for all who ask", async () => {
	const answers = [askFor(address), askFor(address)];
	expect(await Promise.all(answers)).toEqual(["the 1.", "the 1."]);
});

test("the connection of an asker ends with the answer: no later question goes by it", async () => {
	const answer = await fetch(address);
	await answer.text();
	expect(answer.headers.get("connection")).toBe("close");
});
