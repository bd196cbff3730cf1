//! What stands in the place of the decompressors where the feature `compression` is off.

use std::convert::Infallible;
use std::io::{self, BufRead, Read};
use std::marker::PhantomData;

/// Of no compressed stream.
pub(super) struct Frames<R>(Infallible, PhantomData<R>);

impl<R: BufRead> Frames<R> {
    pub(super) fn of(_stream: R) -> io::Result<Frames<R>> {
        let what = "it is compressed, and this program was built without the feature \"compression\"";
        Err(io::Error::new(io::ErrorKind::Unsupported, what))
    }
}

impl<R> Read for Frames<R> {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        match self.0 {}
    }
}
