//! Does to packed stores what the lines of standard input say, with holt's `FileBlobStore`, and answers each with a line. A session
//! is from `open` to `close` or `drop`; `session.rs` has all operations.

mod frame;
mod measure;
mod session;

use std::io::{self, BufRead};

fn main() {
    let mut lines = io::stdin()
        .lock()
        .lines()
        .map(|line| line.expect("a line of text"));
    while let Some(line) = lines.next() {
        let directory = line
            .strip_prefix("open ")
            .expect("a session begins with the store to open");
        session::run(directory, &mut lines);
    }
}
