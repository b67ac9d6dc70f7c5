//! The four journals of commonware-storage.

use crate::journal::{Joined, Journal, array_of, bytes_of};
use crate::records::{Pointer, Raw};
use crate::segmented;
use commonware_runtime::tokio::Context;
use commonware_storage::journal::Error;
use commonware_storage::journal::segmented::oversized::Record;
use commonware_storage::journal::segmented::{fixed, glob, oversized, variable};
use futures::{StreamExt, pin_mut};
use std::num::NonZeroUsize;

pub struct Fixed<const N: usize>(pub fixed::Journal<Context, [u8; N]>);

impl<const N: usize> Journal for Fixed<N> {
    type Item = [u8; N];
    type Place = u64;

    segmented!(0);

    fn parse(text: &str) -> Self::Item {
        array_of(text)
    }

    fn of(bytes: &[u8]) -> Self::Item {
        bytes.try_into().expect("as many bytes")
    }

    async fn append(&mut self, section: u64, item: &Self::Item) -> Result<u64, Error> {
        self.0.append(section, item).await
    }

    async fn visit(
        &mut self,
        _: &[&str],
        buffer: NonZeroUsize,
        mut found: impl FnMut(u64, u64, &[&[u8]]),
    ) -> Result<(), Error> {
        let entries = self.0.replay(0, 0, buffer).await?;
        pin_mut!(entries);
        while let Some(entry) = entries.next().await {
            let (section, position, entry) = entry?;
            found(section, position, &[&entry]);
        }
        Ok(())
    }
}

pub struct Variable(pub variable::Journal<Context, Raw>);

impl Journal for Variable {
    type Item = Raw;
    type Place = Joined<2>;

    segmented!(0);

    fn parse(text: &str) -> Raw {
        Raw(bytes_of(text))
    }

    fn of(bytes: &[u8]) -> Raw {
        Raw(bytes.to_vec())
    }

    async fn append(&mut self, section: u64, item: &Raw) -> Result<Joined<2>, Error> {
        let (offset, size) = self.0.append(section, item).await?;
        Ok(Joined([offset, u64::from(size)]))
    }

    /// The place of an item is its number in its section, which is the same however it is compressed.
    async fn visit(
        &mut self,
        _: &[&str],
        buffer: NonZeroUsize,
        mut found: impl FnMut(u64, u64, &[&[u8]]),
    ) -> Result<(), Error> {
        let items = self.0.replay(0, 0, buffer).await?;
        pin_mut!(items);
        let (mut last, mut position) = (None, 0);
        while let Some(item) = items.next().await {
            let (section, _, _, Raw(item)) = item?;
            position = if last == Some(section) {
                position + 1
            } else {
                0
            };
            last = Some(section);
            found(section, position, &[&item]);
        }
        Ok(())
    }
}

pub struct Glob(pub glob::Glob<Context, Raw>);

impl Journal for Glob {
    type Item = Raw;
    type Place = Joined<2>;

    segmented!(0);

    fn parse(text: &str) -> Raw {
        Raw(bytes_of(text))
    }

    fn of(bytes: &[u8]) -> Raw {
        Raw(bytes.to_vec())
    }

    async fn append(&mut self, section: u64, value: &Raw) -> Result<Joined<2>, Error> {
        let (offset, size) = self.0.append(section, value).await?;
        Ok(Joined([offset, u64::from(size)]))
    }

    /// A place is `section:offset:size`; what is handed over as one is its number.
    async fn visit(
        &mut self,
        places: &[&str],
        _: NonZeroUsize,
        mut found: impl FnMut(u64, u64, &[&[u8]]),
    ) -> Result<(), Error> {
        for (index, place) in places.iter().enumerate() {
            let number = |text: &str| text.parse::<u64>().expect("a number");
            let numbers: Vec<u64> = place.split(':').map(number).collect();
            let (section, offset, size) = (numbers[0], numbers[1], numbers[2] as u32);
            let Raw(value) = self.0.get(section, offset, size).await?;
            found(section, index as u64, &[&value]);
        }
        Ok(())
    }
}

pub struct Oversized<const KEY: usize>(pub oversized::Oversized<Context, Pointer<KEY>, Raw>);

impl<const KEY: usize> Journal for Oversized<KEY> {
    type Item = (Pointer<KEY>, Raw);
    type Place = Joined<3>;

    segmented!(0);

    /// An item is `key:value`.
    fn parse(text: &str) -> Self::Item {
        let (key, value) = text.split_once(':').expect("a key and a value");
        (Pointer::of(array_of(key)), Raw(bytes_of(value)))
    }

    fn of(bytes: &[u8]) -> Self::Item {
        (Pointer::of([0; KEY]), Raw(bytes.to_vec()))
    }

    /// In the key's last bytes, big-endian.
    fn number(item: &mut Self::Item, number: u64) {
        let (entry, _) = item;
        for (byte, digit) in entry.key.iter_mut().rev().zip(number.to_le_bytes()) {
            *byte = digit;
        }
    }

    async fn append(&mut self, section: u64, item: &Self::Item) -> Result<Joined<3>, Error> {
        let (entry, value) = item;
        let (position, offset, size) = self.0.append(section, entry.clone(), value).await?;
        Ok(Joined([position, offset, u64::from(size)]))
    }

    async fn visit(
        &mut self,
        _: &[&str],
        buffer: NonZeroUsize,
        mut found: impl FnMut(u64, u64, &[&[u8]]),
    ) -> Result<(), Error> {
        let entries = self.0.replay(0, 0, buffer).await?;
        pin_mut!(entries);
        while let Some(entry) = entries.next().await {
            let (section, position, entry) = entry?;
            let (offset, size) = entry.value_location();
            let Raw(value) = self.0.get_value(section, offset, size).await?;
            found(section, position, &[&entry.key, &value]);
        }
        Ok(())
    }
}
