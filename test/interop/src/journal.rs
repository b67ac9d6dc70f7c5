//! What a script does to a journal of any kind.

use crate::digest::Digest;
use commonware_storage::journal::Error;

/// Items, places and answers are text, as they stand in a script's lines.
#[allow(async_fn_in_trait)]
pub trait Journal {
    /// Answers where the item lies.
    async fn append(&mut self, section: u64, item: &str) -> Result<String, Error>;
    async fn sync(&mut self, section: u64) -> Result<(), Error>;
    async fn sync_all(&mut self) -> Result<(), Error>;
    async fn prune(&mut self, min: u64) -> Result<bool, Error>;
    async fn rewind(&mut self, section: u64, size: u64) -> Result<(), Error>;
    async fn rewind_section(&mut self, section: u64, size: u64) -> Result<(), Error>;
    async fn size(&mut self, section: u64) -> Result<u64, Error>;
    /// Of all records that can be found by a replay; of a glob, of those at the places.
    async fn digest(&mut self, places: &[&str]) -> Result<Digest, Error>;
}

/// What is the same in every segmented journal.
#[macro_export]
macro_rules! segmented {
    ($inner:tt) => {
        async fn sync(&mut self, section: u64) -> Result<(), Error> {
            self.$inner.sync(section).await
        }

        async fn sync_all(&mut self) -> Result<(), Error> {
            self.$inner.sync_all().await
        }

        async fn prune(&mut self, min: u64) -> Result<bool, Error> {
            self.$inner.prune(min).await
        }

        async fn rewind(&mut self, section: u64, size: u64) -> Result<(), Error> {
            self.$inner.rewind(section, size).await
        }

        async fn rewind_section(&mut self, section: u64, size: u64) -> Result<(), Error> {
            self.$inner.rewind_section(section, size).await
        }

        async fn size(&mut self, section: u64) -> Result<u64, Error> {
            self.$inner.size(section).await
        }
    };
}

pub fn bytes_of(hex: &str) -> Vec<u8> {
    let digit = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).expect("hexadecimal digits");
    (0..hex.len()).step_by(2).map(digit).collect()
}

pub fn array_of<const N: usize>(hex: &str) -> [u8; N] {
    bytes_of(hex)
        .try_into()
        .expect("an item of the size that the journal was opened with")
}
