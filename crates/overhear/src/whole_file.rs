//! A write is whole or not at all: written beside, then renamed.

use crate::Error;
use crate::unfinished::Unfinished;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// A file being written. Dropped before [`WholeFile::finish`], it leaves nothing behind.
///
/// What exists and is no regular file (`/dev/null`, a pipe) is written in place.
pub struct WholeFile {
    /// `None` once finished.
    writer: Option<BufWriter<File>>,
    beside: Option<Unfinished>,
    path: PathBuf,
}

impl WholeFile {
    /// Begins a file.
    ///
    /// # Errors
    /// [`Error::Io`] where it cannot be created.
    pub fn create(path: &Path) -> Result<WholeFile, Error> {
        let special = fs::metadata(path).is_ok_and(|found| !found.is_file());
        let (file, beside) = if special {
            (File::options().write(true).open(path).map_err(Error::io(path))?, None)
        } else {
            let beside = Unfinished::new(beside(path));
            (File::create(beside.path()).map_err(Error::io(path))?, Some(beside))
        };
        let writer = Some(BufWriter::with_capacity(256 * 1024, file));
        Ok(WholeFile { writer, beside, path: path.to_owned() })
    }

    /// Its place.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Puts the whole file in its place.
    ///
    /// # Errors
    /// [`Error::Io`] where the rest cannot be written or the file not renamed.
    pub fn finish(mut self) -> Result<(), Error> {
        if let Some(mut writer) = self.writer.take() {
            writer.flush().map_err(Error::io(&self.path))?;
        }
        match self.beside.take() {
            Some(beside) => beside.rename_to(&self.path).map_err(Error::io(&self.path)),
            None => Ok(()),
        }
    }
}

impl Write for WholeFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.writer {
            Some(writer) => writer.write(bytes),
            None => Err(io::Error::from(io::ErrorKind::BrokenPipe)),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer.as_mut().map_or(Ok(()), Write::flush)
    }
}

/// A name in the same directory, so that renaming stays on one file system.
fn beside(path: &Path) -> PathBuf {
    let mut name = std::ffi::OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(format!(".{}.part", std::process::id()));
    path.with_file_name(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dropped_file_leaves_the_old_one_and_nothing_beside() {
        let directory = std::env::temp_dir().join(format!("overhear-whole-file-{}", std::process::id()));
        fs::create_dir_all(&directory).unwrap();
        let path = directory.join("table.csv");
        fs::write(&path, "old").unwrap();
        let mut half = WholeFile::create(&path).unwrap();
        half.write_all(b"half").unwrap();
        drop(half);
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
        let mut whole = WholeFile::create(&path).unwrap();
        whole.write_all(b"new").unwrap();
        whole.finish().unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
        assert_eq!(fs::read_dir(&directory).unwrap().count(), 1);
        fs::remove_dir_all(&directory).unwrap();
    }
}
