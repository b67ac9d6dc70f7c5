//! One hash for all that a store holds.

use commonware_cryptography::{Hasher, Sha256};

/// SHA-256 over, for each record in order: its section and its place as u64, then each of its fields after its length as u32, all
/// big-endian.
#[derive(Default)]
pub struct Digest {
    hasher: Sha256,
    records: u64,
}

impl Digest {
    pub fn add(&mut self, section: u64, place: u64, fields: &[&[u8]]) {
        self.hasher.update(&section.to_be_bytes());
        self.hasher.update(&place.to_be_bytes());
        for field in fields {
            self.hasher.update(&(field.len() as u32).to_be_bytes());
            self.hasher.update(field);
        }
        self.records += 1;
    }

    /// How many records there were, and their hash.
    pub fn answer(mut self) -> String {
        format!("{} {}", self.records, self.hasher.finalize())
    }
}
