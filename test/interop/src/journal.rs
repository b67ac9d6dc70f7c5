//! What a script does to a journal of any kind.

use commonware_storage::journal::Error;
use std::fmt::{self, Display};
use std::num::NonZeroUsize;

#[allow(async_fn_in_trait)]
pub trait Journal {
    type Item;
    /// Where an item lies, as it stands in an answer.
    type Place: Display;

    /// An item from its text in a script's line.
    fn parse(text: &str) -> Self::Item;
    /// An item of these bytes; where it has a key and a value, those of the value.
    fn of(bytes: &[u8]) -> Self::Item;
    /// Gives the item a number for its key, where it has one.
    fn number(_item: &mut Self::Item, _number: u64) {}

    async fn append(&mut self, section: u64, item: &Self::Item) -> Result<Self::Place, Error>;
    async fn sync(&mut self, section: u64) -> Result<(), Error>;
    async fn sync_all(&mut self) -> Result<(), Error>;
    async fn prune(&mut self, min: u64) -> Result<bool, Error>;
    async fn rewind(&mut self, section: u64, size: u64) -> Result<(), Error>;
    async fn rewind_section(&mut self, section: u64, size: u64) -> Result<(), Error>;
    async fn size(&mut self, section: u64) -> Result<u64, Error>;
    /// Hands over the section, the place and the fields of each record that a replay finds; of a glob, of those at the places.
    async fn visit(
        &mut self,
        places: &[&str],
        buffer: NonZeroUsize,
        found: impl FnMut(u64, u64, &[&[u8]]),
    ) -> Result<(), Error>;
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

/// Numbers with colons between them.
pub struct Joined<const N: usize>(pub [u64; N]);

impl<const N: usize> Display for Joined<N> {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        for (index, number) in self.0.iter().enumerate() {
            let colon = if index > 0 { ":" } else { "" };
            write!(formatter, "{colon}{number}")?;
        }
        Ok(())
    }
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
