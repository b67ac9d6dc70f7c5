//! Checksummed blobs without a journal above them, of which several lie in a partition.

use crate::journal::{Journal, bytes_of};
use commonware_runtime::buffer::paged::{Append, CacheRef};
use commonware_runtime::{Error as RuntimeError, Storage, tokio::Context};
use commonware_storage::journal::Error;
use std::collections::BTreeMap;
use std::num::NonZeroUsize;

type Blob = <Context as Storage>::Blob;

pub struct Paged {
    context: Context,
    partition: String,
    cache: CacheRef,
    write_buffer: usize,
    blobs: BTreeMap<u64, Append<Blob>>,
}

impl Paged {
    pub async fn open(
        context: Context,
        partition: &str,
        cache: CacheRef,
        write_buffer: usize,
    ) -> Result<Self, Error> {
        let names = match context.scan(partition).await {
            Err(RuntimeError::PartitionMissing(_)) => Vec::new(),
            found => found?,
        };
        let partition = partition.to_string();
        let blobs = BTreeMap::new();
        let mut paged = Self {
            context,
            partition,
            cache,
            write_buffer,
            blobs,
        };
        for name in names {
            paged
                .open_blob(u64::from_be_bytes(name.try_into().expect("8 bytes")))
                .await?;
        }
        Ok(paged)
    }

    async fn open_blob(&mut self, section: u64) -> Result<&mut Append<Blob>, Error> {
        if !self.blobs.contains_key(&section) {
            let (blob, size) = self
                .context
                .open(&self.partition, &section.to_be_bytes())
                .await?;
            let blob = Append::new(blob, size, self.write_buffer, self.cache.clone()).await?;
            self.blobs.insert(section, blob);
        }
        Ok(self.blobs.get_mut(&section).expect("it was opened"))
    }
}

impl Journal for Paged {
    type Item = Vec<u8>;
    /// The size behind the item.
    type Place = u64;

    fn parse(text: &str) -> Vec<u8> {
        bytes_of(text)
    }

    fn of(bytes: &[u8]) -> Vec<u8> {
        bytes.to_vec()
    }

    async fn append(&mut self, section: u64, item: &Vec<u8>) -> Result<u64, Error> {
        let blob = self.open_blob(section).await?;
        blob.append(item).await?;
        Ok(blob.size().await)
    }

    async fn sync(&mut self, section: u64) -> Result<(), Error> {
        match self.blobs.get_mut(&section) {
            Some(blob) => Ok(blob.sync().await?),
            None => Ok(()),
        }
    }

    async fn sync_all(&mut self) -> Result<(), Error> {
        for blob in self.blobs.values_mut() {
            blob.sync().await?;
        }
        Ok(())
    }

    async fn prune(&mut self, min: u64) -> Result<bool, Error> {
        let kept = self.blobs.split_off(&min);
        let pruned = std::mem::replace(&mut self.blobs, kept);
        for section in pruned.keys() {
            self.context
                .remove(&self.partition, Some(&section.to_be_bytes()))
                .await?;
        }
        Ok(!pruned.is_empty())
    }

    async fn rewind(&mut self, section: u64, size: u64) -> Result<(), Error> {
        self.rewind_section(section, size).await
    }

    async fn rewind_section(&mut self, section: u64, size: u64) -> Result<(), Error> {
        Ok(self.open_blob(section).await?.resize(size).await?)
    }

    async fn size(&mut self, section: u64) -> Result<u64, Error> {
        match self.blobs.get(&section) {
            Some(blob) => Ok(blob.size().await),
            None => Ok(0),
        }
    }

    /// Each blob is one record.
    async fn visit(
        &mut self,
        _: &[&str],
        _: NonZeroUsize,
        mut found: impl FnMut(u64, u64, &[&[u8]]),
    ) -> Result<(), Error> {
        for (section, blob) in &self.blobs {
            let mut bytes = vec![0; blob.size().await as usize];
            blob.read_into(&mut bytes, 0).await?;
            found(*section, 0, &[&bytes]);
        }
        Ok(())
    }
}
