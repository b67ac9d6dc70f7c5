//! How long commonware takes for what a benchmark asks of it, in nanoseconds, without the time for making what is appended.

use crate::journal::Journal;
use commonware_storage::journal::Error;
use std::num::NonZeroUsize;
use std::time::Instant;

/// As dualslot's own replay has it by default.
const REPLAY_BUFFER: NonZeroUsize = NonZeroUsize::new(128 * 1024).unwrap();

/// What is appended: so many items, counted from a number on, of a pool that they come from in turn. The words of a line are
/// `<section> <first> <count> <size> <pooled>`.
pub struct Load<J: Journal> {
    section: u64,
    numbers: std::ops::Range<u64>,
    pool: Vec<J::Item>,
    at: usize,
}

impl<J: Journal> Load<J> {
    /// The pool is made anew, before anything is timed; its bytes are those of the benchmark's other contenders.
    pub fn parse(words: &[&str]) -> Self {
        let number = |at: usize| words[at].parse::<u64>().expect("a number");
        let (first, count, size, pooled) = (number(1), number(2), number(3), number(4));
        let block = block(size as usize * pooled as usize);
        Self {
            section: number(0),
            numbers: first..first + count,
            pool: block.chunks(size as usize).map(J::of).collect(),
            at: (first % pooled) as usize,
        }
    }

    async fn append_next(&mut self, journal: &mut J) -> Result<bool, Error> {
        let Some(number) = self.numbers.next() else {
            return Ok(false);
        };
        let item = &mut self.pool[self.at];
        J::number(item, number);
        journal.append(self.section, item).await?;
        self.at += 1;
        if self.at == self.pool.len() {
            self.at = 0;
        }
        Ok(true)
    }
}

/// Many items, then one sync.
pub async fn bulk<J: Journal>(journal: &mut J, mut load: Load<J>) -> Result<String, Error> {
    let start = Instant::now();
    while load.append_next(journal).await? {}
    journal.sync(load.section).await?;
    Ok(elapsed(start))
}

/// A sync after each item; the time of each.
pub async fn durable<J: Journal>(journal: &mut J, mut load: Load<J>) -> Result<String, Error> {
    let mut times = Vec::new();
    let mut start = Instant::now();
    while load.append_next(journal).await? {
        journal.sync(load.section).await?;
        times.push(elapsed(start));
        start = Instant::now();
    }
    Ok(times.join(" "))
}

/// All that a replay finds, with the value of each entry. The digest that stands before the time is that of the benchmark.
pub async fn replay(journal: &mut impl Journal) -> Result<String, Error> {
    let mut digest = 0u64;
    let start = Instant::now();
    let found = |_, _, fields: &[&[u8]]| {
        if let Some([first, .., last]) = fields.last() {
            digest += u64::from(*first) * 256 + u64::from(*last);
        }
    };
    journal.visit(&[], REPLAY_BUFFER, found).await?;
    let time = elapsed(start);
    Ok(format!("{digest} {time}"))
}

fn elapsed(start: Instant) -> String {
    start.elapsed().as_nanos().to_string()
}

/// As `pseudoRandom` of bench/stored.mjs has it.
fn block(length: usize) -> Vec<u8> {
    let mut state = 1u32;
    let next = |_| {
        state = state.wrapping_mul(1664525).wrapping_add(1013904223);
        (state >> 24) as u8
    };
    (0..length).map(next).collect()
}
