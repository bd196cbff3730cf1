//! What can go wrong between a campaign and a finding.

use std::io;
use std::path::{Path, PathBuf};

/// Every failure of this crate; variants carry facts, the message says what to try.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A capture cannot be read.
    #[error(transparent)]
    Traffic(#[from] overhear_traffic::Error),
    /// Nothing can be learnt from the table.
    #[error(transparent)]
    Learn(#[from] overhear_learn::Error),
    /// A file or directory cannot be read or written.
    #[error("{}: {source}", path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// There is no campaign here.
    #[error("{}: there is no campaign.toml in it; `overhear synth -o DIR` writes a campaign to look at", path.display())]
    NoCampaign {
        /// The directory.
        path: PathBuf,
    },
    /// A manifest cannot be understood.
    #[error("{}: {what}", path.display())]
    Manifest {
        /// The file.
        path: PathBuf,
        /// Line and reason.
        what: String,
    },
    /// A capture is not the one the manifest was written for.
    #[error(
        "round {round}, {path}: its SHA-256 is {found}, the manifest says {expected}; \
         the capture was altered: restore it, or correct the manifest",
        path = path.display()
    )]
    Altered {
        /// Round, from 1.
        round: usize,
        /// The capture.
        path: PathBuf,
        /// Hash found.
        found: String,
        /// Hash in the manifest.
        expected: String,
    },
    /// A round whose capture is missing.
    #[error("round {round}, {path}: {source}; restore the capture or take the round out of campaign.toml", path = path.display())]
    MissingCapture {
        /// Round, from 1.
        round: usize,
        /// The capture.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// A round without a single packet of the device.
    #[error(
        "round {round}, {path}: no packet of {device} among {frames} frames; \
         `overhear inspect` lists the devices in it",
        path = path.display()
    )]
    NoPackets {
        /// Round, from 1.
        round: usize,
        /// The capture.
        path: PathBuf,
        /// The device looked for.
        device: String,
        /// Frames in the capture.
        frames: u64,
    },
    /// A campaign of one condition only.
    #[error("every round is of the condition {condition:?}; two conditions or more are needed to tell apart")]
    OneCondition {
        /// The only condition.
        condition: String,
    },
    /// An audit has nothing to work on.
    #[error("there is nothing to audit: {what}")]
    Unusable {
        /// Why, and what to do.
        what: String,
    },
    /// A table cannot be read as numbers.
    #[error("{table}: {fault}")]
    Table {
        /// File name.
        table: String,
        /// What is wrong with it.
        fault: crate::table::TableFault,
    },
    /// A build without Parquet was asked for it.
    #[error("{table}: this build reads and writes no Parquet; use CSV, or build with `--features parquet`")]
    NoParquet {
        /// File name.
        table: String,
    },
    /// Generator settings out of range.
    #[error(transparent)]
    Settings(#[from] overhear_traffic::synth::SettingsError),
    /// A report cannot be written.
    #[error(transparent)]
    Report(#[from] crate::report::Error),
    /// A place that holds something else.
    #[error("{}: {what}", path.display())]
    Occupied {
        /// The place.
        path: PathBuf,
        /// What is there and what to do.
        what: &'static str,
    },
    /// The user asked to stop.
    #[error("stopped; nothing was written")]
    Stopped,
}

impl Error {
    /// An input or output error at a path.
    pub fn io(path: &Path) -> impl FnOnce(io::Error) -> Error {
        move |source| Error::Io { path: path.to_owned(), source }
    }
}
