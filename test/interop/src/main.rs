//! Does to stores what the lines of standard input say, with the crates of commonware, and answers each with a line. A session
//! is from `open` to `close`; `session.rs` has all operations.

mod digest;
mod journal;
mod measure;
mod paged;
mod records;
mod segmented;
mod session;

use commonware_runtime::{Runner, tokio};
use session::Shape;
use std::io::{self, BufRead};

fn main() {
    loop {
        let mut line = String::new();
        if io::stdin()
            .lock()
            .read_line(&mut line)
            .expect("a line of text")
            == 0
        {
            return;
        }
        let words: Vec<&str> = line.trim_end().split(' ').collect();
        assert_eq!(words[0], "open", "a session begins with the store to open");
        let config = tokio::Config::new().with_storage_directory(words[1]);
        let shape = Shape::parse(&words[2..]);
        tokio::Runner::new(config).start(|context| session::run(context, shape));
    }
}
