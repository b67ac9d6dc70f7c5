//! From the line that opens a store to the one that closes it.

use crate::digest::Digest;
use crate::journal::Journal;
use crate::measure::{self, Load};
use crate::paged::Paged;
use crate::segmented::{Fixed, Glob, Oversized, Variable};
use commonware_runtime::buffer::paged::CacheRef;
use commonware_runtime::{Error as RuntimeError, tokio::Context};
use commonware_storage::journal::Error;
use commonware_storage::journal::segmented::{fixed, glob, oversized, variable};
use std::io::{self, BufRead, Write};
use std::num::{NonZeroU16, NonZeroUsize};

/// Of every store.
const PARTITION: &str = "journal";
const INDEX_PARTITION: &str = "index";
const VALUES_PARTITION: &str = "values";

/// Of a script's replays: a few pages.
const REPLAY_BUFFER: NonZeroUsize = NonZeroUsize::new(1024).unwrap();

/// The parameters of a journal, as in `open <directory> <kind> <page size> <pages> <write buffer> <value buffer> <item> <level>`.
/// `item` is the size of a fixed entry, or of an oversized entry's key; a level of 0 means uncompressed.
pub struct Shape {
    kind: String,
    page_size: NonZeroU16,
    pages: NonZeroUsize,
    write_buffer: NonZeroUsize,
    value_buffer: NonZeroUsize,
    item: usize,
    level: u8,
}

impl Shape {
    pub fn parse(words: &[&str]) -> Self {
        let number = |at: usize| words[at].parse::<usize>().expect("a number");
        let positive = |at: usize| NonZeroUsize::new(number(at)).expect("more than 0");
        Self {
            kind: words[0].to_string(),
            page_size: NonZeroU16::try_from(words[1].parse::<u16>().expect("a page size"))
                .expect("more than 0"),
            pages: positive(2),
            write_buffer: positive(3),
            value_buffer: positive(4),
            item: number(5),
            level: number(6) as u8,
        }
    }

    fn compression(&self) -> Option<u8> {
        (self.level > 0).then_some(self.level)
    }
}

/// Answers a line for each line, until one says `close`.
pub async fn run(context: Context, shape: Shape) {
    let cache = CacheRef::from_pooler(&context, shape.page_size, shape.pages);
    match (shape.kind.as_str(), shape.item) {
        ("paged", _) => {
            serve(Paged::open(context, PARTITION, cache, shape.write_buffer.get()).await).await
        }
        ("fixed", 1) => serve(fixed_journal::<1>(context, shape, cache).await).await,
        ("fixed", 8) => serve(fixed_journal::<8>(context, shape, cache).await).await,
        ("fixed", 20) => serve(fixed_journal::<20>(context, shape, cache).await).await,
        ("fixed", 32) => serve(fixed_journal::<32>(context, shape, cache).await).await,
        ("fixed", 100) => serve(fixed_journal::<100>(context, shape, cache).await).await,
        ("variable", _) => serve(variable_journal(context, shape, cache).await).await,
        ("glob", _) => serve(glob_journal(context, shape).await).await,
        ("oversized", 0) => serve(oversized_journal::<0>(context, shape, cache).await).await,
        ("oversized", 8) => serve(oversized_journal::<8>(context, shape, cache).await).await,
        ("oversized", 40) => serve(oversized_journal::<40>(context, shape, cache).await).await,
        (kind, item) => panic!("no journal of kind {kind} with items of {item} bytes is built in"),
    }
}

async fn fixed_journal<const N: usize>(
    context: Context,
    shape: Shape,
    page_cache: CacheRef,
) -> Result<Fixed<N>, Error> {
    let partition = PARTITION.to_string();
    let write_buffer = shape.write_buffer;
    let config = fixed::Config {
        partition,
        page_cache,
        write_buffer,
    };
    Ok(Fixed(fixed::Journal::init(context, config).await?))
}

/// Replays the journal at once, which is when it is repaired.
async fn variable_journal(
    context: Context,
    shape: Shape,
    page_cache: CacheRef,
) -> Result<Variable, Error> {
    let config = variable::Config {
        partition: PARTITION.to_string(),
        compression: shape.compression(),
        codec_config: (),
        page_cache,
        write_buffer: shape.write_buffer,
    };
    let mut journal = Variable(variable::Journal::init(context, config).await?);
    journal.visit(&[], REPLAY_BUFFER, |_, _, _| ()).await?;
    Ok(journal)
}

async fn glob_journal(context: Context, shape: Shape) -> Result<Glob, Error> {
    let config = glob::Config {
        partition: PARTITION.to_string(),
        compression: shape.compression(),
        codec_config: (),
        write_buffer: shape.write_buffer,
    };
    Ok(Glob(glob::Glob::init(context, config).await?))
}

async fn oversized_journal<const KEY: usize>(
    context: Context,
    shape: Shape,
    index_page_cache: CacheRef,
) -> Result<Oversized<KEY>, Error> {
    let config = oversized::Config {
        index_partition: INDEX_PARTITION.to_string(),
        value_partition: VALUES_PARTITION.to_string(),
        index_page_cache,
        index_write_buffer: shape.write_buffer,
        value_write_buffer: shape.value_buffer,
        compression: shape.compression(),
        codec_config: (),
    };
    Ok(Oversized(
        oversized::Oversized::init(context, config).await?,
    ))
}

async fn serve(opened: Result<impl Journal, Error>) {
    let mut journal = match opened {
        Ok(journal) => journal,
        Err(error) => return say(&word_for(&error)),
    };
    say("ok");
    for line in io::stdin().lock().lines() {
        let line = line.expect("a line of text");
        let words: Vec<&str> = line.split(' ').collect();
        let answer = obey(&mut journal, &words).await;
        say(&answer.unwrap_or_else(|error| word_for(&error)));
        if words[0] == "close" {
            return;
        }
    }
}

async fn obey<J: Journal>(journal: &mut J, words: &[&str]) -> Result<String, Error> {
    let number = |at: usize| words[at].parse::<u64>().expect("a number");
    match words[0] {
        "append" => return append(journal, number(1), &words[2..]).await,
        "sync" => journal.sync(number(1)).await?,
        "sync_all" | "close" => journal.sync_all().await?,
        "prune" => return Ok(journal.prune(number(1)).await?.to_string()),
        "rewind" => journal.rewind(number(1), number(2)).await?,
        "rewind_section" => journal.rewind_section(number(1), number(2)).await?,
        "size" => return Ok(journal.size(number(1)).await?.to_string()),
        "digest" => return digest(journal, &words[1..]).await,
        "measure_bulk" => return measure::bulk(journal, Load::parse(&words[1..])).await,
        "measure_durable" => return measure::durable(journal, Load::parse(&words[1..])).await,
        "measure_replay" => return measure::replay(journal).await,
        other => panic!("no operation is called {other}"),
    }
    Ok("ok".to_string())
}

async fn append<J: Journal>(
    journal: &mut J,
    section: u64,
    items: &[&str],
) -> Result<String, Error> {
    let mut places = Vec::new();
    for item in items {
        places.push(journal.append(section, &J::parse(item)).await?.to_string());
    }
    Ok(places.join(" "))
}

async fn digest(journal: &mut impl Journal, places: &[&str]) -> Result<String, Error> {
    let mut digest = Digest::default();
    let add = |section, place, fields: &[&[u8]]| digest.add(section, place, fields);
    journal.visit(places, REPLAY_BUFFER, add).await?;
    Ok(digest.answer())
}

/// One word for each error that a script may expect, the text of any other.
fn word_for(error: &Error) -> String {
    match error {
        Error::AlreadyPrunedToSection(_) => "pruned".to_string(),
        Error::SectionOutOfRange(_) => "no-section".to_string(),
        Error::ItemOutOfRange(_) => "no-item".to_string(),
        Error::Runtime(RuntimeError::BlobInsufficientLength) => "too-short".to_string(),
        Error::ChecksumMismatch(..) | Error::Runtime(RuntimeError::InvalidChecksum) => {
            "checksum".to_string()
        }
        other => format!("error: {other}"),
    }
}

pub fn say(answer: &str) {
    let mut output = io::stdout().lock();
    writeln!(output, "{answer}")
        .and_then(|()| output.flush())
        .expect("somebody who listens");
}
