//! What scripts say of GUIDs and frames, in bytes.

use holt::{AlignedBlobBuf, BlobGuid, BlobStore, FileBlobStore};

/// Between neighbouring words of a frame.
const STEP: u32 = 0x9e37_79b9;

/// Sixteen bytes from as many pairs of hexadecimal digits.
pub fn guid_of(text: &str) -> BlobGuid {
    u128::from_str_radix(text, 16)
        .expect("the 32 digits of a GUID")
        .to_be_bytes()
}

pub fn text_of(guid: BlobGuid) -> String {
    format!("{:032x}", u128::from_be_bytes(guid))
}

/// A frame whose words count up from `fill` by `STEP`, little-endian: no two fills have one in the same place.
pub fn frame_of(store: &FileBlobStore, fill: u32) -> AlignedBlobBuf {
    let mut frame = store.alloc_blob_buf_zeroed();
    let mut word = fill;
    for bytes in frame.as_mut_slice().chunks_exact_mut(4) {
        bytes.copy_from_slice(&word.to_le_bytes());
        word = word.wrapping_add(STEP);
    }
    frame
}
