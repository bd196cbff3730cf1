//! Puts a report in its place, whole or not at all.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use super::{ReportFile, io, make_directory};
use crate::Error;

/// Names a report's directory may hold for it to be replaced as a whole.
const OURS: [&str; 18] = [
    "report.html",
    "report.json",
    "accuracy.csv",
    "training_time.csv",
    "importance.csv",
    "correlation.csv",
    "statistics.csv",
    "horizons.csv",
    "rounds.csv",
    "figures",
    "gate.json",
    "junit.xml",
    "summary.md",
    "frontier.csv",
    "report.md",
    "training.csv",
    "old",
    "new",
];

/// A directory beside the target; removed when dropped, so that a failure leaves nothing.
struct Beside(PathBuf);

impl Drop for Beside {
    fn drop(&mut self) {
        // Nothing can be done about a failure here, and after a rename there is nothing to remove.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Writes the files beside `directory` and renames them into place.
pub(super) fn put(files: &[ReportFile], directory: &Path) -> Result<(), Error> {
    if directory.exists() && !directory.is_dir() {
        return Err(Error::NotADirectory { path: directory.to_owned() });
    }
    let target = resolved(directory)?;
    let beside = Beside(sibling(&target, "new"));
    // What a killed run left behind under the same name is no report.
    let _ = fs::remove_dir_all(&beside.0);
    for file in files {
        write_file(&beside.0.join(&file.path), &file.content)?;
    }
    if !target.exists() {
        return fs::rename(&beside.0, &target).map_err(io(&target));
    }
    if only_ours(&target)? { swap(&beside.0, &target) } else { merge(files, &beside.0, &target) }
}

/// The real path: a link to a directory is written through, and the sibling must be on the same disk.
fn resolved(directory: &Path) -> Result<PathBuf, Error> {
    if directory.exists() {
        return directory.canonicalize().map_err(io(directory));
    }
    let parent = match directory.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    };
    make_directory(parent)?;
    let parent = parent.canonicalize().map_err(io(parent))?;
    let name = directory.file_name().map_or_else(|| OsString::from("report"), OsString::from);
    Ok(parent.join(name))
}

fn sibling(target: &Path, what: &str) -> PathBuf {
    let mut name = OsString::from(".");
    name.push(target.file_name().unwrap_or(target.as_os_str()));
    name.push(format!(".{what}-{}", std::process::id()));
    target.with_file_name(name)
}

fn write_file(path: &Path, content: &[u8]) -> Result<(), Error> {
    if let Some(parent) = path.parent() {
        make_directory(parent)?;
    }
    let mut file = File::create(path).map_err(io(path))?;
    file.write_all(content).map_err(io(path))?;
    // Renaming before the bytes are on the disk could leave an empty file after a power cut.
    file.sync_all().map_err(io(path))
}

/// Whether a directory is empty or an earlier report without anything else in it.
fn only_ours(directory: &Path) -> Result<bool, Error> {
    let mut is_empty = true;
    for entry in fs::read_dir(directory).map_err(io(directory))? {
        let entry = entry.map_err(io(directory))?;
        is_empty = false;
        let name = entry.file_name();
        if !OURS.iter().any(|ours| name == *ours) {
            return Ok(false);
        }
        if name == "figures" && !only_svg(&entry.path())? {
            return Ok(false);
        }
    }
    Ok(is_empty || directory.join("report.json").is_file())
}

fn only_svg(directory: &Path) -> Result<bool, Error> {
    if !directory.is_dir() {
        return Ok(false);
    }
    for entry in fs::read_dir(directory).map_err(io(directory))? {
        let path = entry.map_err(io(directory))?.path();
        if path.extension().is_none_or(|e| e != "svg") {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Puts the new directory in the old one's place; should that fail, the old one comes back.
fn swap(new: &Path, target: &Path) -> Result<(), Error> {
    let old = Beside(sibling(target, "old"));
    let _ = fs::remove_dir_all(&old.0);
    // The working directory of a shell or a mount point cannot be renamed: then file by file.
    if fs::rename(target, &old.0).is_err() {
        return merge_found(new, target);
    }
    if let Err(source) = fs::rename(new, target) {
        let _ = fs::rename(&old.0, target);
        return Err(Error::ReportIo { path: target.to_owned(), source });
    }
    Ok(())
}

fn merge_found(new: &Path, target: &Path) -> Result<(), Error> {
    let mut files = Vec::new();
    for directory in [new.to_owned(), new.join("figures")] {
        let Ok(entries) = fs::read_dir(&directory) else { continue };
        for entry in entries {
            let path = entry.map_err(io(&directory))?.path();
            if let (true, Ok(inside)) = (path.is_file(), path.strip_prefix(new)) {
                let path = inside.to_string_lossy().into_owned();
                files.push(ReportFile { path, content: Vec::new() });
            }
        }
    }
    merge(&files, new, target)
}

/// Renames file by file; the page goes last, so that it never speaks of files that are not there.
fn merge(files: &[ReportFile], new: &Path, target: &Path) -> Result<(), Error> {
    let (page, others): (Vec<_>, Vec<_>) = files.iter().partition(|f| f.path == "report.html");
    for file in others.into_iter().chain(page) {
        let to = target.join(&file.path);
        if let Some(parent) = to.parent() {
            make_directory(parent)?;
        }
        fs::rename(new.join(&file.path), &to).map_err(io(&to))?;
    }
    Ok(())
}
