export function partOf(name: string, of: number): number;
