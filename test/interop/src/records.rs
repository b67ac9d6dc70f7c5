//! What the journals of the scripts hold: bytes as they are, and entries that point at a value.

use bytes::{Buf, BufMut};
use commonware_codec::{EncodeSize, Error, FixedSize, Read, ReadExt, Write};
use commonware_storage::journal::segmented::oversized::Record;

/// Bytes without a length before them: whoever decodes them knows where they end.
pub struct Raw(pub Vec<u8>);

impl Write for Raw {
    fn write(&self, buf: &mut impl BufMut) {
        buf.put_slice(&self.0);
    }
}

impl EncodeSize for Raw {
    fn encode_size(&self) -> usize {
        self.0.len()
    }
}

impl Read for Raw {
    type Cfg = ();

    fn read_cfg(buf: &mut impl Buf, _: &()) -> Result<Self, Error> {
        let mut bytes = vec![0; buf.remaining()];
        buf.copy_to_slice(&mut bytes);
        Ok(Self(bytes))
    }
}

/// A key, then where the key's value lies: the offset in 8 bytes, the size in 4.
#[derive(Clone)]
pub struct Pointer<const KEY: usize> {
    pub key: [u8; KEY],
    offset: u64,
    size: u32,
}

impl<const KEY: usize> Pointer<KEY> {
    pub fn of(key: [u8; KEY]) -> Self {
        let (offset, size) = (0, 0);
        Self { key, offset, size }
    }
}

impl<const KEY: usize> Write for Pointer<KEY> {
    fn write(&self, buf: &mut impl BufMut) {
        buf.put_slice(&self.key);
        self.offset.write(buf);
        self.size.write(buf);
    }
}

impl<const KEY: usize> Read for Pointer<KEY> {
    type Cfg = ();

    fn read_cfg(buf: &mut impl Buf, _: &()) -> Result<Self, Error> {
        Ok(Self {
            key: <[u8; KEY]>::read(buf)?,
            offset: u64::read(buf)?,
            size: u32::read(buf)?,
        })
    }
}

impl<const KEY: usize> FixedSize for Pointer<KEY> {
    const SIZE: usize = KEY + u64::SIZE + u32::SIZE;
}

impl<const KEY: usize> Record for Pointer<KEY> {
    fn value_location(&self) -> (u64, u32) {
        (self.offset, self.size)
    }

    fn with_location(self, offset: u64, size: u32) -> Self {
        Self {
            offset,
            size,
            ..self
        }
    }
}
