//! How long commonware takes for what a benchmark asks of it, in nanoseconds, without the time for making what is appended.

use crate::journal::Journal;
use commonware_storage::journal::Error;
use std::num::NonZeroUsize;
use std::time::Instant;

/// As dualslot's own replay has it by default.
const REPLAY_BUFFER: NonZeroUsize = NonZeroUsize::new(128 * 1024).unwrap();

/// Many items, then one sync.
pub async fn bulk<J: Journal>(
    journal: &mut J,
    section: u64,
    count: u64,
    size: usize,
) -> Result<String, Error> {
    let items: Vec<J::Item> = (0..count).map(|number| J::make(number, size)).collect();
    let start = Instant::now();
    for item in &items {
        journal.append(section, item).await?;
    }
    journal.sync(section).await?;
    Ok(elapsed(start))
}

/// A sync after each item.
pub async fn durable<J: Journal>(
    journal: &mut J,
    section: u64,
    count: u64,
    size: usize,
) -> Result<String, Error> {
    let items: Vec<J::Item> = (0..count).map(|number| J::make(number, size)).collect();
    let start = Instant::now();
    for item in &items {
        journal.append(section, item).await?;
        journal.sync(section).await?;
    }
    Ok(elapsed(start))
}

/// All that a replay finds; how many records that were stands before the time.
pub async fn replay(journal: &mut impl Journal) -> Result<String, Error> {
    let mut records = 0u64;
    let mut bytes = 0;
    let start = Instant::now();
    let found = |_, _, fields: &[&[u8]]| {
        records += 1;
        bytes += fields.iter().map(|field| field.len()).sum::<usize>();
    };
    journal.visit(&[], REPLAY_BUFFER, found).await?;
    let time = elapsed(start);
    Ok(format!("{records} {bytes} {time}"))
}

fn elapsed(start: Instant) -> String {
    start.elapsed().as_nanos().to_string()
}
