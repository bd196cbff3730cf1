//! Files and directories being written beside their place, and their end where the program is interrupted.
//!
//! They are known to the whole process, since what stops it (a signal) knows nothing else of them.

use crate::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard};

static UNFINISHED: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// A path that is removed, with all in it, when this is dropped.
pub(crate) struct Unfinished(PathBuf);

impl Unfinished {
    pub(crate) fn new(path: PathBuf) -> Unfinished {
        known().push(path.clone());
        Unfinished(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// Puts it in its place.
    pub(crate) fn rename_to(self, path: &Path) -> std::io::Result<()> {
        // when it is dropped, nothing stands there any more
        fs::rename(&self.0, path)
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        remove(&self.0);
        known().retain(|path| *path != self.0);
    }
}

/// A directory to fill, beside its place.
pub(crate) fn beside(directory: &Path) -> Result<Unfinished, Error> {
    let name = directory.file_name().unwrap_or_default().to_string_lossy();
    let path = directory.with_file_name(format!(".{name}.{}.part", std::process::id()));
    let beside = Unfinished::new(path);
    fs::create_dir_all(beside.path()).map_err(Error::io(directory))?;
    Ok(beside)
}

/// Removes everything half-written, for a program that ends at once.
///
/// What is written afterwards stays, so nothing but the program's end may follow.
pub fn remove_all() {
    known().drain(..).for_each(|path| remove(&path));
}

fn remove(path: &Path) {
    // nothing can be done about what will not go
    let _ = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
}

fn known() -> MutexGuard<'static, Vec<PathBuf>> {
    // a panic elsewhere leaves the list as it was
    UNFINISHED.lock().unwrap_or_else(|e| e.into_inner())
}
