/** Linear memory for reading a file piece by piece. */
export interface PieceBuffer {
	readonly address: number;
	readonly length: number;
}
