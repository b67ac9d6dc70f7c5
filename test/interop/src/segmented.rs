//! The four journals of commonware-storage.

use crate::digest::Digest;
use crate::journal::{Journal, array_of, bytes_of};
use crate::records::{Pointer, Raw};
use crate::segmented;
use commonware_runtime::tokio::Context;
use commonware_storage::journal::Error;
use commonware_storage::journal::segmented::{fixed, glob, oversized, variable};
use futures::{StreamExt, pin_mut};
use std::num::NonZeroUsize;

const REPLAY_BUFFER: NonZeroUsize = NonZeroUsize::new(1024).unwrap();

pub struct Fixed<const N: usize>(pub fixed::Journal<Context, [u8; N]>);

impl<const N: usize> Journal for Fixed<N> {
    segmented!(0);

    async fn append(&mut self, section: u64, item: &str) -> Result<String, Error> {
        let position = self.0.append(section, &array_of(item)).await?;
        Ok(position.to_string())
    }

    async fn digest(&mut self, _: &[&str]) -> Result<Digest, Error> {
        let mut digest = Digest::default();
        let entries = self.0.replay(0, 0, REPLAY_BUFFER).await?;
        pin_mut!(entries);
        while let Some(found) = entries.next().await {
            let (section, position, entry) = found?;
            digest.add(section, position, &[&entry]);
        }
        Ok(digest)
    }
}

pub struct Variable(pub variable::Journal<Context, Raw>);

impl Journal for Variable {
    segmented!(0);

    async fn append(&mut self, section: u64, item: &str) -> Result<String, Error> {
        let (offset, size) = self.0.append(section, &Raw(bytes_of(item))).await?;
        Ok(format!("{offset}:{size}"))
    }

    async fn digest(&mut self, _: &[&str]) -> Result<Digest, Error> {
        let mut digest = Digest::default();
        let items = self.0.replay(0, 0, REPLAY_BUFFER).await?;
        pin_mut!(items);
        let (mut last, mut position) = (None, 0);
        while let Some(found) = items.next().await {
            let (section, _, _, Raw(item)) = found?;
            position = if last == Some(section) {
                position + 1
            } else {
                0
            };
            last = Some(section);
            digest.add(section, position, &[&item]);
        }
        Ok(digest)
    }
}

pub struct Glob(pub glob::Glob<Context, Raw>);

impl Journal for Glob {
    segmented!(0);

    async fn append(&mut self, section: u64, item: &str) -> Result<String, Error> {
        let (offset, size) = self.0.append(section, &Raw(bytes_of(item))).await?;
        Ok(format!("{offset}:{size}"))
    }

    /// A place is `section:offset:size`.
    async fn digest(&mut self, places: &[&str]) -> Result<Digest, Error> {
        let mut digest = Digest::default();
        for (position, place) in places.iter().enumerate() {
            let numbers: Vec<u64> = place
                .split(':')
                .map(|text| text.parse().expect("a number"))
                .collect();
            let Raw(value) = self
                .0
                .get(numbers[0], numbers[1], numbers[2] as u32)
                .await?;
            digest.add(numbers[0], position as u64, &[&value]);
        }
        Ok(digest)
    }
}

pub struct Oversized<const KEY: usize>(pub oversized::Oversized<Context, Pointer<KEY>, Raw>);

impl<const KEY: usize> Journal for Oversized<KEY> {
    segmented!(0);

    /// An item is `key:value`.
    async fn append(&mut self, section: u64, item: &str) -> Result<String, Error> {
        let (key, value) = item.split_once(':').expect("a key and a value");
        let entry = Pointer::of(array_of(key));
        let (position, offset, size) = self.0.append(section, entry, &Raw(bytes_of(value))).await?;
        Ok(format!("{position}:{offset}:{size}"))
    }

    async fn digest(&mut self, _: &[&str]) -> Result<Digest, Error> {
        use commonware_storage::journal::segmented::oversized::Record;
        let mut digest = Digest::default();
        let entries = self.0.replay(0, 0, REPLAY_BUFFER).await?;
        pin_mut!(entries);
        while let Some(found) = entries.next().await {
            let (section, position, entry) = found?;
            let (offset, size) = entry.value_location();
            let Raw(value) = self.0.get_value(section, offset, size).await?;
            digest.add(section, position, &[&entry.key, &value]);
        }
        Ok(digest)
    }
}
