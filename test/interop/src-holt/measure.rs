//! How long holt takes for what a benchmark asks of it, in nanoseconds, without the time for making frames.

use crate::frame::frame_of;
use holt::{AlignedBlobBuf, BlobGuid, BlobStore, FileBlobStore, Result};
use std::time::Instant;

/// The GUIDs of a benchmark are numbers from 0 on, in the first eight bytes.
fn guid_at(number: u64) -> BlobGuid {
    u128::from(number).rotate_left(64).to_be_bytes()
}

/// Writes so many frames, each to its own GUID, and flushes after each batch of them.
pub fn write(store: &FileBlobStore, count: u64, batch: usize) -> Result<String> {
    let frames: Vec<AlignedBlobBuf> = (0..batch as u32)
        .map(|fill| frame_of(store, fill))
        .collect();
    let guids: Vec<BlobGuid> = (0..count).map(guid_at).collect();
    let start = Instant::now();
    for guids in guids.chunks(batch) {
        let writes: Vec<_> = guids.iter().copied().zip(&frames).collect();
        store.write_blobs(&writes)?;
        store.flush()?;
    }
    Ok(elapsed(start))
}

/// Reads the first so many of those frames, `depth` of them in one call.
pub fn read(store: &FileBlobStore, count: u64, depth: usize) -> Result<String> {
    let mut frames: Vec<AlignedBlobBuf> =
        (0..depth).map(|_| store.alloc_blob_buf_zeroed()).collect();
    let guids: Vec<BlobGuid> = (0..count).map(guid_at).collect();
    let start = Instant::now();
    for guids in guids.chunks(depth) {
        let results = store.read_blobs(guids, &mut frames[..guids.len()]);
        results.into_iter().collect::<Result<()>>()?;
    }
    Ok(elapsed(start))
}

fn elapsed(start: Instant) -> String {
    start.elapsed().as_nanos().to_string()
}
