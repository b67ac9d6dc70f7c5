//! From the line that opens a store to the one that lets it go.

use crate::frame::{frame_of, guid_of, text_of};
use crate::measure;
use holt::{AlignedBlobBuf, BlobGuid, BlobStore, Error, FileBlobStore, Result};
use sha2::{Digest, Sha256};
use std::io::{self, ErrorKind, Write};

/// Frames that are read together for one hash.
const READ_TOGETHER: usize = 8;

/// Answers a line for each line, until one says `close`, or `drop`, which does not flush.
pub fn run(directory: &str, lines: &mut impl Iterator<Item = String>) {
    let store = match FileBlobStore::open(directory) {
        Ok(store) => store,
        Err(error) => return say(&word_for(&error)),
    };
    say("ok");
    for line in lines {
        let words: Vec<&str> = line.split(' ').collect();
        let answer = obey(&store, &words).unwrap_or_else(|error| word_for(&error));
        if matches!(words[0], "close" | "drop") {
            // Who reads the answer may open the store.
            drop(store);
            return say(&answer);
        }
        say(&answer);
    }
}

fn obey(store: &FileBlobStore, words: &[&str]) -> Result<String> {
    let number = |at: usize| words[at].parse::<u64>().expect("a number");
    match words[0] {
        "write" => {
            let (guid, frame) = write_of(store, words[1]);
            store.write_blob(guid, &frame)?;
        }
        "write_many" => write_many(store, &words[1..], FileBlobStore::write_blobs)?,
        "write_synced" => write_many(
            store,
            &words[1..],
            FileBlobStore::write_blobs_with_data_sync,
        )?,
        "delete" => store.delete_blob(guid_of(words[1]))?,
        #[cfg(feature = "vacuum")]
        "vacuum" => drop(store.vacuum()?),
        "flush" | "close" => store.flush()?,
        "drop" => (),
        "needs_flush" => return Ok(store.needs_flush().to_string()),
        "has" => return Ok(store.has_blob(guid_of(words[1]))?.to_string()),
        "size" => return Ok(store.len().to_string()),
        "list" => return list(store),
        "read" => return read(store, guid_of(words[1])),
        "read_range" => {
            return read_range(store, guid_of(words[1]), number(2), number(3) as usize);
        }
        "digest" => return digest(store, &words[1..]),
        "measure_write" => return measure::write(store, number(1), number(2) as usize),
        "measure_read" => return measure::read(store, number(1), number(2) as usize),
        other => panic!("no operation is called {other}"),
    }
    Ok("ok".to_string())
}

/// `guid:fill`
fn write_of(store: &FileBlobStore, word: &str) -> (BlobGuid, AlignedBlobBuf) {
    let (guid, fill) = word.split_once(':').expect("a GUID and a fill");
    let fill = fill.parse().expect("a number of 32 bits");
    (guid_of(guid), frame_of(store, fill))
}

fn write_many(
    store: &FileBlobStore,
    words: &[&str],
    write: fn(&FileBlobStore, &[(BlobGuid, &AlignedBlobBuf)]) -> Result<()>,
) -> Result<()> {
    let frames: Vec<_> = words.iter().map(|word| write_of(store, word)).collect();
    let writes: Vec<_> = frames.iter().map(|(guid, frame)| (*guid, frame)).collect();
    write(store, &writes)
}

/// All GUIDs, in their order.
fn list(store: &FileBlobStore) -> Result<String> {
    let mut guids = store.list_blobs()?;
    guids.sort_unstable();
    let texts: Vec<String> = guids.into_iter().map(text_of).collect();
    Ok(texts.join(" "))
}

fn read(store: &FileBlobStore, guid: BlobGuid) -> Result<String> {
    let mut frame = store.alloc_blob_buf_zeroed();
    store.read_blob(guid, &mut frame)?;
    Ok(format!("{:x}", Sha256::digest(frame.as_slice())))
}

/// Whole blocks of 4096 bytes: no others go past the cache.
fn read_range(
    store: &FileBlobStore,
    guid: BlobGuid,
    offset: u64,
    length: usize,
) -> Result<String> {
    let mut frame = store.alloc_blob_buf_zeroed();
    let target = &mut frame.as_mut_slice()[..length];
    store.read_blob_range(guid, offset, target)?;
    Ok(format!("{:x}", Sha256::digest(target)))
}

/// One hash over the frames of these GUIDs, in this order.
fn digest(store: &FileBlobStore, words: &[&str]) -> Result<String> {
    let mut hasher = Sha256::new();
    let guids: Vec<BlobGuid> = words.iter().map(|word| guid_of(word)).collect();
    for guids in guids.chunks(READ_TOGETHER) {
        let mut frames: Vec<_> = guids
            .iter()
            .map(|_| store.alloc_blob_buf_zeroed())
            .collect();
        for (result, frame) in store.read_blobs(guids, &mut frames).into_iter().zip(&frames) {
            result?;
            hasher.update(frame.as_slice());
        }
    }
    Ok(format!("{:x}", hasher.finalize()))
}

/// One word for each error that a script may expect, with holt's text behind it where there is more to say.
fn word_for(error: &Error) -> String {
    match error {
        Error::NodeCorrupt { context, .. } => format!("corrupt {context}"),
        Error::BlobStoreIo(io) => match io.kind() {
            ErrorKind::NotFound => "missing".to_string(),
            ErrorKind::UnexpectedEof => "short".to_string(),
            ErrorKind::WouldBlock => format!("locked: {error}"),
            _ => format!("error: {error}"),
        },
        other => format!("error: {other}"),
    }
}

fn say(answer: &str) {
    let mut output = io::stdout().lock();
    writeln!(output, "{answer}")
        .and_then(|()| output.flush())
        .expect("somebody who listens");
}
